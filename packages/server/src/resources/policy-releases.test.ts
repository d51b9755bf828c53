import { afterAll, describe, expect, it } from 'vitest';
import type { OntapRelease } from '../config.ts';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';

const policies = '/api/security/ipsec/policies';

const servers = new Map<string, Promise<TestServer>>();
afterAll(async () => {
  for (const server of servers.values()) await (await server).close();
});

/** A server that emulates the release and has the good policy. */
function emulated(release: OntapRelease): Promise<TestServer> {
  const running = servers.get(release) ?? withPolicy(release);
  servers.set(release, running);
  return running;
}

async function withPolicy(release: OntapRelease): Promise<TestServer> {
  const server = await startTestServer('--ontap-version', release);
  expect((await server.request('POST', policies, goodPolicy)).status).toBe(201);
  return server;
}

/** What is sent over a good policy of another name, and the code of each release from that one on. */
const table: readonly (readonly [object, Partial<Record<OntapRelease, string>>])[] = [
  [{ name: 'nfs' }, { '9.8': '66257103', '9.9.1': '66257104', '9.18.1': '66257104' }],
  [{ secret_key: undefined }, { '9.8': '66257111', '9.15.1': '66257111', '9.16.1': '66257144' }],
  [
    { authentication_method: 'psk', secret_key: undefined },
    { '9.10.1': '66257111', '9.11.1': '66257133', '9.18.1': '66257133' },
  ],
  [
    { authentication_method: 'pki', secret_key: undefined, remote_identity: 'x' },
    { '9.10.1': '262278', '9.11.1': '66257134' },
  ],
  [{ name: '' }, { '9.8': '262197', '9.16.1': '66257148' }],
  [{ secret_key: 'short' }, { '9.8': '262197', '9.16.1': '66257200' }],
  [{ secret_key: '0xnothexadecimalatall' }, { '9.8': '66257107', '9.18.1': '66257107' }],
  [{ 'svm.name': 'nobody' }, { '9.8': '2621462', '9.16.1': '66257202' }],
  [
    { 'ipspace.name': 'Default', 'ipspace.uuid': 'x' },
    { '9.9.1': '262197', '9.18.1': '262197' },
  ],
  [{ remote_endpoint: undefined }, { '9.8': '262278', '9.16.1': '66257143' }],
  [
    { remote_endpoint: { ...goodPolicy.remote_endpoint, port: '65536' } },
    { '9.8': '262197', '9.10.1': '66257132' },
  ],
  [{ protocol: '6-17' }, { '9.8': '66257099', '9.18.1': '66257099' }],
];

const rows = table.flatMap(([over, codes]) =>
  Object.entries(codes).map(([release, code]) => [release as OntapRelease, over, code] as const),
);

describe('the code of an error', () => {
  it.each(rows)('in %s for %j is %s', async (release, over, code) => {
    const server = await emulated(release);
    const { status, body } = await server.request('POST', policies, { ...goodPolicy, name: 'n', ...over });
    expect(status).toBe(code === '66257103' || code === '66257104' ? 409 : 400);
    expect(body.error.code).toBe(code);
    expect(body.error.message).toMatch(/\S \S/);
  });

  it('of an unknown policy is 4 from 9.14.1 on', async () => {
    for (const [release, code] of [
      ['9.8', '66257116'],
      ['9.14.1', '4'],
    ] as const) {
      const { status, body } = await (await emulated(release)).request('GET', `${policies}/unknown`);
      expect({ status, code: body.error.code }).toEqual({ status: 404, code });
    }
  });
});
