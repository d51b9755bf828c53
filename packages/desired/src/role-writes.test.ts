import type { Problem } from '@esplanade/domain';
import type { Revision } from '@esplanade/store';
import { describe, expect, it } from 'vitest';
import { privilegesOf } from './built-in-roles.ts';
import { openFixture, svmOf } from './desired-state.fixture.ts';
import type { DesiredState } from './desired-state.ts';
import { accountId } from './keys.ts';
import type { Account, Role } from './model.ts';

const cluster = { kind: 'cluster' } as const;
const watcher: Role = {
  name: 'watcher',
  scope: cluster,
  privileges: [
    { path: '/api/security', access: 'read_create_modify' },
    { path: '/api/security/certificates/*/sign', access: 'none' },
  ],
};
const account: Account = {
  name: 'ann',
  scope: cluster,
  role: 'watcher',
  authenticationMethods: ['certificate'],
  isLocked: false,
};
const refusal: Problem = { code: '6', message: 'no', target: 'name' };

function tenants(desired: DesiredState): Role {
  const { uuid, name } = svmOf(desired.snapshot());
  return { ...watcher, scope: { kind: 'svm', svm: { uuid, name } } };
}

function revisionOf(versioned: { readonly modified: Revision } | undefined): Revision {
  if (versioned === undefined) throw new Error('there is no such record');
  return versioned.modified;
}

function found(desired: DesiredState, { scope, name }: Role) {
  const role = desired.snapshot().roles.get(accountId(scope, name));
  if (role === undefined) throw new Error(`there is no role ${name}`);
  return role;
}

describe('roles', () => {
  it('have names of their own among those of one owner, and none of a built-in one', async () => {
    const { desired } = await openFixture();
    expect((await desired.createRole(watcher)).kind).toBe('written');
    expect((await desired.createRole(tenants(desired))).kind).toBe('written');
    expect((await desired.createRole(watcher)).kind).toBe('duplicate');
    for (const name of ['admin', 'vsadmin', 'none'])
      expect((await desired.createRole({ ...tenants(desired), name })).kind).toBe('duplicate');
  });

  it('are the same after a restart', async () => {
    const fixture = await openFixture();
    await fixture.desired.createRole(watcher);
    await fixture.desired.createRole(tenants(fixture.desired));
    await fixture.close();
    const { desired } = await openFixture(fixture.directory);
    expect(found(desired, watcher).value).toEqual(watcher);
    expect(found(desired, tenants(desired)).value).toEqual(tenants(desired));
  });

  it('are found by owner and name, built in or not', async () => {
    const { desired } = await openFixture();
    await desired.createRole(watcher);
    const { scope } = tenants(desired);
    const named = (owner: Role['scope'], name: string) => privilegesOf(desired.snapshot(), owner, name);
    expect(named(cluster, 'watcher')).toEqual(watcher.privileges);
    expect(named(scope, 'watcher')).toBeUndefined();
    expect(named(cluster, 'admin')).toContainEqual({ path: '/api', access: 'all' });
    expect(named(scope, 'admin')).toBeUndefined();
    expect(named(cluster, 'vsadmin')).toBeUndefined();
    expect(named(scope, 'vsadmin')).toEqual([{ path: '/api', access: 'all' }]);
  });

  it('are had only by accounts of their owner, and stay as long as one has them', async () => {
    const { desired } = await openFixture();
    await desired.createRole(watcher);
    const { scope } = tenants(desired);
    expect(await desired.createAccount({ ...account, role: 'nobody' })).toMatchObject({
      kind: 'refused',
      problem: { code: '7077906', target: 'role.name' },
    });
    expect((await desired.createAccount({ ...account, scope })).kind).toBe('refused');
    expect((await desired.createAccount(account)).kind).toBe('written');
    expect(await desired.deleteRole(cluster, 'watcher')).toMatchObject({
      kind: 'refused',
      problem: { code: '5636172', message: expect.stringContaining('"ann"') },
    });
    expect((await desired.deleteAccount(cluster, 'ann')).kind).toBe('written');
    expect((await desired.deleteRole(cluster, 'watcher')).kind).toBe('written');
    expect((await desired.deleteRole(cluster, 'watcher')).kind).toBe('not-found');
  });

  it('never go while somebody is given them at the same moment', async () => {
    const { desired } = await openFixture();
    for (let round = 0; round < 20; round += 1) {
      await desired.createRole(watcher);
      const [made, gone] = await Promise.all([
        desired.createAccount(account),
        desired.deleteRole(cluster, 'watcher'),
      ]);
      expect([made.kind, gone.kind].sort()).toEqual(['refused', 'written']);
      await desired.deleteAccount(cluster, 'ann');
      await desired.deleteRole(cluster, 'watcher');
    }
  });

  it('are changed only from the revision they were read at', async () => {
    const { desired } = await openFixture();
    await desired.createRole(watcher);
    const { modified } = found(desired, watcher);
    const narrower: Role = { ...watcher, privileges: [{ path: '/api', access: 'none' }] };
    expect((await desired.updateRole(narrower, modified)).kind).toBe('written');
    expect((await desired.updateRole(watcher, modified)).kind).toBe('conflict');
    expect((await desired.deleteRole(cluster, 'watcher', modified)).kind).toBe('conflict');
    expect(found(desired, watcher).value).toEqual(narrower);
    expect((await desired.updateRole({ ...watcher, name: 'nobody' }, modified)).kind).toBe('not-found');
  });

  it('keep their SVM from being deleted, and show its new name', async () => {
    const { desired } = await openFixture();
    const role = tenants(desired);
    const svm = svmOf(desired.snapshot());
    await desired.createRole(role);
    expect(await desired.deleteSvm(svm.uuid)).toMatchObject({
      kind: 'refused',
      problem: { message: expect.stringContaining('role "watcher"') },
    });
    const modified = revisionOf(desired.snapshot().svms.get(svm.uuid));
    await desired.updateSvm({ ...svm, name: 'harbour' }, modified);
    expect(found(desired, role).value.scope).toMatchObject({ svm: { name: 'harbour' } });
  });

  it('and accounts are not written where the guard refuses it', async () => {
    const { desired } = await openFixture();
    await desired.createRole(watcher);
    await desired.createAccount(account);
    const { modified } = found(desired, watcher);
    const guard = () => refusal;
    const accountAt = revisionOf(desired.snapshot().accounts.get(accountId(cluster, 'ann')));
    const results = [
      await desired.createRole({ ...watcher, name: 'other' }, guard),
      await desired.updateRole(watcher, modified, guard),
      await desired.deleteRole(cluster, 'watcher', modified, guard),
      await desired.createAccount({ ...account, name: 'bob' }, guard),
      await desired.updateAccount(account, accountAt, guard),
      await desired.deleteAccount(cluster, 'ann', accountAt, guard),
    ];
    expect(results).toEqual(results.map(() => ({ kind: 'refused', problem: refusal })));
  });
});

describe('the last administrator', () => {
  it('has a password, because certificates end', async () => {
    const { desired } = await openFixture();
    const admin: Account = {
      ...account,
      name: 'admin',
      role: 'admin',
      authenticationMethods: ['password'],
      passwordHash: 'x',
    };
    await desired.createAccount(admin);
    await desired.createAccount({ ...account, name: 'robot', role: 'admin' });
    const modified = revisionOf(desired.snapshot().accounts.get(accountId(cluster, 'admin')));
    const { passwordHash: _, ...without } = admin;
    const last = { kind: 'refused', problem: { code: '5636098' } };
    expect(
      await desired.updateAccount({ ...without, authenticationMethods: ['certificate'] }, modified),
    ).toMatchObject(last);
    expect(await desired.deleteAccount(cluster, 'admin')).toMatchObject(last);
  });
});
