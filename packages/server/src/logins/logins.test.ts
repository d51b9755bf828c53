import type { Account, DesiredSnapshot } from '@esplanade/desired';
import type { Revision } from '@esplanade/store';
import { expect, it } from 'vitest';
import { startTestServer } from '../testing/test-server.ts';
import { Logins } from './logins.ts';

/** Snapshots with these accounts, made in this order; the map need not be. */
async function loginsOf(...accounts: readonly Account[]) {
  const server = await startTestServer();
  const snapshot = server.parts.desired.snapshot();
  await server.close();
  let shown: DesiredSnapshot = snapshot;
  const show = (next: readonly Account[]): void => {
    const rows = next.map((value, index) => {
      const created = (index + 1) as Revision;
      return [`${index}`, { value, created, modified: created }] as const;
    });
    shown = { ...snapshot, accounts: new Map(rows.reverse()) };
  };
  show(accounts);
  return { logins: new Logins({ snapshot: () => shown }), show };
}

function account(name: string, svm?: string, over: Partial<Account> = {}): Account {
  return {
    name,
    scope:
      svm === undefined ? { kind: 'cluster' } : { kind: 'svm', svm: { uuid: `uuid of ${svm}`, name: svm } },
    role: svm === undefined ? 'admin' : 'vsadmin',
    authenticationMethods: ['password'],
    passwordHash: '',
    isLocked: false,
    ...over,
  };
}

it('a plain name is the cluster’s account, however young', async () => {
  const [old, young] = [account('keeper', 'svm1'), account('keeper')];
  const { logins } = await loginsOf(old, young);
  expect(logins.find('keeper')).toBe(young);
  expect(logins.find('svm1\\keeper')).toBe(old);
});

it('a plain name that the cluster has not is the oldest of any SVM', async () => {
  const [first, second] = [account('keeper', 'svm2'), account('keeper', 'svm1')];
  const { logins } = await loginsOf(first, second);
  expect(logins.find('keeper')).toBe(first);
  expect(logins.find('svm1\\keeper')).toBe(second);
  expect(logins.find('svm3\\keeper')).toBeUndefined();
  expect(logins.find('KEEPER')).toBeUndefined();
});

it('a locked account does not give its name to another', async () => {
  const { logins } = await loginsOf(
    account('keeper', undefined, { isLocked: true }),
    account('keeper', 'svm1'),
  );
  expect(logins.find('keeper')?.isLocked).toBe(true);
  expect(logins.find('svm1\\keeper')?.isLocked).toBe(false);
});

it('what changes counts at once', async () => {
  const keeper = account('keeper', 'svm1');
  const { logins, show } = await loginsOf(keeper);
  expect(logins.find('svm1\\keeper')).toBe(keeper);
  show([account('keeper', 'harbour')]);
  expect(logins.find('svm1\\keeper')).toBeUndefined();
  expect(logins.find('harbour\\keeper')).toBeDefined();
  show([]);
  expect(logins.find('keeper')).toBeUndefined();
});
