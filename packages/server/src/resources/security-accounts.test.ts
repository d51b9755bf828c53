import { afterAll, describe, expect, it, vi } from 'vitest';
import { hashPassword } from '../logins/password-hash.ts';
import { basic, startTestServer, testPassword } from '../testing/test-server.ts';
import { ambiguousOwner } from './svm-reference.ts';

/** Each login that is new is hashed: the machine may have other things to do. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const accounts = '/api/security/accounts';
const password = 'a password of these tests';
const server = await startTestServer();
afterAll(() => server.close());

async function make(body: object, path = accounts): Promise<string> {
  const { status, text, headers } = await server.request('POST', path, body);
  expect(status, text).toBe(201);
  return String(headers['location']);
}

/** The status of a request by that login. */
async function login(name: string, secret = password, path = '/api/cluster'): Promise<number> {
  const headers = { authorization: basic(name, secret) };
  return (await server.request('GET', path, undefined, headers)).status;
}

async function uuidOf(path: string, name: string): Promise<string> {
  return (await server.request('GET', `${path}?name=${name}`)).body.records[0].uuid;
}

describe('an account', () => {
  it('of an SVM is made, shown without its password, and goes', async () => {
    const svm = await uuidOf('/api/svm/svms', 'svm1');
    const applications = [
      { application: 'http', authentication_methods: ['password'], second_authentication_method: 'none' },
    ];
    const body = {
      name: 'keeper',
      owner: { name: 'svm1' },
      role: { name: 'vsadmin' },
      applications,
      password,
    };
    const path = await make(body);
    expect(path).toBe(`${accounts}/${svm}/keeper`);
    const { text, body: shown } = await server.request('GET', path);
    expect(shown).toMatchObject({
      owner: { name: 'svm1', uuid: svm, _links: { self: { href: `/api/svm/svms/${svm}` } } },
      name: 'keeper',
      scope: 'svm',
      role: { name: 'vsadmin' },
      applications: [{ application: 'http', authentication_methods: ['password'] }],
      locked: false,
      _links: { self: { href: path } },
    });
    expect(text).not.toMatch(/password"\s*:|argon2|a password of/);
    expect((await server.request('POST', accounts, body)).body.error).toMatchObject({
      code: '1',
      target: 'name',
    });
    const listed = await server.request(
      'GET',
      `${accounts}?owner.name=svm1&name=keeper&fields=role,applications,locked`,
    );
    expect(listed.body.num_records).toBe(1);
    expect(await login('keeper')).toBe(200);
    expect((await server.request('DELETE', path)).status).toBe(200);
    expect(await login('keeper')).toBe(401);
    expect(await server.request('DELETE', path)).toMatchObject({
      status: 404,
      body: { error: { code: '4', target: 'name' } },
    });
  });

  it.each([
    [{ owner: { name: 'cluster-name' } }, 'cluster', 'admin'],
    [{}, 'cluster', 'admin'],
    [{ role: { name: 'readonly' } }, 'cluster', 'readonly'],
    [{ owner: { name: 'svm1' } }, 'svm', 'vsadmin'],
  ])('of %j has scope %s and role %s', async (body, scope, role) => {
    const { body: cluster } = await server.request('GET', '/api/cluster');
    const text = JSON.stringify({ name: 'plain', password, ...body }).replace('cluster-name', cluster.name);
    const path = await make(JSON.parse(text));
    const { body: shown } = await server.request('GET', path);
    expect(shown).toMatchObject({ scope, role: { name: role } });
    if (scope === 'cluster') expect(shown.owner).toMatchObject({ uuid: cluster.uuid, name: cluster.name });
    expect((await server.request('DELETE', path)).status).toBe(200);
  });

  it.each([
    [{ password: undefined }, 400, '262278', 'password'],
    [{ name: undefined }, 400, '262278', 'name'],
    [{ owner: { name: 'nowhere' } }, 404, '2621462', 'owner.name'],
    [{ owner: { name: 'svm1', uuid: 'nobody' } }, 404, '2621462', 'owner.uuid'],
    [
      { applications: [{ application: 'ssh', authentication_methods: ['password'] }] },
      400,
      '262197',
      'applications',
    ],
    [
      { applications: [{ application: 'http', authentication_methods: ['nsswitch'] }] },
      400,
      '262197',
      'applications',
    ],
    [{ applications: [{ application: 'http', authentication_methods: [] }] }, 400, '262197', 'applications'],
    [
      {
        applications: [
          { application: 'http', authentication_methods: ['password'] },
          { application: 'ssh', authentication_methods: ['password'] },
        ],
      },
      400,
      '262197',
      'applications',
    ],
    [
      { applications: [{ application: 'http', authentication_methods: ['certificate'] }] },
      400,
      '262186',
      'password',
    ],
    [{ applications: [] }, 400, '262197', 'applications'],
    [{ comment: 'x'.repeat(256) }, 400, '262197', 'comment'],
    // What clients put for bytes that were not UTF-8, and half a character: both would be hashed as what they are not.
    [{ password: 'p\ufffdsswort12' }, 400, '262197', 'password'],
    [{ password: 'p\ud800sswort12' }, 400, '262197', 'password'],
    [{ scope: 'svm' }, 400, '262196', 'scope'],
    [{ is_ldap_fastbind: true }, 400, '262179', 'is_ldap_fastbind'],
  ])('is refused as %j', async (over, status, code, target) => {
    const answer = await server.request('POST', accounts, { name: 'refused', password, ...over });
    expect(answer).toMatchObject({ status, body: { error: { code, target } } });
    expect(answer.text).not.toContain(password);
  });

  it('logs in with a changed password at once, and with the former no more', async () => {
    const path = await make({ name: 'changing', password });
    expect(await login('changing')).toBe(200);
    expect(await login('changing')).toBe(200);
    expect((await server.request('PATCH', path, { password: 'another secret' })).status).toBe(200);
    expect(await login('changing')).toBe(401);
    expect(await login('changing', 'another secret')).toBe(200);
    expect((await server.request('DELETE', path)).status).toBe(200);
    expect(await login('changing', 'another secret')).toBe(401);
  });

  it('logs in by the methods it has, and is without a password where that is none of them', async () => {
    const applications = (...authentication_methods: string[]) => [
      { application: 'http', authentication_methods },
    ];
    const path = await make({ name: 'robot', applications: applications('certificate') });
    const { body: shown } = await server.request('GET', path);
    expect(shown.applications).toEqual([
      { application: 'http', authentication_methods: ['certificate'], second_authentication_method: 'none' },
    ]);
    expect(await login('robot', '')).toBe(401);
    const change = (body: object) => server.request('PATCH', path, body);
    const without = { status: 400, body: { error: { code: '262186', target: 'password' } } };
    expect(await change({ password })).toMatchObject(without);
    const missing = { status: 400, body: { error: { code: '262278', target: 'password' } } };
    expect(await change({ applications: applications('password') })).toMatchObject(missing);
    const both = { applications: applications('certificate', 'password'), password };
    expect((await change(both)).status).toBe(200);
    expect((await server.request('GET', path)).body.applications[0].authentication_methods).toEqual([
      'password',
      'certificate',
    ]);
    expect(await login('robot')).toBe(200);
    expect((await change({ applications: applications('password') })).status).toBe(200);
    expect(await login('robot')).toBe(200);
    expect((await change({ applications: applications('certificate') })).status).toBe(200);
    expect(await login('robot')).toBe(401);
    expect(await change({ applications: applications('password') })).toMatchObject(missing);
    expect((await server.request('DELETE', path)).status).toBe(200);
  });

  it('is locked and unlocked at once, and has another role at once', async () => {
    const path = await make({ name: 'shifting', password, comment: 'of the night' });
    expect(await login('shifting', password, '/api/esplanade/v1/datapaths')).toBe(200);
    expect((await server.request('PATCH', path, { locked: true })).status).toBe(200);
    expect(await login('shifting')).toBe(401);
    expect((await server.request('PATCH', path, { locked: false, role: { name: 'readonly' } })).status).toBe(
      200,
    );
    const headers = { authorization: basic('shifting', password) };
    expect((await server.request('POST', '/api/svm/svms', { name: 'x' }, headers)).status).toBe(403);
    expect((await server.request('GET', path)).body).toMatchObject({
      comment: 'of the night',
      locked: false,
    });
    await server.request('PATCH', path, { comment: null });
    expect((await server.request('GET', path)).body.comment).toBeUndefined();
    for (const field of ['locked', 'password', 'role.name'])
      expect(await server.request('PATCH', path, { [field]: null })).toMatchObject({
        status: 400,
        body: { error: { code: '262197', target: field } },
      });
    expect((await server.request('DELETE', path)).status).toBe(200);
  });

  it('of an SVM may change its own password and nothing else', async () => {
    const path = await make({ name: 'tenant-a', owner: { name: 'svm1' }, password });
    const other = await make({ name: 'tenant-b', owner: { name: 'svm1' }, password });
    const reader = await make({
      name: 'tenant-c',
      owner: { name: 'svm1' },
      role: { name: 'vsadmin-readonly' },
      password,
    });
    const headers = { authorization: basic('tenant-a', password) };
    const change = async (at: string, body: object) =>
      (await server.request('PATCH', at, body, headers)).status;
    expect(await change(path, { role: { name: 'vsadmin' } })).toBe(403);
    expect(await change(path, { password: 'another secret', locked: false })).toBe(403);
    expect(await change(other, { password: 'another secret' })).toBe(403);
    const { body } = await server.request('GET', '/api/cluster');
    expect(await change(`${accounts}/${body.uuid}/admin`, { password: 'another secret' })).toBe(403);
    expect((await server.request('DELETE', other, undefined, headers)).status).toBe(403);
    expect((await server.request('POST', accounts, { name: 'tenant-d', password }, headers)).status).toBe(
      403,
    );
    expect(await change(path, { password: 'another secret' })).toBe(200);
    expect(await login('tenant-a', 'another secret')).toBe(200);
    const asReader = { authorization: basic('tenant-c', password) };
    expect((await server.request('PATCH', reader, { locked: false }, asReader)).status).toBe(403);
    expect((await server.request('PATCH', other, { password: 'third secret' }, asReader)).status).toBe(403);
    expect((await server.request('PATCH', reader, { password: 'third secret' }, asReader)).status).toBe(200);
    expect(await login('tenant-c', 'third secret')).toBe(200);
    for (const each of [path, other, reader]) expect((await server.request('DELETE', each)).status).toBe(200);
  });
});

describe('the name of the cluster', () => {
  it('is that of no SVM, so that nobody is made its administrator by mistake', async () => {
    const { body: cluster } = await server.request('GET', '/api/cluster');
    const { name } = cluster;
    const taken = { status: 409, body: { error: { code: '1', target: 'name' } } };
    expect(await server.request('POST', '/api/svm/svms', { name })).toMatchObject(taken);
    const path = `/api/svm/svms/${await uuidOf('/api/svm/svms', 'svm1')}`;
    expect(await server.request('PATCH', path, { name })).toMatchObject(taken);
  });

  it('is asked about where an earlier release gave it to an SVM', () => {
    const snapshot = server.parts.desired.snapshot();
    expect(ambiguousOwner('svm1', 'owner.name', snapshot)).toBeUndefined();
    const namesake = { ...snapshot, cluster: { ...snapshot.cluster, name: 'svm1' } };
    expect(ambiguousOwner('svm1', 'owner.name', namesake)).toMatchObject({
      kind: 'failure',
      problems: [{ code: '262197', target: 'owner.name' }],
    });
    expect(ambiguousOwner('svm2', 'owner.name', namesake)).toBeUndefined();
    expect(ambiguousOwner(undefined, 'owner.name', namesake)).toBeUndefined();
  });
});

describe('an account with role readonly', () => {
  it('may change its own password and nothing else', async () => {
    const path = await make({ name: 'watcher', role: { name: 'readonly' }, password });
    const twin = await make({ name: 'watcher', owner: { name: 'svm1' }, password });
    const headers = { authorization: basic('watcher', password) };
    const change = async (at: string, body: object) =>
      (await server.request('PATCH', at, body, headers)).status;
    expect(await change(path, { role: { name: 'admin' } })).toBe(403);
    expect(await change(path, { password: 'another secret', comment: 'x' })).toBe(403);
    expect(await change(twin, { password: 'another secret' })).toBe(403);
    const none = { status: 200, body: { num_records: 0 } };
    expect(await server.request('PATCH', `${accounts}?name=admin`, {}, headers)).toMatchObject(none);
    expect((await server.request('DELETE', path, undefined, headers)).status).toBe(403);
    expect(await change(path, { password: 'another secret' })).toBe(200);
    expect(await login('watcher', 'another secret')).toBe(200);
    for (const each of [path, twin]) expect((await server.request('DELETE', each)).status).toBe(200);
  });
});

describe('a password', () => {
  it('that an administrator has meanwhile reset is not overwritten by the account itself', async () => {
    const path = await make({ name: 'hasty', owner: { name: 'svm1' }, password });
    const headers = { authorization: basic('hasty', password) };
    const { desired } = server.parts;
    const update = desired.updateAccount.bind(desired);
    const reset = await hashPassword('a reset secret');
    Object.assign(desired, {
      updateAccount: async (...asked: Parameters<typeof update>) => {
        Object.assign(desired, { updateAccount: update });
        await desired.putAccount({ ...asked[0], passwordHash: reset });
        return update(...asked);
      },
    });
    const answer = await server.request('PATCH', path, { password: 'its own secret' }, headers);
    expect(answer).toMatchObject({ status: 409, body: { error: { code: '8' } } });
    expect(await login('hasty', 'a reset secret')).toBe(200);
    expect((await server.request('DELETE', path)).status).toBe(200);
  });
});

describe('the name one logs in with', () => {
  it('is plain for the oldest account of the name, the cluster’s before all, and SVM\\name for each of an SVM', async () => {
    await make({ name: 'svm2' }, '/api/svm/svms');
    const own = (owner: string, secret: string) =>
      make({ name: 'twin', owner: { name: owner }, password: secret });
    const paths = [await own('svm1', 'the first secret'), await own('svm2', 'the second secret')];
    expect(await login('twin', 'the first secret')).toBe(200);
    expect(await login('twin', 'the second secret')).toBe(401);
    expect(await login('svm1\\twin', 'the first secret')).toBe(200);
    expect(await login('svm2\\twin', 'the second secret')).toBe(200);
    expect(await login('svm2\\twin', 'the first secret')).toBe(401);
    paths.push(await make({ name: 'twin', password: 'the third secret' }));
    expect(await login('twin', 'the first secret')).toBe(401);
    expect(await login('twin', 'the third secret')).toBe(200);
    const headers = { authorization: basic('svm2\\twin', 'the second secret') };
    const { body } = await server.request('GET', '/api/svm/svms', undefined, headers);
    expect(body.records.map(({ name }: { name: string }) => name)).toEqual(['svm2']);
    await server.request('PATCH', `/api/svm/svms?name=svm2`, { name: 'harbour' });
    expect(await login('svm2\\twin', 'the second secret')).toBe(401);
    expect(await login('harbour\\twin', 'the second secret')).toBe(200);
    for (const path of paths) expect((await server.request('DELETE', path)).status).toBe(200);
    expect((await server.request('DELETE', '/api/svm/svms?name=harbour')).status).toBe(200);
  });
});

describe('the last administrator', () => {
  it('stays until there is another one', async () => {
    const { body } = await server.request('GET', `${accounts}?name=admin`);
    const path = `${accounts}/${body.records[0].owner.uuid}/admin`;
    for (const [method, change] of [
      ['DELETE', undefined],
      ['PATCH', { locked: true }],
      ['PATCH', { role: { name: 'readonly' } }],
    ] as const)
      expect(await server.request(method, path, change)).toMatchObject({
        status: 400,
        body: { error: { code: '5636098' } },
      });
    const second = await make({ name: 'second', password });
    expect((await server.request('PATCH', path, { locked: true })).status).toBe(200);
    expect(await login('admin', testPassword)).toBe(401);
    const headers = { authorization: basic('second', password) };
    expect((await server.request('DELETE', second, undefined, headers)).status).toBe(400);
    expect((await server.request('PATCH', path, { locked: false }, headers)).status).toBe(200);
    expect((await server.request('DELETE', second)).status).toBe(200);
  });
});

describe('applications and methods', () => {
  it('are asked about by their members, as ONTAP’s API does, and shown as they are', async () => {
    await make({
      name: 'by-cert',
      applications: [{ application: 'http', authentication_methods: ['certificate'] }],
    });
    const found = await server.request(
      'GET',
      `${accounts}?applications.authentication_methods=certificate&applications.application=http`,
    );
    expect(found.body.records).toMatchObject([
      { name: 'by-cert', applications: [{ application: 'http', authentication_methods: ['certificate'] }] },
    ]);
    const others = await server.request('GET', `${accounts}?applications.application=!http`);
    expect(others.body).toMatchObject({ num_records: 0 });
    expect(await server.request('GET', `${accounts}?order_by=applications.application`)).toMatchObject({
      status: 400,
    });
  });
});
