import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';

const policies = '/api/security/ipsec/policies';
const patience = { timeout: 4_000 };
const ppk = { identity: 'quantum', shared_key: 'a key for the day after tomorrow' };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.request('PATCH', '/api/security/ipsec', { enabled: true });
});
beforeEach(async () => {
  await server.request('DELETE', `${policies}?name=*`);
});
afterAll(() => server.close());

/** Creates a policy and gives its path. */
async function created(over: object = {}): Promise<string> {
  const { status, headers, body } = await server.request('POST', policies, { ...goodPolicy, ...over });
  expect({ status, body }).toEqual({ status: 201, body: {} });
  return headers['location'] ?? '';
}

async function shown(url: string): Promise<Record<string, unknown>> {
  return (await server.request('GET', `${url}?fields=*`)).body;
}

describe('a post-quantum key', () => {
  it('is taken with its identity, and only the identity is shown and found', async () => {
    const { status, body, text } = await server.request('POST', `${policies}?return_records=true`, {
      ...goodPolicy,
      ppk,
    });
    expect(status).toBe(201);
    expect(body.records[0].ppk).toEqual({ identity: 'quantum' });
    expect(text).not.toContain(ppk.shared_key);
    await created({ name: 'other', remote_endpoint: { address: '192.0.2.9', netmask: '32' } });
    const found = await server.request('GET', `${policies}?ppk.identity=quan*`);
    expect(found.body.records).toMatchObject([{ name: 'nfs', ppk: { identity: 'quantum' } }]);
    const without = await server.request('GET', `${policies}?ppk.identity=null&fields=ppk`);
    expect(without.body.records).toMatchObject([{ name: 'other' }]);
    expect(without.body.records[0]).not.toHaveProperty('ppk');
  });

  it.each(['fields=ppk.shared_key', 'ppk.shared_key=x', 'order_by=ppk.shared_key'])(
    'cannot be got at by %s',
    async (query) => {
      await created({ ppk });
      const { status, text } = await server.request('GET', `${policies}?${query}`);
      expect(status).toBe(400);
      expect(text).not.toContain(ppk.shared_key);
    },
  );

  it('is nowhere in the data directory or the log', async () => {
    await created({ ppk });
    for (const file of ['store.db', 'store.db-wal']) {
      const bytes = await readFile(join(server.directory, file), 'latin1').catch((error) => {
        if (error.code !== 'ENOENT') throw error;
        return '';
      });
      expect(bytes.includes(ppk.shared_key)).toBe(false);
    }
    expect(server.log.some((line) => line.includes(ppk.shared_key))).toBe(false);
  });

  it('is exchanged whole, kept by other changes, and taken away by null', async () => {
    const url = await created({ ppk });
    const key = () => {
      const [policy] = [...server.parts.desired.snapshot().policies.values()];
      const authentication = policy?.value.authentication;
      return authentication?.kind === 'psk' ? authentication.postquantumKey : undefined;
    };
    const first = key();
    await server.request('PATCH', url, { protocol: 'udp' });
    expect(key()).toEqual(first);
    expect(await server.request('PATCH', url, { ppk: { ...ppk, identity: 'another' } })).toMatchObject({
      status: 200,
    });
    expect(await shown(url)).toMatchObject({ ppk: { identity: 'another' } });
    await server.request('PATCH', url, { ppk: { ...ppk, shared_key: 'another key for that other day' } });
    expect(key()?.key.fingerprint).not.toBe(first?.key.fingerprint);
    expect(await server.request('PATCH', url, { ppk: null })).toMatchObject({ status: 200 });
    expect(await shown(url)).not.toHaveProperty('ppk');
    expect(await server.request('PATCH', url, { 'ppk.identity': null })).toMatchObject({ status: 200 });
  });

  it.each([
    [{ ppk: { identity: 'another' } }, '66257153', 'ppk.identity'],
    [{ 'ppk.shared_key': ppk.shared_key }, '66257154', 'ppk.shared_key'],
    [{ ppk: { identity: null, shared_key: ppk.shared_key } }, '66257154', 'ppk.shared_key'],
    [{ ppk: { identity: 'another', shared_key: null } }, '66257153', 'ppk.identity'],
    [{ ppk: { identity: 'short', shared_key: ppk.shared_key } }, '262185', 'ppk.identity'],
    [{ ppk: { identity: 'another', shared_key: '0xodd' } }, '66257200', 'ppk.shared_key'],
    [{ ppk: ['quantum'] }, '262255', 'ppk'],
  ])('stays as it is when a PATCH says %j', async (change, code, target) => {
    const url = await created({ ppk });
    const { status, body } = await server.request('PATCH', url, change);
    expect({ status, error: body.error }).toMatchObject({ status: 400, error: { code, target } });
    expect(await shown(url)).toMatchObject({ ppk: { identity: 'quantum' } });
  });

  it.each(['bypass', 'discard'])('is ignored with %s, and gone when a policy becomes it', async (action) => {
    const url = await created({ action, ppk: { identity: 'alone' } });
    expect(await shown(url)).not.toHaveProperty('ppk');
    await server.request('DELETE', url);
    const protecting = await created({ ppk });
    expect((await server.request('PATCH', protecting, { action })).status).toBe(200);
    expect(await shown(protecting)).not.toHaveProperty('ppk');
  });

  it('makes another IKE SA when it changes', async () => {
    // A name of its own, because SAs of a policy that is gone may still be seen for a moment.
    const url = await created({ name: 'changed', ppk });
    const spis = async () => {
      const sas = '/api/security/ipsec/security-associations?type=ike&policy_name=changed&fields=ike';
      return (await server.request('GET', sas)).body.records.map(
        ({ ike }: { ike: Record<string, unknown> }) => ike['initiator_security_parameter_index'],
      );
    };
    await expect.poll(spis, patience).toHaveLength(1);
    const before = await spis();
    await server.request('PATCH', url, { ppk: { ...ppk, identity: 'another' } });
    await expect
      .poll(async () => (await spis()).filter((spi: string) => !before.includes(spi)), patience)
      .toHaveLength(1);
  });

  it('is what the other end needs to know of, by its identity', async () => {
    await created({ ppk });
    const packet =
      'local_address=192.0.2.1&remote_address=192.0.2.2&protocol=tcp&local_port=1024&remote_port=2049';
    const { body } = await server.request('GET', `/api/esplanade/v1/decisions?${packet}&fields=peer`);
    const [decided] = body.records.filter(({ peer }: { peer?: object }) => peer !== undefined);
    expect(decided.peer).toMatchObject({ authentication_method: 'psk', ppk: { identity: 'quantum' } });
  });
});

describe('where post-quantum keys and certificates cannot be', () => {
  it('releases before them do not know their fields', async () => {
    const old = await startTestServer('--ontap-version', '9.16.1');
    const { body } = await old.request('POST', policies, { ...goodPolicy, ppk });
    expect(body.error).toMatchObject({ code: '262179', target: 'ppk' });
    const { body: read } = await old.request('GET', `${policies}?fields=ppk`);
    expect(read.error).toMatchObject({ code: '262197', target: 'fields' });
    await old.close();
  });

  it.each([
    '192.0.2.1',
    'fd00:9::1',
    'C=CH, CN=quantum',
    '@quantum',
    'fqdn:quantum',
    '*.quantum',
    'Anything',
  ])(
    'cannot have the identity %j, of which strongSwan or people would make something else',
    async (identity) => {
      const { status, body } = await server.request('POST', policies, {
        ...goodPolicy,
        ppk: { ...ppk, identity },
      });
      expect({ status, error: body.error }).toMatchObject({
        status: 400,
        error: { code: '262185', target: 'ppk.identity' },
      });
    },
  );

  it('strongSwan carries out the post-quantum key too, so it is taken while charon is away', async () => {
    const real = await startTestServer(
      '--datapath',
      'strongswan',
      '--vici',
      'Default=/nonexistent/esplanade',
    );
    const { status } = await real.request('POST', policies, { ...goodPolicy, ppk });
    expect(status).toBe(201);
    expect((await real.request('GET', `${policies}?ppk.identity=quantum`)).body.num_records).toBe(1);
    await real.close();
  });
});
