import { issueCertificate } from '@esplanade/domain/testing/certificates';
import { issueRevocationList } from '@esplanade/domain/testing/revocation-lists';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { hashPassword } from '../logins/password-hash.ts';
import { type Answer, basic, startTestServer, testPassword } from '../testing/test-server.ts';
import { exampleSigningRequest } from './signing-request-example.ts';

/** Each login that is new is hashed: the machine may have other things to do. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const server = await startTestServer();
afterAll(() => server.close());

const cluster: { uuid: string } = (await server.request('GET', '/api/cluster')).body;
const [svm] = server.parts.desired.snapshot().svms.values();
if (svm === undefined) throw new Error('there is no SVM');
const { uuid, name: svmName } = svm.value;
const ofSvm = { kind: 'svm', svm: { uuid, name: svmName } } as const;
const passwordHash = await hashPassword(testPassword);
const accounts = '/api/security/accounts';
const roles = '/api/security/roles';
const password = 'a password of these tests';

/** Accounts and roles, and what is read: somebody who manages people and nothing else. */
const clerk = [
  { path: '/api', access: 'readonly' },
  { path: '/api/security/accounts', access: 'all' },
  { path: '/api/security/roles', access: 'all' },
  { path: '/api/security/certificates', access: 'all' },
] as const;

async function given(name: string, privileges: readonly { path: string; access: string }[], owner?: string) {
  const { status, text } = await server.request('POST', roles, {
    name: `role-${name}`,
    ...(owner !== undefined && { owner: { name: owner } }),
    privileges,
  });
  expect(status, text).toBe(201);
  await server.parts.desired.createAccount({
    name,
    scope: owner === undefined ? { kind: 'cluster' } : ofSvm,
    role: `role-${name}`,
    authenticationMethods: ['password'],
    passwordHash,
    isLocked: false,
  });
}
await given('clerk', clerk);
await given('tenant-clerk', [{ path: '/api', access: 'all' }], svmName);

function as(name: string, method: string, url: string, body?: unknown): Promise<Answer> {
  return server.request(method, url, body, { authorization: basic(name, testPassword) });
}

const beyond = { status: 403, body: { error: { code: '990003' } } };

describe('who may manage accounts and roles, but not everything', () => {
  it('makes accounts and roles that may do no more than he', async () => {
    const made = [
      await as('clerk', 'POST', roles, {
        name: 'less',
        privileges: [{ path: '/api/svm', access: 'readonly' }],
      }),
      await as('clerk', 'POST', accounts, { name: 'junior', password, role: { name: 'less' } }),
      await as('clerk', 'PATCH', `${accounts}/${cluster.uuid}/junior`, { locked: true }),
      await as('clerk', 'PATCH', `${accounts}/${cluster.uuid}/junior`, { role: { name: 'none' } }),
      await as('clerk', 'POST', `${roles}/${cluster.uuid}/less/privileges`, {
        path: '/api/cluster',
        access: 'readonly',
      }),
      await as('clerk', 'DELETE', `${accounts}/${cluster.uuid}/junior`),
      await as('clerk', 'DELETE', `${roles}/${cluster.uuid}/less`),
    ];
    expect(made.map(({ status }) => status)).toEqual([201, 201, 200, 200, 201, 200, 200]);
  });

  it.each([
    ['an administrator', { name: 'upstart', password }],
    ['a reader of /metrics, which is not his', { name: 'upstart', password, role: { name: 'readonly' } }],
    ['a vsadmin', { name: 'upstart', password, owner: { name: 'svm1' } }],
  ])('does not make an account of %s', async (_, body) => {
    expect(await as('clerk', 'POST', accounts, body)).toMatchObject(beyond);
    expect((await server.request('GET', `${accounts}?name=upstart`)).body.num_records).toBe(0);
  });

  it.each([
    [[{ path: '/api', access: 'all' }]],
    [[{ path: '/api/security', access: 'read_create' }]],
    [[{ path: '/api/svm/svms', access: 'read_modify' }]],
    [[{ path: '/metrics', access: 'readonly' }]],
    [
      [
        { path: `/api/security/certificates/${uuid}/sign`, access: 'all' },
        { path: '/api/network', access: 'all' },
      ],
    ],
  ])('does not make a role of %j', async (privileges) => {
    expect(await as('clerk', 'POST', roles, { name: 'upstart', privileges })).toMatchObject(beyond);
  });

  it('does not make a role of an SVM beyond what he may, and what is not open to SVMs counts for nothing', async () => {
    const ofSvm = (path: string) =>
      as('clerk', 'POST', roles, { name: 'upstart', owner: { name: 'svm1' }, privileges: [{ path }] });
    expect(await ofSvm('/api/security/ipsec')).toMatchObject(beyond);
    expect((await ofSvm('/api/network')).status).toBe(201);
    expect((await as('clerk', 'DELETE', `${roles}?name=upstart`)).status).toBe(200);
  });

  it('gives nobody more rights, himself included, neither by a role nor through one that is in use', async () => {
    const own = `${accounts}/${cluster.uuid}/clerk`;
    const privileges = `${roles}/${cluster.uuid}/role-clerk/privileges`;
    const before = (await server.request('GET', `${roles}/${cluster.uuid}/role-clerk`)).body.privileges;
    const tries = [
      await as('clerk', 'PATCH', own, { role: { name: 'admin' } }),
      await as('clerk', 'PATCH', `${accounts}?name=clerk`, { role: { name: 'readonly' } }),
      await as('clerk', 'POST', privileges, { path: '/api/svm', access: 'all' }),
      await as('clerk', 'PATCH', `${privileges}/%2Fapi`, { access: 'all' }),
      await as('clerk', 'PATCH', `${privileges}?path=%2Fapi`, { access: 'read_create' }),
      await as('clerk', 'POST', privileges, { path: '/metrics', access: 'readonly' }),
    ];
    for (const answer of tries) expect(answer).toMatchObject(beyond);
    expect((await server.request('GET', `${roles}/${cluster.uuid}/role-clerk`)).body.privileges).toEqual(
      before,
    );
  });

  it('does not take back what keeps a role from more', async () => {
    const { headers } = await server.request('POST', roles, {
      name: 'fenced',
      privileges: [
        { path: '/api', access: 'all' },
        ...['cluster', 'svm', 'network', 'esplanade', 'private', 'security'].map((part) => ({
          path: `/api/${part}`,
          access: 'none',
        })),
      ],
    });
    const path = String(headers['location']);
    // As a whole it gives less than the clerk has, but for what there is not yet below /api.
    expect(await as('clerk', 'DELETE', `${path}/privileges/%2Fapi%2Fsvm`)).toMatchObject(beyond);
    expect((await server.request('DELETE', path)).status).toBe(200);
  });

  it('takes over, locks and deletes no account that may do more', async () => {
    const admin = `${accounts}/${cluster.uuid}/admin`;
    for (const [method, body] of [
      ['PATCH', { password }],
      ['PATCH', { locked: true }],
      ['PATCH', { comment: 'mine' }],
      ['PATCH', { role: { name: 'role-clerk' } }],
      [
        'PATCH',
        { applications: [{ application: 'http', authentication_methods: ['password', 'certificate'] }] },
      ],
      ['DELETE', undefined],
    ] as const)
      expect(await as('clerk', method, admin, body)).toMatchObject(beyond);
    expect((await as('admin', 'GET', '/api/cluster')).status).toBe(200);
  });

  it('installs and removes no CA that says who logs in as somebody who may do more', async () => {
    const ca = issueCertificate({ subject: '/CN=logins', isCa: true });
    const body = { name: 'logins', type: 'client_ca', public_certificate: ca.certificate };
    const certificates = '/api/security/certificates';
    expect(await as('clerk', 'POST', certificates, body)).toMatchObject(beyond);
    expect(await as('clerk', 'POST', certificates, { ...body, svm: { name: 'svm1' } })).toMatchObject(beyond);
    expect(await as('tenant-clerk', 'POST', certificates, body)).toMatchObject(beyond);
    const made = await server.request('POST', certificates, { ...body, svm: { name: 'svm1' } });
    expect(made.status).toBe(201);
    const path = String(made.headers['location']);
    const crls = '/api/esplanade/v1/certificate-revocation-lists';
    const crl = issueRevocationList({ issuer: ca, number: 1, revoked: [] });
    const certificate = { uuid: path.split('/').at(-1) };
    const list = await as('tenant-clerk', 'POST', crls, { certificate, crl });
    expect(list.status).toBe(201);
    const listed = String(list.headers['location']);
    for (const name of ['clerk', 'tenant-clerk']) expect((await as(name, 'DELETE', path)).status).toBe(403);
    expect(await as('tenant-clerk', 'DELETE', listed)).toMatchObject(beyond);
    expect((await server.request('DELETE', listed)).status).toBe(200);
    expect((await server.request('DELETE', path)).status).toBe(200);
    expect((await as('clerk', 'POST', certificates, { ...body, type: 'server_ca' })).status).toBe(201);
    await server.request('DELETE', `${certificates}?name=logins`);
  });

  it('does not sign with a key that says who logs in as somebody who may do more', async () => {
    const certificates = '/api/security/certificates';
    const ca = { type: 'root_ca', common_name: 'both', svm: { name: 'svm1' } };
    const own = String((await as('tenant-clerk', 'POST', certificates, ca)).headers['location']);
    const sign = (name: string) =>
      as(name, 'POST', `${own}/sign`, { signing_request: exampleSigningRequest });
    expect((await sign('tenant-clerk')).status).toBe(200);
    const { public_certificate } = (await server.request('GET', own)).body;
    for (const owner of [{ svm: { name: 'svm1' } }, {}]) {
      const body = { type: 'client_ca', public_certificate, ...owner };
      const { headers, status } = await server.request('POST', certificates, body);
      expect(status).toBe(201);
      for (const name of ['clerk', 'tenant-clerk']) expect(await sign(name)).toMatchObject(beyond);
      const { text } = await sign('tenant-clerk');
      expect(text).toContain(`as the accounts of ${'svm' in owner ? 'SVM \\"svm1\\"' : 'others'}.`);
      expect((await sign('admin')).status).toBe(200);
      expect((await server.request('DELETE', String(headers['location']))).status).toBe(200);
    }
    expect((await server.request('DELETE', own)).status).toBe(200);
  });

  it('changes his own password all the same', async () => {
    await given('modest', [{ path: '/api/cluster', access: 'readonly' }]);
    const own = `${accounts}/${cluster.uuid}/modest`;
    expect((await as('modest', 'PATCH', own, { password })).status).toBe(200);
    const headers = { authorization: basic('modest', password) };
    expect((await server.request('PATCH', own, { locked: false }, headers)).status).toBe(403);
  });
});

describe('an account of an SVM', () => {
  it('has no say in accounts and roles, whatever its role says', async () => {
    const own = `${accounts}/${uuid}/tenant-clerk`;
    const role = `${roles}/${uuid}/role-tenant-clerk`;
    const tries = [
      await as('tenant-clerk', 'POST', accounts, { name: 'upstart', password }),
      await as('tenant-clerk', 'PATCH', own, { role: { name: 'vsadmin' } }),
      await as('tenant-clerk', 'DELETE', own),
      await as('tenant-clerk', 'POST', roles, { name: 'upstart', privileges: [{ path: '/api' }] }),
      await as('tenant-clerk', 'POST', `${role}/privileges`, { path: '/api/svm', access: 'all' }),
      await as('tenant-clerk', 'DELETE', role),
      await as('tenant-clerk', 'GET', '/api/esplanade/v1/datapaths'),
      await as('tenant-clerk', 'POST', '/api/network/ip/interfaces', {}),
    ];
    expect(tries.map(({ status, body }) => [status, body.error.code])).toEqual(tries.map(() => [403, '6']));
  });

  it('sees the roles of its SVM and no others', async () => {
    await server.request('POST', '/api/svm/svms', { name: 'foreign' });
    await server.request('POST', roles, {
      name: 'foreign-role',
      owner: { name: 'foreign' },
      privileges: [{ path: '/api' }],
    });
    const { body } = await as('tenant-clerk', 'GET', `${roles}?fields=*&order_by=name`);
    expect(body.records.map(({ name }: { name: string }) => name)).toEqual([
      'role-tenant-clerk',
      'vsadmin',
      'vsadmin-readonly',
    ]);
    const foreign = (await server.request('GET', `${roles}?name=foreign-role`)).body.records[0].owner.uuid;
    for (const path of [
      `${roles}/${foreign}/foreign-role`,
      `${roles}/${foreign}/foreign-role/privileges`,
      `${roles}/${foreign}/vsadmin`,
      `${roles}/${cluster.uuid}/admin`,
      `${roles}/${cluster.uuid}/admin/privileges/%2Fapi`,
    ]) {
      const answer = await as('tenant-clerk', 'GET', path);
      expect([answer.status, answer.body.error.code]).toEqual([404, '4']);
    }
  });
});
