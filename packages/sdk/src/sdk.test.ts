import { startTestServer, type TestServer, testPassword } from '@esplanade/server/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Api,
  ConflictError,
  connect,
  InvalidRequestError,
  NotFoundError,
  PreconditionFailedError,
  type Transport,
  UnauthorizedError,
} from './index.ts';

const endpoint = { address: '192.0.2.1', netmask: '32' };
const bypass = { action: 'bypass', local_endpoint: endpoint, protocol: 'tcp' } as const;
const odd = ['a|b', 'c*', '!d', '"e"}', 'f, g', 'null', '1..2', '..', '?&=#%2f+'];

/** Straight into a server of this process. */
function transportTo(server: TestServer): Transport {
  return async ({ method, url, headers, body }) => {
    const answer = await server.request(method, `${url.pathname}${url.search}`, body, headers);
    return { status: answer.status, header: (name) => answer.headers[name], text: answer.text };
  };
}

const unaltered = (transport: Transport): Transport => transport;

/** As a server that has nothing of ours: no extensions, no tags, no time of observation. */
function withoutOurs(transport: Transport): Transport {
  return async (request) => {
    if (request.url.pathname.includes('/esplanade/')) throw new Error('an ONTAP has no extensions');
    if (request.headers['if-match'] !== undefined) throw new Error('an ONTAP knows no If-Match');
    const { status, text } = await transport(request);
    const body = text === '' ? {} : JSON.parse(text);
    const { observed_at: _, ...members } = body;
    return { status, header: () => undefined, text: JSON.stringify(members) };
  };
}

describe.each([
  ['Esplanade', undefined, unaltered],
  ['Esplanade as 9.10.1', '9.10.1', unaltered],
  ['Esplanade as 9.8', '9.8', unaltered],
  ['a server that has nothing of ours', undefined, withoutOurs],
] as const)('against %s', (_, release, altered) => {
  let server: TestServer;
  let api: Api;

  beforeAll(async () => {
    server = await startTestServer(...(release === undefined ? [] : ['--ontap-version', release]));
    const transport = altered(transportTo(server));
    api = connect({ url: 'https://cluster1', user: 'admin', password: testPassword, transport });
  });
  afterAll(() => server.close());

  const create = (name: string, remote: string) =>
    api
      .collection('/security/ipsec/policies')
      .create({ ...bypass, name, remote_endpoint: { address: remote, netmask: '32' } });

  it('a record is created, read, changed and deleted', async () => {
    const policies = api.collection('/security/ipsec/policies');
    const made = await create('one', '198.51.100.1');
    expect(made).toMatchObject({ name: 'one', action: 'bypass', enabled: true });
    await policies.modify(made.uuid, { enabled: false });
    expect(await policies.get(made.uuid)).toMatchObject({ ...made, enabled: false });
    await policies.delete(made.uuid);
    await expect(policies.get(made.uuid)).rejects.toThrow(NotFoundError);
  });

  it('every name is found by itself, and no other by it', async () => {
    const policies = api.collection('/security/ipsec/policies');
    for (const [index, name] of odd.entries()) await create(name, `198.51.100.${10 + index}`);
    for (const name of odd) {
      const found = await policies.where('name', '=', name).toArray();
      expect(found.map((policy) => policy.name)).toEqual([name]);
    }
    expect(await policies.where('name', 'in', odd.slice(0, 3)).count()).toBe(3);
    expect(await policies.where('name', 'like', 'a|*').count()).toBe(1);
    const sorted = await policies.where('enabled', '=', true).orderBy('name', 'desc').pageSize(2).toArray();
    expect(sorted.map(({ name, enabled }) => [name, enabled])).toEqual(
      odd.toSorted((a, b) => (a < b ? 1 : -1)).map((name) => [name, true]),
    );
    const some = await policies.where('name', '=', 'c*').fields('remote_endpoint.address').first();
    expect(some?.remote_endpoint.address).toBe('198.51.100.11');
    expect(some?.remote_endpoint).not.toHaveProperty('netmask');
  });

  it('what a query selects is changed and deleted, however many requests that takes', async () => {
    const policies = api.collection('/security/ipsec/policies');
    const all = policies.where('name', '!=', 'nobody');
    expect(await all.pageSize(2).modify({ enabled: false })).toBe(odd.length);
    expect(await policies.where('enabled', '=', false).count()).toBe(odd.length);
    expect(await all.delete()).toBe(odd.length);
    expect(await policies.toArray()).toEqual([]);
    expect(await all.delete()).toBe(0);
  });

  it('refusals have their classes, codes and targets', async () => {
    const { uuid } = await create('one', '198.51.100.1');
    await expect(create('one', '198.51.100.2')).rejects.toThrow(ConflictError);
    const invalid = create('two', '198.51.100.300');
    await expect(invalid).rejects.toThrow(InvalidRequestError);
    await expect(invalid).rejects.toMatchObject({ target: 'remote_endpoint.address', code: /^\d+$/ });
    const wrong = connect({
      url: 'https://cluster1',
      user: 'admin',
      password: 'no',
      transport: transportTo(server),
    });
    await expect(wrong.record('/cluster').get()).rejects.toThrow(UnauthorizedError);
    await api.collection('/security/ipsec/policies').delete(uuid);
  });

  it('single records, tables of the private CLI and waiting work as well', async () => {
    await api.record('/security/ipsec').modify({ enabled: true });
    expect(await api.record('/security/ipsec').get()).toMatchObject({ enabled: true });
    const table = api.collection('/private/cli/security/ipsec/policy');
    const body = {
      vserver: 'svm1',
      name: 'nfs',
      local_ip_subnets: ['192.0.2.1/32'],
      shared_key: 'k'.repeat(18),
    };
    await table.create({ ...body, remote_ip_subnets: ['198.51.100.1/32'] });
    const listed = table.where('name', '=', 'nfs').fields('action');
    expect(await listed.toArray()).toMatchObject([{ vserver: 'svm1', name: 'nfs', action: 'esp_tra' }]);
    const sas = api.collection('/security/ipsec/security-associations').where('policy_name', '=', 'nfs');
    const [ike] = await sas
      .where('type', '=', 'ike')
      .fields('ike')
      .until(({ length }) => length > 0, {
        everyMs: 20,
        signal: AbortSignal.timeout(20_000),
      });
    expect(ike?.ike?.state).toBe('established');
    expect(await table.where('vserver', '=', 'svm1').where('name', '=', 'nfs').delete()).toBe(1);
  });

  it('records whose path has several keys, and collections within them', async () => {
    const roles = api.collection('/security/roles');
    const privilege = { path: '/api/security/ipsec', access: 'readonly' };
    const role = await roles.create({ name: 'watcher', privileges: [privilege] });
    const key = [String(role.owner.uuid), role.name] as const;
    const privileges = api.collection('/security/roles/{owner.uuid}/{name}/privileges', ...key);
    await privileges.modify(privilege.path, { access: 'all' });
    expect(await privileges.where('path', 'like', '*/ipsec').fields('access').first()).toMatchObject({
      access: 'all',
    });
    await roles.delete(key);
    await expect(roles.get(...key)).rejects.toThrow(NotFoundError);
  });
});

describe('against Esplanade alone', () => {
  let server: TestServer;
  let api: Api;

  beforeAll(async () => {
    server = await startTestServer();
    api = connect({
      url: 'https://c',
      user: 'admin',
      password: testPassword,
      transport: transportTo(server),
    });
  });
  afterAll(() => server.close());

  it('a change can be held to the version that was read', async () => {
    const svms = api.collection('/svm/svms');
    const { uuid } = await svms.create({ name: 'svm2' });
    const { record, tag } = await svms.getTagged(uuid);
    await svms.modify(uuid, { comment: `was ${record.name}` }, { ifMatch: tag });
    await expect(svms.modify(uuid, { comment: 'x' }, { ifMatch: tag })).rejects.toThrow(
      PreconditionFailedError,
    );
    await expect(svms.delete(uuid, { ifMatch: tag })).rejects.toThrow(PreconditionFailedError);
    const configuration = await api.record('/security/ipsec').getTagged();
    await api.record('/security/ipsec').modify({ enabled: true }, { ifMatch: configuration.tag });
  });

  it('a collection is asked with parameters of its own', async () => {
    const packet = {
      local_address: '192.0.2.1',
      remote_address: '192.0.2.2',
      protocol: 'gre'.length.toString(),
    };
    const decisions = api.collection('/esplanade/v1/decisions').parameters(packet);
    expect(await decisions.where('outcome', '=', 'decides').first()).toMatchObject({ verdict: 'no_policy' });
    await expect(api.collection('/esplanade/v1/decisions').first()).rejects.toThrow(InvalidRequestError);
  });

  it('what observations are of when is told, and what is outside the API is reached', async () => {
    const [page] = await Array.fromAsync(api.collection('/security/ipsec/security-associations').pages());
    expect(Date.parse(page?.observedAt ?? '')).not.toBeNaN();
    expect(await api.call('GET', '/readyz', undefined, { isOutsideApi: true })).toHaveProperty('ready', true);
  });
});
