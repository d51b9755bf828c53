import { type PolicyScope, problemOf } from '@esplanade/domain';
import type { DocumentWrite, Revision } from '@esplanade/store';
import { isBuiltInRole } from './built-in-roles.ts';
import type { Guard } from './desired-state.ts';
import { roleDocument } from './documents.ts';
import { accountId, keys } from './keys.ts';
import type { DesiredSnapshot, Role } from './model.ts';
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
import { roleRefusals } from './refusal-kinds.ts';

/** Adds a role while its SVM, if it has one, is there; `duplicate` when its owner has another of that name. */
export function planRoleCreation(role: Role, guard?: Guard): Plan {
  const { scope, name } = role;
  return (present) => {
    const refused = guard?.(present.snapshot);
    if (refused !== undefined) return refuse(refused);
    if (isBuiltInRole(name) || present.snapshot.roles.has(accountId(scope, name)))
      return answer({ kind: 'duplicate' });
    const svm = scope.kind === 'svm' ? holdSvm(present, scope.svm) : undefined;
    if (scope.kind === 'svm' && svm === undefined) return refuseMissing('owner.name', scope.svm);
    const put: DocumentWrite = {
      kind: 'put',
      key: keys.role(scope, name),
      value: roleDocument.write(role),
      expect: absent,
    };
    return { kind: 'commit', writes: svm === undefined ? [put] : [put, svm] };
  };
}

/** Replaces a role if it still is at `expected`; takes back the announcement of a deletion, which then looks again. */
export function planRoleUpdate(role: Role, expected: Revision, guard?: Guard): Plan {
  const { scope, name } = role;
  return ({ snapshot }) => {
    const before = snapshot.roles.get(accountId(scope, name));
    if (before === undefined) return answer({ kind: 'not-found' });
    if (before.modified !== expected) return answer({ kind: 'conflict' });
    const refused = guard?.(snapshot);
    if (refused !== undefined) return refuse(refused);
    const value = roleDocument.write(role);
    return {
      kind: 'commit',
      writes: [{ kind: 'put', key: keys.role(scope, name), value, expect: at(before) }],
    };
  };
}

/** In two steps, as `planSvmDeletion`: whoever is given the role meanwhile is seen. Refused while accounts have it. */
export function planRoleDeletion(scope: PolicyScope, name: string, expected?: Revision, guard?: Guard): Plan {
  return ({ records, snapshot }, prepared) => {
    const before = snapshot.roles.get(accountId(scope, name));
    if (before === undefined) return answer({ kind: 'not-found' });
    if (!isAsExpected(before, expected, prepared)) return answer({ kind: 'conflict' });
    const refused = guard?.(snapshot);
    if (refused !== undefined) return refuse(refused);
    const user = userOfRole(snapshot, scope, name);
    if (user !== undefined) return refuse(problemOf(roleRefusals.roleInUse, 'name', { name, user }));
    const key = keys.role(scope, name);
    if (records.isLeaving(key))
      return { kind: 'commit', writes: [{ kind: 'delete', key, expect: at(before) }] };
    const value = roleDocument.write(before.value, true);
    return { kind: 'prepare', writes: [{ kind: 'put', key, value, expect: at(before) }] };
  };
}

/** The writes that let an account have a role; as `holdSvm`. None for a role that cannot go; undefined when there is none. */
export function holdRole(
  { records, snapshot }: Present,
  scope: PolicyScope,
  name: string,
): readonly DocumentWrite[] | undefined {
  if (isBuiltInRole(name)) return [];
  const role = snapshot.roles.get(accountId(scope, name));
  if (role === undefined) return undefined;
  const key = keys.role(scope, name);
  if (!records.isLeaving(key)) return [{ kind: 'check', key, expect: at(role) }];
  return [{ kind: 'put', key, value: roleDocument.write(role.value), expect: at(role) }];
}

function userOfRole({ accounts }: DesiredSnapshot, scope: PolicyScope, name: string): string | undefined {
  for (const { value } of accounts.values())
    if (value.role === name && accountId(value.scope, '') === accountId(scope, '')) return value.name;
  return undefined;
}
