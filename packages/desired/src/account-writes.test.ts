import { describe, expect, it } from 'vitest';
import { openFixture, svmOf } from './desired-state.fixture.ts';
import type { DesiredState } from './desired-state.ts';
import { accountId } from './keys.ts';
import type { Account } from './model.ts';

const cluster = { kind: 'cluster' } as const;
const admin: Account = {
  name: 'admin',
  scope: cluster,
  role: 'admin',
  authenticationMethods: ['password'],
  passwordHash: 'one',
  isLocked: false,
};

function tenant(desired: DesiredState, name = 'admin'): Account {
  const { uuid, name: svmName } = svmOf(desired.snapshot());
  const svm = { uuid, name: svmName };
  return {
    name,
    scope: { kind: 'svm', svm },
    role: 'vsadmin',
    authenticationMethods: ['password'],
    passwordHash: 'x',
    isLocked: false,
  };
}

function found(desired: DesiredState, { scope, name }: Account) {
  const account = desired.snapshot().accounts.get(accountId(scope, name));
  if (account === undefined) throw new Error(`there is no account ${name}`);
  return account;
}

describe('accounts', () => {
  it('have names that are their own among those of one owner', async () => {
    const { desired } = await openFixture();
    expect((await desired.createAccount(admin)).kind).toBe('written');
    expect((await desired.createAccount(tenant(desired))).kind).toBe('written');
    expect((await desired.createAccount(admin)).kind).toBe('duplicate');
    expect(desired.snapshot().accounts.size).toBe(2);
    expect(found(desired, tenant(desired)).value).toEqual(tenant(desired));
  });

  it('are the same after a restart, also those of before there were owners', async () => {
    const fixture = await openFixture();
    const comment = 'of the night shift';
    await fixture.desired.createAccount({ ...tenant(fixture.desired, 'a/b c'), isLocked: true, comment });
    const former = JSON.stringify({ name: 'admin', role: 'admin', passwordHash: 'h' });
    await fixture.store.commit([
      { kind: 'put', key: 'accounts/admin', value: former, expect: { kind: 'any' } },
    ]);
    await fixture.close();
    const { desired } = await openFixture(fixture.directory);
    expect([...desired.snapshot().accounts.values()].map(({ value }) => value)).toEqual(
      expect.arrayContaining([
        { ...tenant(desired, 'a/b c'), isLocked: true, comment },
        { ...admin, passwordHash: 'h' },
      ]),
    );
  });

  it('keep how they log in over a restart, with a password and without', async () => {
    const fixture = await openFixture();
    const both = { ...admin, authenticationMethods: ['password', 'certificate'] } as const;
    const { passwordHash: _, ...nameless } = tenant(fixture.desired, 'robot');
    const robot = { ...nameless, authenticationMethods: ['certificate'] } as const;
    await fixture.desired.createAccount(both);
    await fixture.desired.createAccount(robot);
    await fixture.close();
    const { desired } = await openFixture(fixture.directory);
    expect(found(desired, both).value).toEqual(both);
    expect(found(desired, robot).value).toEqual(robot);
  });

  it('are changed only from the revision they were read at', async () => {
    const { desired } = await openFixture();
    await desired.createAccount(tenant(desired));
    const { modified } = found(desired, tenant(desired));
    const locked = { ...tenant(desired), isLocked: true };
    expect((await desired.updateAccount(locked, modified)).kind).toBe('written');
    expect((await desired.updateAccount(locked, modified)).kind).toBe('conflict');
    expect((await desired.updateAccount({ ...locked, name: 'nobody' }, modified)).kind).toBe('not-found');
  });

  it('keep their SVM from being deleted, and are not made for one that is gone', async () => {
    const { desired } = await openFixture();
    const account = tenant(desired, 'keeper');
    const svm = svmOf(desired.snapshot());
    await desired.createAccount(account);
    expect(await desired.deleteSvm(svm.uuid)).toMatchObject({
      kind: 'refused',
      problem: { message: expect.stringContaining('account "keeper"') },
    });
    expect((await desired.deleteAccount(account.scope, account.name)).kind).toBe('written');
    expect((await desired.deleteAccount(account.scope, account.name)).kind).toBe('not-found');
    expect((await desired.deleteSvm(svm.uuid)).kind).toBe('written');
    expect((await desired.createAccount(account)).kind).toBe('refused');
  });

  it('always leave one administrator who can log in', async () => {
    const { desired } = await openFixture();
    await desired.createAccount(admin);
    await desired.createAccount({ ...admin, name: 'locked', isLocked: true });
    await desired.createAccount({ ...admin, name: 'reader', role: 'readonly' });
    const last = { kind: 'refused', problem: { code: '5636098', target: 'name' } };
    const { modified } = found(desired, admin);
    expect(await desired.deleteAccount(cluster, 'admin')).toMatchObject(last);
    expect(await desired.updateAccount({ ...admin, isLocked: true }, modified)).toMatchObject(last);
    expect(await desired.updateAccount({ ...admin, role: 'readonly' }, modified)).toMatchObject(last);
    expect((await desired.updateAccount({ ...admin, passwordHash: 'two' }, modified)).kind).toBe('written');
    expect((await desired.deleteAccount(cluster, 'locked')).kind).toBe('written');
  });

  it('are not all removed by administrators who remove one another at once', async () => {
    const { desired } = await openFixture();
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const name of names) await desired.createAccount({ ...admin, name });
    const results = await Promise.all(names.map((name) => desired.deleteAccount(cluster, name)));
    expect(results.filter(({ kind }) => kind === 'written')).toHaveLength(names.length - 1);
    expect(desired.snapshot().accounts.size).toBe(1);
  });
});
