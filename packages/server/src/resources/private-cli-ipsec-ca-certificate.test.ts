import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const cli = '/api/private/cli/security/ipsec/ca-certificate';
const plain = { accept: 'application/json' };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await trust('coast', { svm: { name: 'svm1' } });
  await trust('bay', { svm: { name: 'svm1' } });
  await trust('everywhere', {});
});
afterAll(() => server.close());

async function trust(name: string, owner: object): Promise<void> {
  const ca = { name, type: 'root_ca', common_name: name, ...owner };
  const { headers } = await server.request('POST', '/api/security/certificates', ca);
  const uuid = headers['location']?.split('/').at(-1);
  const body = { certificate: { uuid }, ...owner };
  expect((await server.request('POST', '/api/security/ipsec/ca-certificates', body)).status).toBe(201);
}

it('security ipsec ca-certificate show tells of each SVM and of the cluster', async () => {
  const { name } = server.parts.desired.snapshot().cluster;
  const { body } = await server.request('GET', `${cli}?fields=ca-certs&order_by=ca_certs`, undefined, plain);
  expect(body.records).toEqual([
    { vserver: 'svm1', ca_certs: ['bay', 'coast'] },
    { vserver: name, ca_certs: ['everywhere'] },
  ]);
  const found = await server.request('GET', `${cli}?ca-certs=coast`, undefined, plain);
  expect(found.body.records).toMatchObject([{ vserver: 'svm1' }]);
});

it('an SVM is told of its own, and only told', async () => {
  const tunnelled = { ...plain, 'x-dot-svm-name': 'svm1' };
  const { body } = await server.request('GET', cli, undefined, tunnelled);
  expect(body.records).toEqual([{ vserver: 'svm1' }]);
  const { headers } = await server.request('OPTIONS', cli);
  expect(headers['allow']).toBe('GET, HEAD, OPTIONS');
});

it('releases without IPsec certificates do not know it', async () => {
  const old = await startTestServer('--ontap-version', '9.9.1');
  expect((await old.request('GET', cli)).status).toBe(404);
  await old.close();
});
