import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer('--ontap-version', '9.16.1', '--node-name', 'node7');
});
afterAll(() => server.close());

describe('bad input', () => {
  const strange = [null, '', -1, 1e300, [], { x: 1 }, 'x'.repeat(70_000), '\u0000', '\ud800'];
  const names = ['name', 'comment', 'svm', 'svm.name', 'svm.uuid', 'ipspace', 'ipspace.name', 'ipspace.uuid'];
  const others = [
    'scope',
    'ip',
    'ip.address',
    'ip.netmask',
    'enabled',
    '__proto__',
    'constructor',
    'records',
  ];

  it.each(['/api/svm/svms', '/api/network/ipspaces', '/api/network/ip/interfaces'])(
    'is refused by %s, and nothing of it stays',
    async (path) => {
      const before = (await server.request('GET', `${path}?fields=*`)).body.records;
      for (const name of [...names, ...others])
        for (const value of strange) {
          const body = `{"name": "strange", "ip": {"address": "192.0.2.250"}, ${JSON.stringify(name)}: ${JSON.stringify(value)}}`;
          const made = await server.request('POST', path, body);
          expect([201, 400, 404]).toContain(made.status);
          if (made.status === 201 && made.headers['location'] !== undefined)
            expect((await server.request('DELETE', made.headers['location'])).status).toBe(200);
          const changed = await server.request(
            'PATCH',
            `${path}/none`,
            `{${JSON.stringify(name)}: ${JSON.stringify(value)}}`,
          );
          expect([400, 404, 405]).toContain(changed.status);
          const found = await server.request(
            'GET',
            `${path}?${encodeURIComponent(name)}=${encodeURIComponent(String(value).slice(0, 200).toWellFormed())}`,
          );
          expect([200, 400]).toContain(found.status);
        }
      expect((await server.request('GET', `${path}?fields=*`)).body.records).toEqual(before);
    },
  );
});
