import {
  type AccountScope,
  builtInRoles,
  type DesiredSnapshot,
  type Guard,
  type Privilege,
  privilegesOf,
} from '@esplanade/desired';
import { type Certificate, type PolicyScope, problemOf } from '@esplanade/domain';
import { type AccessVerb, type ApiFailure, failure, type Principal, type Resource } from '@esplanade/ontap';
import { coversRights, isGranted } from '../roles.ts';
import { isVisibleTo } from './owner-reference.ts';
import { roleErrors } from './role-error-codes.ts';

/** A role of somebody: what it is called, and what it gives where that is not as it is stored. */
export interface Granted {
  readonly scope: PolicyScope;
  readonly role: string;
  readonly privileges?: readonly Privilege[];
}

/**
 * Keeps everybody from gaining rights by giving them: who changes a role, or an account that has it, may do everything himself
 * that the role lets its accounts do, before and after.
 */
export class RoleGrants {
  readonly #resources: () => readonly Resource<unknown>[];

  constructor(resources: () => readonly Resource<unknown>[]) {
    this.#resources = resources;
  }

  /** Refuses what gives the principal more than it has, by the roles at the moment of the commit. */
  guard(
    principal: Principal,
    target: string,
    granted: (snapshot: DesiredSnapshot) => readonly Granted[],
  ): Guard {
    return (snapshot) => {
      const beyond = granted(snapshot).find((each) => !this.#covers(snapshot, principal, each));
      if (beyond === undefined) return undefined;
      const values = { role: beyond.role, owner: named(beyond.scope) };
      return problemOf(roleErrors.beyondOwnRights, target, values);
    };
  }

  /** Whether the principal's role itself lets it use the verb, not only on what is its own. */
  isGranted(snapshot: DesiredSnapshot, principal: Principal, path: string, verb: AccessVerb): boolean {
    const resource = this.#resources().find((each) => each.path === path);
    return resource !== undefined && isGranted(snapshot, principal, { resource, verb, within: [] });
  }

  /**
   * Whoever has the key of a `client_ca` logs in as any account of its owner that has the method certificate. So such a CA, and
   * what it has revoked, are only for accounts of the cluster that may do everything themselves that those may.
   */
  refuseLoginCa(
    snapshot: DesiredSnapshot,
    principal: Principal,
    { type, scope }: Pick<Certificate, 'type' | 'scope'>,
  ): ApiFailure | undefined {
    if (type !== 'client_ca') return undefined;
    const [role] = builtInRoles.filter(({ owner }) => owner === scope.kind);
    const isAbove =
      principal.isOfSvm !== true &&
      role !== undefined &&
      this.#covers(snapshot, principal, { scope, role: role.name });
    return isAbove ? undefined : failure(roleErrors.loginCaNotYours, { owner: named(scope) }, 'type');
  }

  /** A key that somebody also trusts to say who logs in is such a CA's, whatever it was installed for. */
  refuseSigner(
    snapshot: DesiredSnapshot,
    principal: Principal,
    { content }: Pick<Certificate, 'content'>,
  ): ApiFailure | undefined {
    for (const { value } of snapshot.certificates.values()) {
      if (value.content.publicKeyIdentifier !== content.publicKeyIdentifier) continue;
      if (this.refuseLoginCa(snapshot, principal, value) === undefined) continue;
      const owner = isVisibleTo(principal, value.scope) ? named(value.scope) : 'others';
      return failure(roleErrors.loginCaNotYours, { owner }, 'uuid');
    }
    return undefined;
  }

  #covers(snapshot: DesiredSnapshot, principal: Principal, { scope, role, privileges }: Granted): boolean {
    const owner: AccountScope = scope;
    // A role that is not there (any more) gives nothing.
    const given = privileges ?? privilegesOf(snapshot, owner, role) ?? [];
    return coversRights(snapshot, principal, { scope: owner, privileges: given }, this.#resources());
  }
}

function named(scope: PolicyScope): string {
  return scope.kind === 'svm' ? `SVM "${scope.svm.name}"` : 'the cluster';
}
