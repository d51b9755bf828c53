import { issueCertificate } from '@esplanade/domain/testing/certificates';
import { issueRevocationList } from '@esplanade/domain/testing/revocation-lists';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hashPassword } from './logins/password-hash.ts';
import { allResources } from './resources/index.ts';
import { type Foreign, foreignUses, ofOneself, ofSvms, served, urlOf } from './testing/access-rules.ts';
import {
  type Answer,
  basic,
  goodPolicy,
  startTestServer,
  type TestServer,
  testPassword,
} from './testing/test-server.ts';

/** Passwords are hashed and certificates made: the machine may have other things to do. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Roles of each kind; `custom` is one of `svm1` that lets its accounts do whatever those of an SVM may. */
type AccountRole = 'admin' | 'readonly' | 'none' | 'vsadmin' | 'vsadmin-readonly' | 'custom';

/** Begins the name of everything that is not for `svm1` to know. */
const canary = 'canary';
const own = `${canary.toUpperCase()}-OWN`;

const server: TestServer = await startTestServer();
const resources = allResources(server.parts);
const hash = await hashPassword(testPassword);
const accounts = new Map<AccountRole, Readonly<Record<string, string>>>();

beforeAll(async () => {
  await make('/network/ipspaces', { name: `${canary}-ipspace` });
  await make('/svm/svms', { name: `${canary}-svm`, ipspace: { name: `${canary}-ipspace` } });
  await make('/svm/svms', { name: `${canary}-neighbour` });
  await server.request('PATCH', '/api/security/ipsec', { enabled: true });
  for (const [svm, name, address] of [
    ['svm1', own, '192.0.2.1'],
    [`${canary}-svm`, `${canary}-aside`, '192.0.2.1'],
    [`${canary}-neighbour`, `${canary}-next`, '192.0.2.21'],
  ] as const) {
    const owner = { svm: { name: svm } };
    await make('/network/ip/interfaces', { ...owner, name, ip: { address } });
    const local_endpoint = { address, netmask: '32' };
    await make('/security/ipsec/policies', { ...goodPolicy, ...owner, name, local_endpoint });
    const ca = issueCertificate({ subject: `/CN=${name}`, isCa: true });
    const installed = { ...owner, name, type: 'server_ca', public_certificate: ca.certificate };
    const certificate = { uuid: (await make('/security/certificates', installed)).split('/').at(-1) };
    await make('/security/ipsec/ca-certificates', { certificate });
    const crl = issueRevocationList({ issuer: ca, number: 1, revoked: [] });
    await make('/esplanade/v1/certificate-revocation-lists', { certificate, crl });
  }
  await make('/security/roles', {
    name: 'custom',
    owner: { name: 'svm1' },
    privileges: [{ path: '/api', access: 'all' }],
  });
  for (const [role, svm] of [
    ['admin', undefined],
    ['readonly', undefined],
    ['none', undefined],
    ['vsadmin', 'svm1'],
    ['vsadmin-readonly', 'svm1'],
    ['custom', 'svm1'],
    ['vsadmin', `${canary}-svm`],
  ] as const) {
    const name = svm === `${canary}-svm` ? `${canary}-keeper` : `of-${role}`;
    await putAccount(name, role, svm);
    if (svm !== `${canary}-svm`) accounts.set(role, { authorization: basic(name, testPassword) });
  }
  const path = '/api/security/ipsec/security-associations?fields=svm';
  await vi.waitFor(
    async () => {
      const { body } = await server.request('GET', path);
      expect(new Set(body.records.map((record: { svm: { name: string } }) => record.svm.name)).size).toBe(3);
    },
    { timeout: 15_000 },
  );
});
afterAll(() => server.close());

async function make(path: string, body: object): Promise<string> {
  const { status, text, headers } = await server.request('POST', `/api${path}`, body);
  if (status !== 201) throw new Error(`POST ${path}: ${status} ${text}`);
  return String(headers['location']);
}

async function putAccount(name: string, role: AccountRole, svmName?: string): Promise<void> {
  const { desired } = server.parts;
  const svm = [...desired.snapshot().svms.values()].find(({ value }) => value.name === svmName)?.value;
  const scope =
    svm === undefined
      ? ({ kind: 'cluster' } as const)
      : ({ kind: 'svm', svm: { uuid: svm.uuid, name: svm.name } } as const);
  await desired.putAccount({
    name,
    scope,
    role,
    authenticationMethods: ['password'],
    passwordHash: hash,
    isLocked: false,
  });
}

function as(role: AccountRole, method: string, path: string, body?: unknown): Promise<Answer> {
  return server.request(method, path, body, accounts.get(role));
}

describe('the table of what accounts of an SVM may do', () => {
  it('has a row for every resource and no other', () => {
    expect(resources.map(({ path }) => path).sort()).toEqual(Object.keys(ofSvms).sort());
  });

  it('is what the descriptors say', () => {
    const said = resources.map(({ path, svmAccess }) => [path, svmAccess?.join(' ')]);
    expect(said).toEqual(resources.map(({ path }) => [path, ofSvms[path]?.may]));
    const ofAll = resources.flatMap(({ path, ownAccess }) =>
      ownAccess ? [[path, ownAccess.verbs.join(' ')]] : [],
    );
    expect(Object.fromEntries(ofAll)).toEqual(ofOneself);
  });
});

describe.each(resources.map((resource) => [resource.path, resource] as const))('%s', (path, resource) => {
  const may = (role: AccountRole, verb: string): boolean => {
    const svm = ofSvms[path]?.may.split(' ').includes(verb) === true;
    const own = ofOneself[path] === verb;
    const rules = {
      admin: true,
      readonly: verb === 'GET' || own,
      none: false,
      vsadmin: svm || own,
      custom: svm || own,
      'vsadmin-readonly': (svm && verb === 'GET') || own,
    };
    return rules[role];
  };
  const rows = (['admin', 'readonly', 'none', 'vsadmin', 'vsadmin-readonly', 'custom'] as const).flatMap(
    (role) => served(resource).map((verb) => [role, verb] as const),
  );

  it.each(rows)('lets %s %s what it may, and nothing else', async (role, verb) => {
    // A parameter that nobody knows: whoever gets as far as that does nothing.
    const url = `${urlOf(resource)}?no-such-parameter=1`;
    const { status, body } = await as(role, verb, url, verb === 'GET' ? undefined : {});
    const expected = may(role, verb) ? [400, '262179'] : [403, '6'];
    expect([status, body.error.code]).toEqual(expected);
    if (resource.kind !== 'collection' || verb === 'POST') return;
    const instance = await as(role, verb, `${urlOf(resource, 'one')}?x=1`);
    expect([instance.status, instance.body.error.code]).toEqual(expected);
  });

  it('answers accounts of an SVM of what is another’s as of what is not there', async () => {
    const use = foreignUses[path];
    expect(use !== undefined).toBe(resource.kind === 'action' || path.includes('{'));
    if (use === undefined) return;
    const recordAt = async (url: string) => (await server.request('GET', url)).body.records[0];
    const svm = await recordAt(`/api/svm/svms?name=${canary}-neighbour`);
    const certificate = await recordAt(`/api/security/certificates?name=${canary}-next`);
    const absent = { uuid: '1f0cbd2e-6ed6-4ff3-9b2f-8c1f86d4f001', name: 'nowhere' };
    for (const role of ['vsadmin', 'vsadmin-readonly', 'custom'] as const)
      for (const verb of served(resource)) {
        const ask = async (foreign: Foreign) => {
          const asked = use(foreign);
          const { status, text } = await as(
            role,
            verb,
            `/api${asked.path}`,
            verb === 'GET' ? undefined : asked.body,
          );
          const said = [foreign.svm, foreign.certificate].flatMap(({ uuid, name }) => [uuid, name]);
          return [status, said.reduce((told, each) => told.replaceAll(each, '…'), text)];
        };
        const [there, notThere] = [
          await ask({ svm, certificate }),
          await ask({ svm: absent, certificate: absent }),
        ];
        expect([verb, ...there]).toEqual([verb, ...notThere]);
        expect(there[0]).toBeGreaterThanOrEqual(400);
      }
  });

  it('shows accounts of an SVM nothing of others, and does nothing to it', async () => {
    if (resource.kind === 'action' || path.includes('{')) return;
    const { shows = 'none' } = ofSvms[path] ?? {};
    const query =
      'local_address=192.0.2.21&remote_address=192.0.2.2&protocol=tcp&local_port=1&remote_port=2049';
    const parameters = path === '/esplanade/v1/decisions' ? query : '';
    const fields = 'isCli' in resource && resource.isCli ? Object.keys(resource.fields) : ['**'];
    const readable = fields.filter((name) => name === '**' || resource.fields[name]?.get !== undefined);
    const url = `/api${path}?${parameters}&fields=${readable.join()}`;
    const all = await as('readonly', 'GET', url);
    expect(all.status).toBe(200);
    for (const role of ['vsadmin', 'vsadmin-readonly', 'custom'] as const) {
      const { status, text, body } = await as(role, 'GET', url);
      expect(status).toBe(may(role, 'GET') ? 200 : 403);
      expect(text).not.toContain(canary);
      if (shows === 'none') continue;
      expect(all.text).toContain(canary);
      expect(body.num_records).toBeGreaterThan(0);
      const counted = await as(role, 'GET', `${url}&return_records=false`);
      expect(counted.body.num_records).toBe(body.num_records);
      if (resource.kind !== 'collection') continue;
      const foreign = all.body.records.filter((record: object) => JSON.stringify(record).includes(canary));
      expect(foreign.length).toBeGreaterThan(0);
      for (const { _links } of foreign) {
        for (const verb of served(resource).filter((each) => each !== 'POST')) {
          const body = verb === 'PATCH' ? (resource.examples?.patch ?? {}) : undefined;
          const answer = await as(role, verb, _links.self.href, body);
          expect([verb, answer.status]).toEqual([
            verb,
            may(role, verb) && ofOneself[path] !== verb ? 404 : 403,
          ]);
          expect(answer.text).not.toContain(canary);
        }
      }
    }
    expect((await as('readonly', 'GET', url)).body.num_records).toBe(all.body.num_records);
  });
});

describe('beside the API', () => {
  it('readiness names nothing to whom it does not belong', async () => {
    for (const headers of [
      { authorization: '' },
      { authorization: basic('admin', 'no password of anybody') },
      accounts.get('vsadmin'),
      accounts.get('vsadmin-readonly'),
    ]) {
      const { status, body } = await server.request('GET', '/readyz', undefined, headers);
      expect(status).toBe(200);
      expect(body).toEqual({
        ready: true,
        store: { ready: true },
        writes: { ready: true },
        datapath: { ready: true },
      });
    }
    for (const role of ['admin', 'readonly'] as const)
      expect((await as(role, 'GET', '/readyz')).text).toContain(`${canary}-ipspace`);
  });

  it.each(['/healthz', '/openapi.json', '/docs/api'])('%s has nothing of anybody', async (path) => {
    const { status, text } = await server.request('GET', path, undefined, { authorization: '' });
    expect(status).toBe(200);
    expect(text).not.toContain(canary);
  });

  it('metrics are for accounts of the cluster', async () => {
    for (const [role, status] of [
      ['admin', 200],
      ['readonly', 200],
      ['vsadmin', 403],
      ['vsadmin-readonly', 403],
    ] as const)
      for (const method of ['GET', 'HEAD']) expect((await as(role, method, '/metrics')).status).toBe(status);
  });
});

describe('an account of an SVM', () => {
  const policies = '/api/security/ipsec/policies';
  const policy = { ...goodPolicy, name: 'mine', remote_endpoint: { address: '192.0.2.3', netmask: '32' } };

  it('cannot create a policy on an address it does not own, by no door, and can on one it does', async () => {
    for (const address of ['192.0.2.21', '192.0.2.99', '198.51.100.7']) {
      const local_endpoint = { address, netmask: '32' };
      const refused = await as('vsadmin', 'POST', policies, { ...policy, local_endpoint });
      expect(refused).toMatchObject({
        status: 403,
        body: { error: { code: '990002', target: 'local_endpoint.address' } },
      });
      expect(refused.body.error.message).toContain(`SVM "svm1" does not own ${address}/32`);
      const cli = await as('vsadmin', 'POST', '/api/private/cli/security/ipsec/policy', {
        name: 'mine',
        local_ip_subnets: `${address}/32`,
        remote_ip_subnets: '192.0.2.3/32',
        shared_key: policy.secret_key,
      });
      expect(cli).toMatchObject({
        status: 403,
        body: { error: { code: '990002', target: 'local_ip_subnets' } },
      });
    }
    const subnet = { ...policy, local_endpoint: { address: '192.0.2.1', netmask: '24' } };
    expect((await as('vsadmin', 'POST', policies, subnet)).status).toBe(403);
    const created = await as('vsadmin', 'POST', policies, policy);
    expect(created.status).toBe(201);
    const path = String(created.headers['location']);
    const moved = { local_endpoint: { address: '192.0.2.21', netmask: '32' } };
    expect((await as('vsadmin', 'PATCH', path, moved)).status).toBe(403);
    expect((await as('vsadmin-readonly', 'DELETE', path)).status).toBe(403);
    expect((await server.request('PATCH', path, moved)).status).toBe(200);
    const state = `/api/esplanade/v1/policies/${path.split('/').at(-1)}`;
    expect((await as('vsadmin', 'GET', state)).body).toMatchObject({ local_address_owned: false });
    expect((await as('vsadmin', 'PATCH', path, { enabled: false })).status).toBe(200);
    expect((await as('vsadmin', 'PATCH', path, { enabled: true })).status).toBe(403);
    expect((await as('vsadmin', 'DELETE', path)).status).toBe(200);
  });

  it('makes no address its own', async () => {
    const lif = { name: 'grab', ip: { address: '192.0.2.99' } };
    expect((await as('vsadmin', 'POST', '/api/network/ip/interfaces', lif)).status).toBe(403);
  });

  it('is not an administrator who narrows a request to its SVM', async () => {
    const local_endpoint = { address: '192.0.2.98', netmask: '32' };
    const headers = { ...accounts.get('admin'), 'x-dot-svm-name': 'svm1' };
    const created = await server.request('POST', policies, { ...policy, local_endpoint }, headers);
    expect(created.status).toBe(201);
    await server.request('DELETE', String(created.headers['location']));
  });

  it('does not reach another SVM by its name, its uuid, a tunnel or scope cluster', async () => {
    const theirs = { ...policy, svm: { name: `${canary}-neighbour` } };
    const unknown = await as('vsadmin', 'POST', policies, theirs);
    expect(unknown).toMatchObject({ status: 400, body: { error: { code: '66257202' } } });
    const cluster = await as('vsadmin', 'POST', policies, { ...policy, scope: 'cluster' });
    expect(cluster).toMatchObject({ status: 400, body: { error: { code: '262186' } } });
    const ipspace = { ...policy, ipspace: { name: `${canary}-ipspace` } };
    const nowhere = { ...policy, ipspace: { name: 'nowhere' } };
    const [there, notThere] = [
      await as('vsadmin', 'POST', policies, ipspace),
      await as('vsadmin', 'POST', policies, nowhere),
    ];
    expect(there.body.error.code).toBe(notThere.body.error.code);
    for (const name of [`${canary}-neighbour`, 'nobody']) {
      const headers = { ...accounts.get('vsadmin'), 'x-dot-svm-name': name };
      expect((await server.request('GET', policies, undefined, headers)).status).toBe(403);
    }
  });

  it('is not told which policy of another SVM is in its way', async () => {
    const made = await make('/security/ipsec/policies', {
      ...goodPolicy,
      name: `${canary}-older`,
      scope: 'cluster',
      action: 'bypass',
      secret_key: undefined,
      remote_endpoint: { address: '192.0.2.4', netmask: '32' },
    });
    const younger = {
      ...policy,
      action: 'bypass',
      remote_endpoint: { address: '192.0.2.4', netmask: '32' },
      protocol: 'tcp',
    };
    const { headers } = await as('vsadmin', 'POST', policies, {
      ...younger,
      remote_endpoint: { ...younger.remote_endpoint, port: '0' },
    });
    const state = `/api/esplanade/v1/policies/${String(headers['location']).split('/').at(-1)}`;
    const { text, body } = await as('vsadmin', 'GET', `${state}?fields=**`);
    expect(body.state).toBe('shadowed');
    expect(body.reason).toContain('is older and has the same selector');
    expect(text).not.toContain(canary);
    expect(text).not.toContain(made.split('/').at(-1));
    expect((await as('readonly', 'GET', state)).text).toContain(`${canary}-older`);
  });
});
