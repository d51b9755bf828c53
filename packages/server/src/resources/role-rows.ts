import { accountId, builtInRoles, type DesiredSnapshot, type Privilege, type Role } from '@esplanade/desired';
import type { PolicyScope } from '@esplanade/domain';
import type { Principal } from '@esplanade/ontap';
import { isVisibleTo, type Owner, ownerOf, scopeOfOwner } from './owner-reference.ts';

/** A role of the cluster or of an SVM, built in or not. */
export interface RoleRow {
  readonly owner: Owner;
  readonly role: Role;
  readonly isBuiltIn: boolean;
  /** 0 for those that are built in: they never change. */
  readonly modified: number;
}

/** One privilege of a role. */
export interface PrivilegeRow {
  readonly of: RoleRow;
  readonly privilege: Privilege;
}

/** All roles that exist for the principal. */
export function* roleRows(snapshot: DesiredSnapshot, principal: Principal): Iterable<RoleRow> {
  const scopes: readonly PolicyScope[] = [
    { kind: 'cluster' },
    ...Array.from(
      snapshot.svms.values(),
      ({ value: { uuid, name } }): PolicyScope => ({
        kind: 'svm',
        svm: { uuid, name },
      }),
    ),
  ];
  for (const scope of scopes) {
    if (!isVisibleTo(principal, scope)) continue;
    for (const { name, owner } of builtInRoles) {
      const row = owner === scope.kind ? builtInRow(snapshot, scope, name) : undefined;
      if (row !== undefined) yield row;
    }
  }
  for (const { value: role, modified } of snapshot.roles.values())
    if (isVisibleTo(principal, role.scope))
      yield { owner: ownerOf(snapshot, role.scope), role, isBuiltIn: false, modified };
}

/** One role by its owner's UUID and its name, if it exists for the principal. */
export function findRole(
  snapshot: DesiredSnapshot,
  ownerUuid: string,
  name: string,
  principal: Principal,
): RoleRow | undefined {
  const scope = scopeOfOwner(snapshot, ownerUuid);
  if (scope === undefined || !isVisibleTo(principal, scope)) return undefined;
  const stored = snapshot.roles.get(accountId(scope, name));
  if (stored === undefined) return builtInRow(snapshot, scope, name);
  const { value: role, modified } = stored;
  return { owner: ownerOf(snapshot, scope), role, isBuiltIn: false, modified };
}

function builtInRow(snapshot: DesiredSnapshot, scope: PolicyScope, name: string): RoleRow | undefined {
  const builtIn = builtInRoles.find((each) => each.owner === scope.kind && each.name === name);
  if (builtIn === undefined) return undefined;
  const role: Role = { name, scope, privileges: builtIn.privileges };
  return { owner: ownerOf(snapshot, scope), role, isBuiltIn: true, modified: 0 };
}
