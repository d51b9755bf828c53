import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';

/**
 * charon turns what the kernel's selectors cannot hold into something wider without a word: a range of ports into the
 * enclosing mask, a range of addresses into the enclosing subnet. So nothing of the kind may get past the API.
 */
const policies = '/api/security/ipsec/policies';
const sides = ['local', 'remote'] as const;

const ports = [
  ['1000-1003', '66257115'],
  ['2049-2050', '66257115'],
  ['1-65535', '66257115'],
  ['0-65535', '66257115'],
  ['2050-2049', '66257115'],
  ['0-1', '66257115'],
] as const;

const addresses = [
  '192.0.2.1-192.0.2.9',
  '192.0.2.0-192.0.2.255',
  '192.0.2.1,192.0.2.3',
  '192.0.2.1 192.0.2.3',
  '2001:db8::1-2001:db8::9',
] as const;

const netmasks = ['255.0.255.0', '255.255.255.1', '0.0.0.255', '24-32', '24,32'] as const;

const protocols = [
  ['6-17', '66257099'],
  ['tcp,udp', '66257099'],
  ['0-255', '66257099'],
] as const;

let server: TestServer;
let existing: string;
beforeAll(async () => {
  server = await startTestServer();
  const { headers } = await server.request('POST', policies, { ...goodPolicy, name: 'existing' });
  existing = headers['location'] ?? '';
});
afterAll(() => server.close());

interface Refusal {
  readonly body: Readonly<Record<string, unknown>>;
  readonly target: string;
  readonly code: string;
}

const refusals: readonly Refusal[] = [
  ...sides.flatMap((side) => [
    ...ports.map(([port, code]) => refusal(side, 'port', port, code)),
    ...addresses.map((text) => refusal(side, 'address', text, side === 'local' ? '66257113' : '66257114')),
    ...netmasks.map((text) => refusal(side, 'netmask', text, '262185')),
  ]),
  ...protocols.map(([protocol, code]) => ({ body: { protocol }, target: 'protocol', code })),
];

function refusal(side: 'local' | 'remote', field: string, value: string, code: string): Refusal {
  const endpoint = `${side}_endpoint` as const;
  const body = { [endpoint]: { ...goodPolicy[endpoint], [field]: value } };
  return { body, target: `${endpoint}.${field}`, code };
}

describe('what charon would silently widen', () => {
  it.each(refusals)('is no new policy: $body', async ({ body, target, code }) => {
    const answer = await server.request('POST', policies, { ...goodPolicy, name: 'new', ...body });
    expect({ status: answer.status, ...answer.body.error }).toMatchObject({ status: 400, code, target });
  });

  it.each(refusals)('cannot be written over a policy: $body', async ({ body, target, code }) => {
    const before = await server.request('GET', existing);
    const answer = await server.request('PATCH', existing, body);
    expect({ status: answer.status, ...answer.body.error }).toMatchObject({ status: 400, code, target });
    expect((await server.request('GET', existing)).body).toEqual(before.body);
  });

  it('leaves no policy behind', async () => {
    const { body } = await server.request('GET', policies);
    expect(body.records.map(({ name }: { readonly name: string }) => name)).toEqual(['existing']);
  });

  it('is not a range of one port', async () => {
    const remote_endpoint = { ...goodPolicy.remote_endpoint, port: '2049-2049' };
    const { status } = await server.request('PATCH', existing, { protocol: 'tcp', remote_endpoint });
    expect(status).toBe(200);
    const { body } = await server.request('GET', `${existing}?fields=remote_endpoint.port`);
    expect(body.remote_endpoint.port).toBe('2049-2049');
  });
});
