import type { PolicyScope } from '@esplanade/domain';
import { type AccountScope, accountId } from './keys.ts';
import type { DesiredSnapshot, Privilege, Role } from './model.ts';

/** A role of ONTAP's own; every SVM, or the cluster, has one of the name. */
export interface BuiltInRole extends Pick<Role, 'name' | 'privileges'> {
  readonly owner: PolicyScope['kind'];
}

/** What is not below `/api`: counters of the whole node, see `/metrics`. */
export const metricsPath = '/metrics';

const everything: readonly Privilege[] = [
  { path: '/api', access: 'all' },
  { path: metricsPath, access: 'all' },
];
const reading: readonly Privilege[] = [
  { path: '/api', access: 'readonly' },
  { path: metricsPath, access: 'readonly' },
];

/** ONTAP's own roles as far as they have a meaning here; the first of an owner is what its accounts have by default. */
export const builtInRoles: readonly BuiltInRole[] = [
  { name: 'admin', owner: 'cluster', privileges: everything },
  { name: 'readonly', owner: 'cluster', privileges: reading },
  { name: 'none', owner: 'cluster', privileges: [{ path: '/api', access: 'none' }] },
  { name: 'vsadmin', owner: 'svm', privileges: [{ path: '/api', access: 'all' }] },
  { name: 'vsadmin-readonly', owner: 'svm', privileges: [{ path: '/api', access: 'readonly' }] },
];

/** Whether no other role may be called so, whoever owns it: then the name alone never means more than it says. */
export function isBuiltInRole(name: string): boolean {
  return builtInRoles.some((role) => role.name === name);
}

/** What an account of the owner may do by the role of that name; undefined when there is no such role. */
export function privilegesOf(
  { roles }: Pick<DesiredSnapshot, 'roles'>,
  scope: AccountScope,
  name: string,
): readonly Privilege[] | undefined {
  const builtIn = builtInRoles.find((role) => role.owner === scope.kind && role.name === name);
  return builtIn?.privileges ?? roles.get(accountId(scope, name))?.value.privileges;
}
