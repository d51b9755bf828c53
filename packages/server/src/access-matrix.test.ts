import { type AccessLevel, accessLevels, accountId, type Privilege, type Role } from '@esplanade/desired';
import type { PolicyScope } from '@esplanade/domain';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hashPassword } from './logins/password-hash.ts';
import { allResources } from './resources/index.ts';
import { ofOneself, ofSvms, served, urlOf, type verbs } from './testing/access-rules.ts';
import { basic, startTestServer, testPassword } from './testing/test-server.ts';

/** The machine may have other things to do. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

type Verb = (typeof verbs)[number];

/** What each level opens, written by hand. */
const opened: Readonly<Record<AccessLevel, string>> = {
  none: '',
  readonly: 'GET',
  read_create: 'GET POST',
  read_modify: 'GET PATCH',
  read_create_modify: 'GET POST PATCH',
  all: 'GET POST PATCH DELETE',
};

const server = await startTestServer();
const { desired } = server.parts;
const resources = allResources(server.parts);
const [svm] = desired.snapshot().svms.values();
if (svm === undefined) throw new Error('there is no SVM');
const scopes: Readonly<Record<'cluster' | 'svm', PolicyScope>> = {
  cluster: { kind: 'cluster' },
  svm: { kind: 'svm', svm: { uuid: svm.value.uuid, name: svm.value.name } },
};
const owners = ['cluster', 'svm'] as const;

beforeAll(async () => {
  const passwordHash = await hashPassword(testPassword);
  for (const owner of owners) {
    const scope = scopes[owner];
    await desired.createRole({ name: 'matrix', scope, privileges: [{ path: '/api', access: 'none' }] });
    const name = `of-${owner}`;
    const created = await desired.createAccount({
      name,
      scope,
      role: 'matrix',
      authenticationMethods: ['password'],
      passwordHash,
      isLocked: false,
    });
    expect(created.kind).toBe('written');
    expect(await asks(owner, 'GET', '/api/cluster')).toEqual(refused);
  }
});
const outcomes = new Map<string, number>();
afterAll(async () => {
  const told = [...outcomes].map(([outcome, count]) => `${count} answered ${outcome}`).join(', ');
  console.log(`requests of custom roles to ${resources.length} resources: ${told}`);
  await server.close();
});

/** Gives the account of that owner these privileges, from its next request on. */
async function grant(owner: 'cluster' | 'svm', ...privileges: readonly Privilege[]): Promise<void> {
  const role: Role = { name: 'matrix', scope: scopes[owner], privileges };
  const before = desired.snapshot().roles.get(accountId(role.scope, role.name));
  if (before === undefined) throw new Error('the role is gone');
  expect((await desired.updateRole(role, before.modified)).kind).toBe('written');
}

const refused = [403, '6'];
/** A parameter that nobody knows: whoever gets as far as that does nothing. */
const letIn = [400, '262179'];

async function asks(owner: 'cluster' | 'svm', verb: Verb, url: string) {
  const headers = { authorization: basic(`of-${owner}`, testPassword) };
  const body = verb === 'GET' ? undefined : {};
  const answer = await server.request(verb, `${url}?no-such-parameter=1`, body, headers);
  const outcome = [answer.status, answer.body.error.code];
  const told = outcome.join(' ');
  outcomes.set(told, (outcomes.get(told) ?? 0) + 1);
  return outcome;
}

describe.each(resources.map((resource) => [resource.path, resource] as const))('%s', (path, resource) => {
  const mayAtAll = (owner: 'cluster' | 'svm', verb: Verb): boolean =>
    owner === 'cluster' || ofSvms[path]?.may.split(' ').includes(verb) === true;
  const outcome = (owner: 'cluster' | 'svm', verb: Verb, level: AccessLevel, isMore = false) => {
    const isOwn = ofOneself[path] === verb && (isMore || level !== 'none');
    const isOpen = opened[level].split(' ').includes(verb) && mayAtAll(owner, verb);
    return isOpen || isOwn ? letIn : refused;
  };

  it.each(owners)(
    'is open to a role of the %s as far as its level says, and to nothing else',
    async (owner) => {
      const own = `/api${path.replaceAll(/\{[^}]+\}/g, '*')}`;
      for (const level of accessLevels) {
        await grant(owner, { path: own, access: level });
        for (const verb of served(resource))
          expect([level, verb, ...(await asks(owner, verb, urlOf(resource)))]).toEqual([
            level,
            verb,
            ...outcome(owner, verb, level),
          ]);
      }
      // What the beginning of the path says holds as long as the path itself says nothing.
      await grant(owner, { path: '/api', access: 'all' });
      for (const verb of served(resource))
        expect([verb, ...(await asks(owner, verb, urlOf(resource)))]).toEqual([
          verb,
          ...outcome(owner, verb, 'all'),
        ]);
      await grant(owner, { path: '/api', access: 'all' }, { path: own, access: 'none' });
      for (const verb of served(resource)) {
        expect([verb, ...(await asks(owner, verb, urlOf(resource)))]).toEqual([
          verb,
          ...outcome(owner, verb, 'none', true),
        ]);
        if (resource.kind === 'collection' && verb !== 'POST')
          expect([verb, ...(await asks(owner, verb, urlOf(resource, 'one')))]).toEqual([
            verb,
            ...outcome(owner, verb, 'none', true),
          ]);
      }
    },
  );
});

describe('a path behind a key', () => {
  const sign = resources.find(({ path }) => path === '/security/certificates/{uuid}/sign');
  const [first, second] = ['1f0cbd2e-6ed6-4ff3-9b2f-8c1f86d4f001', '1f0cbd2e-6ed6-4ff3-9b2f-8c1f86d4f002'];
  const url = (uuid: string) => `/api/security/certificates/${uuid}/sign`;

  it('is for one record where it names it, and for the others as * or a shorter path says', async () => {
    expect(sign).toBeDefined();
    await grant(
      'cluster',
      { path: '/api/security', access: 'none' },
      { path: url('*'), access: 'read_create' },
      { path: url(first), access: 'readonly' },
    );
    expect(await asks('cluster', 'POST', url(first))).toEqual(refused);
    expect(await asks('cluster', 'POST', url(first.toUpperCase()))).toEqual(refused);
    expect(await asks('cluster', 'POST', url(second))).toEqual(letIn);
    expect(await asks('cluster', 'GET', '/api/security/certificates')).toEqual(refused);
    await grant('cluster', { path: '/api/security', access: 'all' }, { path: url(second), access: 'none' });
    expect(await asks('cluster', 'POST', url(first))).toEqual(letIn);
    expect(await asks('cluster', 'POST', url(second))).toEqual(refused);
    expect(await asks('cluster', 'POST', `//api///security/%63ertificates/${second}/sign`)).toEqual(refused);
  });
});

describe('what is not below /api', () => {
  const headers = { authorization: basic('of-cluster', testPassword) };

  it('is for who may read /metrics', async () => {
    for (const [path, status] of [
      ['/api', 403],
      ['/metrics', 200],
    ] as const) {
      await grant('cluster', { path, access: 'readonly' });
      expect((await server.request('GET', '/metrics', undefined, headers)).status).toBe(status);
      const ready = await server.request('GET', '/readyz', undefined, headers);
      expect(ready.text.includes('Default')).toBe(status === 200);
    }
    await grant('svm', { path: '/metrics', access: 'all' });
    const ofSvm = { authorization: basic('of-svm', testPassword) };
    expect((await server.request('GET', '/metrics', undefined, ofSvm)).status).toBe(403);
  });
});
