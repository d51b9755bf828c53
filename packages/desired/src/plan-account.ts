import { type PolicyScope, problemOf } from '@esplanade/domain';
import type { DocumentWrite, Revision } from '@esplanade/store';
import type { Guard } from './desired-state.ts';
import { accountDocument } from './documents.ts';
import { accountId, keys } from './keys.ts';
import type { Account, DesiredSnapshot } from './model.ts';
import {
  absent,
  answer,
  at,
  holdSvm,
  isAsExpected,
  type Plan,
  type Present,
  refuse,
  refuseMissing,
} from './plan.ts';
import { holdRole } from './plan-role.ts';
import { accountRefusals } from './refusal-kinds.ts';

/** Adds an account while its SVM, if it has one, and its role are there; `duplicate` when its owner has another of that name. */
export function planAccountCreation(account: Account, guard?: Guard): Plan {
  const { scope, name } = account;
  return (present) => {
    const refused = guard?.(present.snapshot);
    if (refused !== undefined) return refuse(refused);
    if (present.snapshot.accounts.has(accountId(scope, name))) return answer({ kind: 'duplicate' });
    const svm = scope.kind === 'svm' ? holdSvm(present, scope.svm) : undefined;
    if (scope.kind === 'svm' && svm === undefined) return refuseMissing('owner.name', scope.svm);
    const role = holdRole(present, scope, account.role);
    if (role === undefined) return refuseUnknownRole(account);
    const key = keys.account(scope, name);
    const put: DocumentWrite = { kind: 'put', key, value: accountDocument.write(account), expect: absent };
    return { kind: 'commit', writes: [put, ...role, ...(svm === undefined ? [] : [svm])] };
  };
}

/** Replaces an account if it still is at `expected`; `refused` when nobody would be left to administer the cluster. */
export function planAccountUpdate(account: Account, expected: Revision, guard?: Guard): Plan {
  const { scope, name } = account;
  return (present) => {
    const before = present.snapshot.accounts.get(accountId(scope, name));
    if (before === undefined) return answer({ kind: 'not-found' });
    if (before.modified !== expected) return answer({ kind: 'conflict' });
    const refused = guard?.(present.snapshot);
    if (refused !== undefined) return refuse(refused);
    const role = holdRole(present, scope, account.role);
    if (role === undefined) return refuseUnknownRole(account);
    const key = keys.account(scope, name);
    const put: DocumentWrite = {
      kind: 'put',
      key,
      value: accountDocument.write(account),
      expect: at(before),
    };
    return isAdministrator(account)
      ? { kind: 'commit', writes: [put, ...role] }
      : leaving(present, before.value, [put, ...role]);
  };
}

/** Removes an account, if it still is at `expected`; `refused` as `planAccountUpdate`. */
export function planAccountDeletion(
  scope: PolicyScope,
  name: string,
  expected?: Revision,
  guard?: Guard,
): Plan {
  return (present) => {
    const before = present.snapshot.accounts.get(accountId(scope, name));
    if (before === undefined) return answer({ kind: 'not-found' });
    if (!isAsExpected(before, expected)) return answer({ kind: 'conflict' });
    const refused = guard?.(present.snapshot);
    if (refused !== undefined) return refuse(refused);
    const key = keys.account(scope, name);
    return leaving(present, before.value, [{ kind: 'delete', key, expect: at(before) }]);
  };
}

/**
 * The writes that may take an administrator away, while another stays: the commit holds that one as it is, so that two
 * who remove each other do not both succeed.
 */
function leaving(
  { snapshot }: Present,
  account: Account,
  writes: readonly DocumentWrite[],
): ReturnType<Plan> {
  if (!isAdministrator(account)) return { kind: 'commit', writes };
  const other = otherAdministrator(snapshot, account);
  if (other === undefined)
    return refuse(problemOf(accountRefusals.lastAdministrator, 'name', { name: account.name }));
  const key = keys.account(other.value.scope, other.value.name);
  return { kind: 'commit', writes: [...writes, { kind: 'check', key, expect: at(other) }] };
}

function otherAdministrator({ accounts }: DesiredSnapshot, account: Account) {
  for (const other of accounts.values())
    if (isAdministrator(other.value) && other.value.name !== account.name) return other;
  return undefined;
}

/** Somebody who can come in whatever becomes of certificates. */
function isAdministrator({ scope, role, isLocked, authenticationMethods }: Account): boolean {
  return (
    scope.kind === 'cluster' && role === 'admin' && !isLocked && authenticationMethods.includes('password')
  );
}

function refuseUnknownRole({ role, scope }: Account): ReturnType<Plan> {
  const owner = scope.kind === 'svm' ? `SVM "${scope.svm.name}"` : 'the cluster';
  return refuse(problemOf(accountRefusals.roleUnknown, 'role.name', { role, owner }));
}
