import { afterAll, beforeAll, expect, it } from 'vitest';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.request('PATCH', '/api/security/ipsec', { enabled: true });
});
afterAll(() => server.close());

async function created(over: object): Promise<string> {
  const { headers } = await server.request('POST', '/api/security/ipsec/policies', {
    ...goodPolicy,
    ...over,
  });
  return `/api/esplanade/v1/policies/${headers['location']?.split('/').at(-1)}`;
}

it('a policy that protects has totals, of which a listing has no more than asked for', async () => {
  const policy = await created({ name: 'nfs' });
  const traffic = async () => (await server.request('GET', policy)).body.traffic;
  await expect.poll(async () => (await traffic())?.since).toBeDefined();
  const { since, _links: _, ...totals } = await traffic();
  expect(new Date(since).getTime()).toBeGreaterThanOrEqual(server.parts.startedAtMs);
  const counters = { bytes: expect.any(Number), packets: expect.any(Number) };
  expect(totals).toEqual({ inbound: counters, outbound: counters });
  const { body } = await server.request('GET', '/api/esplanade/v1/policies?name=nfs');
  expect(body.records[0]).not.toHaveProperty('traffic');
});

it('totals come with a link to the SAs they are of, whatever the policy is called', async () => {
  const name = 'a|b* "x}"';
  const remote = { ...goodPolicy.remote_endpoint, port: 111 };
  const policy = await created({ name, remote_endpoint: remote });
  await created({ name: 'b', remote_endpoint: { ...remote, port: 112 } });
  const href = async () => (await server.request('GET', policy)).body.traffic?._links.self.href;
  await expect.poll(href).toBeDefined();
  const url = await href();
  const sas = async () => (await server.request('GET', url)).body.records;
  await expect.poll(async () => (await sas()).length).toBe(1);
  expect((await sas())[0]).toMatchObject({ type: 'ipsec', policy_name: name });
});

it('totals grow, also while the SAs are changed for others', async () => {
  const policy = await created({
    name: 'smb',
    remote_endpoint: { ...goodPolicy.remote_endpoint, port: 445 },
  });
  const packets = async (): Promise<number> =>
    (await server.request('GET', `${policy}?fields=traffic`)).body.traffic?.outbound.packets ?? 0;
  await expect.poll(packets, { timeout: 10_000 }).toBeGreaterThan(0);
  const before = await packets();
  const change = { cipher_suite: 'suite_aescbc' };
  await server.request('PATCH', '/api/private/cli/security/ipsec/policy?name=smb', change);
  expect(await packets()).toBeGreaterThanOrEqual(before);
  await expect.poll(packets, { timeout: 10_000 }).toBeGreaterThan(before);
});

it('a policy that protects nothing has none', async () => {
  const policy = await created({ name: 'no-telnet', action: 'discard', protocol: 'udp' });
  expect((await server.request('GET', `${policy}?fields=*`)).body).not.toHaveProperty('traffic');
});
