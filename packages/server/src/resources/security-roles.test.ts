import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hashPassword } from '../logins/password-hash.ts';
import { basic, startTestServer, testPassword } from '../testing/test-server.ts';

/** Each login that is new is hashed: the machine may have other things to do. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const roles = '/api/security/roles';
const server = await startTestServer();
afterAll(() => server.close());

const cluster: { uuid: string; name: string } = (await server.request('GET', '/api/cluster')).body;
const svm1: string = (await server.request('GET', '/api/svm/svms?name=svm1')).body.records[0].uuid;

async function make(body: object, path = roles): Promise<string> {
  const { status, text, headers } = await server.request('POST', path, body);
  expect(status, text).toBe(201);
  return String(headers['location']);
}

describe('roles', () => {
  it('are asked about by what stands in their privileges', async () => {
    const named = async (query: string): Promise<number> =>
      (await server.request('GET', `${roles}?${query}&builtin=true`)).body.num_records;
    expect(await named('privileges.path=/metrics&owner.name=svm1')).toBe(0);
    expect(await named('privileges.path=/metrics&name=admin')).toBe(1);
    expect(await named('privileges.query=null')).toBe(5);
    expect(await named('privileges.query=!null')).toBe(0);
  });

  it('that are built in are listed for their owners, and stay as they are', async () => {
    const { body } = await server.request('GET', `${roles}?fields=*&order_by=owner.name,name`);
    const listed = body.records.map((role: { owner: { name: string }; name: string; builtin: boolean }) => [
      role.owner.name,
      role.name,
      role.builtin,
    ]);
    expect(listed).toEqual([
      [cluster.name, 'admin', true],
      [cluster.name, 'none', true],
      [cluster.name, 'readonly', true],
      ['svm1', 'vsadmin', true],
      ['svm1', 'vsadmin-readonly', true],
    ]);
    expect(body.records[0]).toMatchObject({
      scope: 'cluster',
      privileges: [
        { path: '/api', access: 'all' },
        { path: '/metrics', access: 'all' },
      ],
    });
    const builtIn = { status: 400, body: { error: { code: '1263347' } } };
    const path = `${roles}/${cluster.uuid}/readonly`;
    expect(await server.request('DELETE', path)).toMatchObject(builtIn);
    const privilege = { path: '/api/svm', access: 'all' };
    expect(await server.request('POST', `${path}/privileges`, privilege)).toMatchObject(builtIn);
    expect(await server.request('PATCH', `${path}/privileges/%2Fapi`, { access: 'all' })).toMatchObject(
      builtIn,
    );
    expect(await server.request('DELETE', `${path}/privileges/%2Fapi`)).toMatchObject(builtIn);
    expect((await server.request('PATCH', path, {})).status).toBe(405);
  });

  it('of our own are made, shown, and go', async () => {
    const body = {
      name: 'certifier',
      owner: { name: 'svm1' },
      privileges: [
        { path: '/api/security/certificates/*/sign', access: 'read_create' },
        { path: '/api/security/certificates/', access: 'readonly' },
        { path: '/api/cluster' },
      ],
    };
    const path = await make(body);
    expect(path).toBe(`${roles}/${svm1}/certifier`);
    expect((await server.request('GET', path)).body).toMatchObject({
      owner: { name: 'svm1', uuid: svm1 },
      name: 'certifier',
      scope: 'svm',
      builtin: false,
      privileges: [
        { path: '/api/cluster', access: 'all' },
        { path: '/api/security/certificates', access: 'readonly' },
        { path: '/api/security/certificates/*/sign', access: 'read_create' },
      ],
    });
    expect((await server.request('POST', roles, body)).body.error).toMatchObject({
      code: '1',
      target: 'name',
    });
    const asAnsible = 'name=certifier&fields=name,owner,privileges.path,privileges.access,privileges.query';
    const listed = await server.request('GET', `${roles}?${asAnsible}&owner.name=svm1`);
    expect(listed.body.records).toHaveLength(1);
    expect(listed.body.records[0].privileges).toHaveLength(3);
    expect((await server.request('DELETE', path)).status).toBe(200);
    expect((await server.request('GET', path)).status).toBe(404);
  });

  it('of a name belong to one owner each', async () => {
    const privileges = [{ path: '/api/cluster', access: 'readonly' }];
    const paths = [
      await make({ name: 'watch', privileges }),
      await make({ name: 'watch', owner: { uuid: svm1 }, privileges }),
    ];
    const { body } = await server.request('GET', `${roles}?name=watch&scope=svm`);
    expect(body.num_records).toBe(1);
    for (const path of paths) expect((await server.request('DELETE', path)).status).toBe(200);
  });

  it.each([
    [{ name: undefined }, '262278', 'name'],
    [{ privileges: undefined }, '262278', 'privileges'],
    [{ name: 'admin' }, '1', 'name'],
    [{ name: 'vsadmin' }, '1', 'name'],
    [{ name: 'a/b' }, '262197', 'name'],
    [{ privileges: [] }, '262197', 'privileges'],
    [{ privileges: ['/api'] }, '262197', 'privileges'],
    [{ privileges: [{ path: 1 }] }, '262197', 'privileges'],
    [{ privileges: [{ access: 'all' }] }, '262278', 'privileges.path'],
    [{ privileges: [{ path: '/api', access: 'write' }] }, '5636144', 'privileges.access'],
    [{ privileges: [{ path: 'volume show' }] }, '5636169', 'privileges.path'],
    [{ privileges: [{ path: 'DEFAULT' }] }, '5636169', 'privileges.path'],
    [{ privileges: [{ path: '/api/storage/volumes' }] }, '5636170', 'privileges.path'],
    [{ privileges: [{ path: '/api/security/ipsec/pol' }] }, '5636170', 'privileges.path'],
    [{ privileges: [{ path: '/api//security' }] }, '5636170', 'privileges.path'],
    [{ privileges: [{ path: '/api/security/*' }] }, '5636170', 'privileges.path'],
    [{ privileges: [{ path: `/api/security/certificates/${svm1}` }] }, '5636170', 'privileges.path'],
    [{ privileges: [{ path: `/api/security/roles/${svm1}/*/privileges` }] }, '5636170', 'privileges.path'],
    [{ privileges: [{ path: '/api', query: '-vserver svm1' }] }, '5636192', 'privileges.query'],
    [{ privileges: [{ path: '/api' }, { path: '/api/' }] }, '1', 'privileges.path'],
    [{ privileges: [{ path: '/api', and: 'more' }] }, '262197', 'privileges'],
    [{ owner: { name: 'nowhere' } }, '2621462', 'owner.name'],
  ])('are refused as %j', async (over, code, target) => {
    const body = { name: 'refused', privileges: [{ path: '/api' }], ...over };
    const answer = await server.request('POST', roles, body);
    expect(answer.body).toMatchObject({ error: { code, target } });
  });

  it('name what lies behind a key by the keys, or by * for all', async () => {
    for (const path of [
      `/api/security/certificates/${svm1.toUpperCase()}/sign`,
      '/api/security/certificates/*/sign',
      `/api/security/roles/${svm1}/vsadmin/privileges`,
      '/api/security/roles/*/*/privileges',
      '/api/private/cli',
      '/metrics',
    ]) {
      const made = await make({ name: 'keyed', privileges: [{ path }] });
      const { body } = await server.request('GET', made);
      expect(body.privileges).toEqual([{ path: path.replace(svm1.toUpperCase(), svm1), access: 'all' }]);
      await server.request('DELETE', made);
    }
  });
});

describe('the privileges of a role', () => {
  let path: string;
  beforeAll(async () => {
    path = await make({ name: 'growing', privileges: [{ path: '/api/security', access: 'readonly' }] });
  });

  it('are records of their own', async () => {
    const privileges = `${path}/privileges`;
    const created = await make({ path: '/api/security/accounts', access: 'none' }, privileges);
    expect(created).toBe(`${privileges}/%2Fapi%2Fsecurity%2Faccounts`);
    const { body } = await server.request('GET', privileges);
    expect(body).toMatchObject({
      num_records: 2,
      records: [
        { path: '/api/security', access: 'readonly' },
        { path: '/api/security/accounts', access: 'none', _links: { self: { href: created } } },
      ],
    });
    expect((await server.request('PATCH', created, { access: 'read_modify' })).status).toBe(200);
    expect((await server.request('GET', created)).body).toMatchObject({ access: 'read_modify' });
    expect(await server.request('POST', privileges, { path: '/api/security/accounts/' })).toMatchObject({
      status: 409,
      body: { error: { code: '1', target: 'path' } },
    });
    expect((await server.request('DELETE', created)).status).toBe(200);
    expect((await server.request('GET', created)).status).toBe(404);
    expect(await server.request('DELETE', `${privileges}/%2Fapi%2Fsecurity`)).toMatchObject({
      status: 400,
      body: { error: { code: '990004' } },
    });
  });

  it('of a role that is not there are not there either', async () => {
    for (const url of [
      `${roles}/${cluster.uuid}/nobody/privileges`,
      `${roles}/${svm1}/growing/privileges`,
      `${roles}/nowhere/growing/privileges`,
    ])
      expect(await server.request('GET', url)).toMatchObject({
        status: 404,
        body: { error: { code: '4', target: 'name' } },
      });
  });

  it('change one after another, so that none is lost', async () => {
    const paths = ['/api/cluster', '/api/svm', '/api/network', '/api/esplanade', '/api/private'];
    const answers = await Promise.all(
      paths.map((each) => server.request('POST', `${path}/privileges`, { path: each, access: 'readonly' })),
    );
    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 201));
    const { body } = await server.request('GET', `${path}/privileges?return_records=false`);
    expect(body.num_records).toBe(paths.length + 1);
  });
});

describe('a role that accounts have', () => {
  it('counts from the next request on as it then is, and stays until none has it', async () => {
    const role = await make({ name: 'shifting', privileges: [{ path: '/api/cluster', access: 'readonly' }] });
    await server.parts.desired.createAccount({
      name: 'shifter',
      scope: { kind: 'cluster' },
      role: 'shifting',
      authenticationMethods: ['password'],
      passwordHash: await hashPassword(testPassword),
      isLocked: false,
    });
    const headers = { authorization: basic('shifter', testPassword) };
    const status = async (url: string) => (await server.request('GET', url, undefined, headers)).status;
    expect(await status('/api/cluster')).toBe(200);
    expect(await status('/api/svm/svms')).toBe(403);
    await make({ path: '/api/svm', access: 'readonly' }, `${role}/privileges`);
    expect(await status('/api/svm/svms')).toBe(200);
    await server.request('PATCH', `${role}/privileges/%2Fapi%2Fcluster`, { access: 'none' });
    expect(await status('/api/cluster')).toBe(403);
    expect(await server.request('DELETE', role)).toMatchObject({
      status: 400,
      body: { error: { code: '5636172', target: 'name' } },
    });
    const account = `/api/security/accounts/${cluster.uuid}/shifter`;
    expect((await server.request('PATCH', account, { role: { name: 'none' } })).status).toBe(200);
    for (const url of ['/api/cluster', '/api/svm/svms', '/api/security/accounts'])
      expect(await status(url)).toBe(403);
    const own = await server.request('PATCH', account, { password: 'of its own' }, headers);
    expect(own.status).toBe(403);
    expect((await server.request('DELETE', role)).status).toBe(200);
    expect((await server.request('DELETE', account)).status).toBe(200);
  });
});
