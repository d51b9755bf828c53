import { expect, it } from 'vitest';
import { connect } from './index.ts';
import { scriptedServer } from './testing/scripted-server.ts';

const empty = { body: { records: [], num_records: 0 } };
const path = '/security/ipsec/policies';

it('a query becomes parameters of ONTAP', async () => {
  const { api, lines } = scriptedServer([empty]);
  await api
    .collection(path)
    .where('name', 'like', 'nfs*')
    .where('enabled', '=', true)
    .where('action', 'in', ['bypass', 'discard'])
    .where('svm.name', '!=', null)
    .query('protocol', 'tcp|udp')
    .fields('name', 'svm.name')
    .orderBy('name', 'desc')
    .orderBy('uuid')
    .pageSize(20)
    .toArray();
  const [line = ''] = lines();
  expect(decodeURIComponent(line).replace(/^.*\?/, '').split('&')).toEqual([
    'name=nfs*',
    'enabled=true',
    'action=bypass|discard',
    'svm.name=!null',
    'protocol=tcp|udp',
    'fields=name,svm.name',
    'order_by=name desc,uuid asc',
    'max_records=20',
  ]);
});

it('a question can be asked further in two ways, and neither changes the other', async () => {
  const { api, lines } = scriptedServer([empty, empty, empty]);
  const enabled = api.collection(path).where('enabled', '=', true);
  await enabled.where('name', '=', 'a').toArray();
  await enabled.where('name', '=', 'b').toArray();
  await enabled.toArray();
  expect(lines().map((line) => line.replace(/^.*\?/, ''))).toEqual([
    'enabled=true&name=a',
    'enabled=true&name=b',
    'enabled=true',
  ]);
});

it('nothing is sent twice for a field: ONTAP has one condition for each', () => {
  const { api } = scriptedServer([]);
  const query = api.collection('/security/ipsec/security-associations').where('lifetime', '>', 5);
  expect(() => query.where('lifetime', '<', 9)).toThrow(/lifetime/);
});

it('who asks is told in UTF-8, and that JSON without links is wanted', async () => {
  const { api, requests } = scriptedServer([empty], {
    user: 'jürgen',
    password: 'pä:ss',
    headers: { 'X-A': 'b' },
  });
  await api.collection(path).toArray();
  expect(requests[0]?.headers).toEqual({
    accept: 'application/json',
    authorization: `Basic ${Buffer.from('jürgen:pä:ss').toString('base64')}`,
    'x-a': 'b',
  });
});

it('a login in the URL is sent where none is given, and is not in the URL any more', async () => {
  const { api, requests } = scriptedServer([empty], {
    url: 'https://admin:p%40ss@cluster1.example.com/?a=b#c',
  });
  await api.collection(path).toArray();
  expect(api.url.href).toBe('https://cluster1.example.com/');
  expect(requests[0]?.url.href).toBe(`https://cluster1.example.com/api${path}`);
  const authorization = `Basic ${Buffer.from('admin:p@ss').toString('base64')}`;
  expect(requests[0]?.headers).toMatchObject({ authorization });
});

it('no login is sent where none is given', async () => {
  const { api, requests } = scriptedServer([empty]);
  await api.collection(path).toArray();
  expect(requests[0]?.headers).not.toHaveProperty('authorization');
});

it('a login that is none is not taken for one', () => {
  const url = 'https://cluster1.example.com';
  expect(() => connect({ url, password: 'secret' })).toThrow(/no user/);
  expect(() => connect({ url: 'https://a%zz:secret@cluster1.example.com' })).toThrow(TypeError);
  expect(() => connect({ url: 'https://a%zz:secret@cluster1.example.com' })).not.toThrow(/secret/);
});

it.each(['ftp://cluster1', 'file:///etc', 'cluster1:443', 'ws://cluster1'])('%s is no server', (url) => {
  expect(() => connect({ url })).toThrow(TypeError);
});

it('a password goes through no network in clear, unless that is said', () => {
  const login = { user: 'admin', password: 'secret' };
  for (const url of [
    'http://cluster1.example.com',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
  ]) {
    expect(() => connect({ url, ...login })).toThrow(/in clear/);
    expect(() => connect({ url, ...login })).not.toThrow(/secret/);
    expect(connect({ url, ...login, isClearAllowed: true }).url.protocol).toBe('http:');
    expect(connect({ url }).url.protocol).toBe('http:');
  }
  expect(() => connect({ url: 'http://admin:secret@cluster1.example.com' })).toThrow(/in clear/);
  for (const name of ['Authorization', 'cookie', 'Proxy-Authorization']) {
    const [url, headers] = ['http://192.0.2.1', { [name]: 'secret' }];
    expect(() => connect({ url, headers })).toThrow(/in clear/);
    expect(() => connect({ url }).with({ headers })).toThrow(/in clear/);
    expect(connect({ url, headers, isClearAllowed: true }).with({ headers }).url.protocol).toBe('http:');
  }
  for (const host of ['127.0.0.1', '[::1]', 'localhost', 'console.localhost'])
    expect(connect({ url: `http://${host}:8080`, ...login }).url.hostname).toBe(host);
});

it('no path leaves the API', async () => {
  const { api, lines } = scriptedServer([]);
  for (const steps of ['/../../x', '/svm/./svms', '/svm/%2e%2E/x', '/a\\..\\b', '/svm/..', 'x', '/.\t./x'])
    await expect((async () => api.call('DELETE', steps))(), steps).rejects.toThrow(TypeError);
  expect(lines()).toEqual([]);
});

it('what is not there is not asked for, and nothing is asked in two ways', async () => {
  const { api, lines } = scriptedServer([]);
  const policies = api.collection('/storage/volumes');
  // @ts-expect-error: what programs without types do
  expect(() => policies.where('name', '=', undefined)).toThrow(/null/);
  const named = policies.where('name', '=', 'x');
  expect(() => named.delete({ parameters: { name: '*' } })).toThrow(/name is a condition/);
  await expect(named.parameters({ name: '*' }).toArray()).rejects.toThrow(/name is a condition/);
  expect(lines()).toEqual([]);
});

it('a path of the server stands before its API, and before what its links name', async () => {
  const next = { body: { records: [], _links: { next: { href: `/api${path}?start=2` } } } };
  const { api, lines } = scriptedServer([next, empty, {}], { url: 'https://proxy.example.com/cluster1/' });
  await api.collection(path).toArray();
  await api.call('GET', '/readyz', undefined, { isOutsideApi: true });
  expect(lines()).toEqual([
    `GET /cluster1/api${path}`,
    `GET /cluster1/api${path}?start=2`,
    'GET /cluster1/readyz',
  ]);
});

it('keys stand for themselves in paths, and what a path cannot hold is not sent', async () => {
  const { api, lines } = scriptedServer([{}, {}, empty]);
  const accounts = api.collection('/security/accounts');
  await accounts.get('a/b', 'c?d e');
  await accounts.delete(['a', '%2e']);
  await api.collection('/security/roles/{owner.uuid}/{name}/privileges', 'x/y', 'z').toArray();
  expect(lines()).toEqual([
    'GET /api/security/accounts/a%2Fb/c%3Fd%20e',
    'DELETE /api/security/accounts/a/%252e',
    'GET /api/security/roles/x%2Fy/z/privileges',
  ]);
  await expect(accounts.get('a', '..')).rejects.toThrow(TypeError);
  await expect(accounts.get('a', '')).rejects.toThrow(TypeError);
  await expect(api.collection(String(path)).modify([], {})).rejects.toThrow(TypeError);
  expect(() => api.collection(String('/security/roles/{owner.uuid}/{name}/privileges'), 'x')).toThrow(
    /2 keys/,
  );
});

it.each([[undefined], [null], [7], [{}], [[]], [[undefined]], ['']])(
  'a key that is %j, as without types it may be, is told to be none',
  async (key) => {
    const { api, requests } = scriptedServer([{}, {}]);
    const svms = api.collection('/svm/svms');
    const refused = { name: 'TypeError', message: 'a record of /svm/svms has a key' };
    for (const change of [svms.delete, svms.modify])
      await expect(Reflect.apply(change, svms, [key, {}])).rejects.toMatchObject(refused);
    expect(requests).toEqual([]);
  },
);

it('a write tells its parameters, its condition and its body', async () => {
  const made = { status: 201, body: { num_records: 1, records: [{ uuid: '1', name: 'nfs' }] } };
  const { api, requests, lines } = scriptedServer([made, {}, { body: { num_records: 3 } }]);
  const policies = api.collection(path);
  const endpoint = { address: '192.0.2.1', netmask: '32' };
  const body = { name: 'nfs', local_endpoint: endpoint, remote_endpoint: endpoint };
  expect(await policies.create(body, { parameters: { force: true } })).toEqual({ uuid: '1', name: 'nfs' });
  await policies.modify('1', { enabled: false }, { ifMatch: '"7"', parameters: { overlap: 60 } });
  expect(await policies.where('name', 'like', 'old*').delete({ parameters: { force: true } })).toBe(3);
  expect(lines()).toEqual([
    `POST /api${path}?return_records=true&force=true`,
    `PATCH /api${path}/1?overlap=60`,
    `DELETE /api${path}?name=old*&force=true`,
  ]);
  expect(requests.map((request) => request.body)).toEqual([
    JSON.stringify(body),
    '{"enabled":false}',
    undefined,
  ]);
  expect(requests[0]?.headers).toMatchObject({ 'content-type': 'application/json' });
  expect(requests[1]?.headers).toMatchObject({ 'if-match': '"7"' });
  expect(requests[2]?.headers).not.toHaveProperty('content-type');
});

it('nothing changes all records of a collection', () => {
  const { api } = scriptedServer([]);
  const all = api.collection(path).fields('*');
  expect(() => all.delete()).toThrow(/condition/);
  expect(() => all.modify({ enabled: false })).toThrow(/condition/);
});

it('what is made and not told is read where it is said to be', async () => {
  const made = { status: 201, headers: { location: `/api${path}/1` } };
  const { api, lines } = scriptedServer([made, { body: { uuid: '1' } }, { status: 201 }, { status: 201 }]);
  expect(await api.collection(String(path)).create({ name: 'nfs' })).toEqual({ uuid: '1' });
  expect(lines()[1]).toBe(`GET /api${path}/1`);
  const table = api.collection('/private/cli/security/ipsec/policy');
  const subnets = { local_ip_subnets: ['192.0.2.1/32'], remote_ip_subnets: ['192.0.2.2/32'] };
  expect(await table.create({ vserver: 'svm1', name: 'nfs', ...subnets })).toBe(undefined);
  await expect(api.collection(String(path)).create({})).rejects.toThrow(/does not say which/);
});

it('the same server is asked otherwise without a change of how it was asked before', async () => {
  const { api, requests } = scriptedServer([empty, empty]);
  await api
    .with({ headers: { 'X-Dot-SVM-Name': 'svm1' } })
    .collection(path)
    .toArray();
  await api.collection(path).toArray();
  expect(requests.map(({ headers }) => headers['x-dot-svm-name'])).toEqual(['svm1', undefined]);
});
