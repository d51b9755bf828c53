import {
  type AccountScope,
  accessLevels,
  accountId,
  builtInRoles,
  type DesiredSnapshot,
  type Privilege,
} from '@esplanade/desired';
import type { AccessVerb, Principal, Resource } from '@esplanade/ontap';
import type { Revision } from '@esplanade/store';
import { describe, expect, it } from 'vitest';
import { placeOf } from './privilege-path.ts';
import { coversRights, isGranted, reachOf } from './roles.ts';
import { verbs } from './testing/access-rules.ts';

function resource(path: string, ...svmAccess: readonly AccessVerb[]): Resource<unknown> {
  return { kind: 'singleton', path, title: path, fields: {}, svmAccess, read: () => ({}) };
}

const resources = [
  resource('/cluster', 'GET'),
  resource('/svm/svms', 'GET'),
  resource('/security/accounts', 'GET'),
  resource('/security/roles'),
  resource('/security/roles/{owner.uuid}/{name}/privileges', 'GET'),
  resource('/security/certificates', 'GET', 'POST', 'DELETE'),
  resource('/security/certificates/{uuid}/sign', 'POST'),
];
const keys = [['k1'], ['k2'], ['k3']];
const paths = [
  '/api',
  '/metrics',
  '/api/security',
  '/api/svm',
  ...resources.map((each) => `/${placeOf(each).join('/')}`),
  '/api/security/certificates/k1/sign',
  '/api/security/certificates/k2/sign',
  '/api/security/roles/k1/k1/privileges',
];
const svm: AccountScope = { kind: 'svm', svm: { uuid: 's1' } };
const cluster: AccountScope = { kind: 'cluster' };

/** Numbers that look random and are the same each time (mulberry32). */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
const random = numbers(20261122);
const below = (count: number): number => Math.floor(random.next().value * count);

/** Levels are wide more often than not, so that one role is above another now and then. */
function somePrivileges(): readonly Privilege[] {
  const chosen = new Set(Array.from({ length: 1 + below(4) }, () => paths[below(paths.length)] ?? '/api'));
  return [...chosen].map((path) => ({
    path,
    access: accessLevels[below(2) === 0 ? accessLevels.length - 1 : below(accessLevels.length)] ?? 'none',
  }));
}

const created = 1 as Revision;

function snapshotOf(
  roles: Readonly<Record<string, readonly [AccountScope, readonly Privilege[]]>>,
): Pick<DesiredSnapshot, 'roles'> {
  const entries = Object.entries(roles).map(([name, [scope, privileges]]) => {
    const owner =
      scope.kind === 'svm'
        ? ({ kind: 'svm', svm: { uuid: scope.svm.uuid, name: 'svm1' } } as const)
        : ({ kind: 'cluster' } as const);
    return [
      accountId(scope, name),
      { value: { name, scope: owner, privileges }, created, modified: created },
    ] as const;
  });
  return { roles: new Map(entries) };
}

function principal(role: string, scope: AccountScope): Principal {
  return scope.kind === 'svm'
    ? { account: role, role, svmUuid: scope.svm.uuid, isOfSvm: true }
    : { account: role, role };
}

describe('a role that covers another', () => {
  it('opens everything that the other does, of 20,000 pairs of random ones', () => {
    let covered = 0;
    const gained: unknown[] = [];
    for (let round = 0; round < 20_000; round += 1) {
      const [mine, theirs] = [somePrivileges(), somePrivileges()];
      const scopes = [below(4) === 0 ? svm : cluster, below(2) === 0 ? svm : cluster] as const;
      const snapshot = snapshotOf({ mine: [scopes[0], mine], theirs: [scopes[1], theirs] });
      const [me, other] = [principal('mine', scopes[0]), principal('theirs', scopes[1])];
      if (!coversRights(snapshot, me, { scope: scopes[1], privileges: theirs }, resources)) continue;
      covered += 1;
      for (const each of resources) {
        const braces = each.path.split('{').length - 1;
        for (const [key = ''] of keys)
          for (const verb of verbs) {
            const use = { resource: each, verb, within: Array.from({ length: braces }, () => key) };
            if (isGranted(snapshot, other, use) && !isGranted(snapshot, me, use))
              gained.push({ mine, theirs, use: [each.path, key, verb] });
          }
      }
    }
    expect(gained).toEqual([]);
    expect(covered).toBeGreaterThan(500);
    console.log(`20,000 pairs of random roles: ${covered} cover the other, and open all that it does`);
  });

  it('is itself, and admin is above all', () => {
    for (let round = 0; round < 200; round += 1) {
      const privileges = somePrivileges();
      for (const scope of [cluster, svm]) {
        const snapshot = snapshotOf({ mine: [scope, privileges] });
        const rights = { scope, privileges };
        expect(coversRights(snapshot, principal('mine', scope), rights, resources)).toBe(true);
        expect(coversRights(snapshot, principal('admin', cluster), rights, resources)).toBe(true);
      }
    }
    const none = snapshotOf({});
    for (const { name, owner, privileges } of builtInRoles) {
      const rights = { scope: owner === 'svm' ? svm : cluster, privileges };
      expect(coversRights(none, principal('admin', cluster), rights, resources)).toBe(true);
      const isReader = ['readonly', 'none', 'vsadmin-readonly'].includes(name);
      expect([name, coversRights(none, principal('readonly', cluster), rights, resources)]).toEqual([
        name,
        isReader,
      ]);
    }
  });

  it('is never one of another SVM, nor of an SVM for the cluster’s', () => {
    const all: readonly Privilege[] = [{ path: '/api', access: 'all' }];
    const other: AccountScope = { kind: 'svm', svm: { uuid: 's2' } };
    const me = principal('vsadmin', svm);
    const covers = (scope: AccountScope, privileges: readonly Privilege[]) =>
      coversRights(snapshotOf({}), me, { scope, privileges }, resources);
    expect(covers(svm, all)).toBe(true);
    expect(covers(other, all)).toBe(false);
    expect(covers(cluster, [{ path: '/api/cluster', access: 'readonly' }])).toBe(false);
  });
});

describe('a role that is not there', () => {
  it('opens nothing, not even what is one’s own', () => {
    const own = {
      ...resource('/security/accounts', 'GET'),
      ownAccess: { verbs: ['PATCH'] as const, isOwn: () => true },
    };
    for (const verb of verbs)
      expect(reachOf(snapshotOf({}), principal('gone', cluster), { resource: own, verb, within: [] })).toBe(
        'none',
      );
  });
});
