import { accountId, type Role } from '@esplanade/desired';
import {
  type CollectionResource,
  type CreateResult,
  type DeleteResult,
  failure,
  genericErrors,
  isFailure,
  type ParsedBody,
  type Principal,
  type WriteContext,
} from '@esplanade/ontap';
import { accountErrors } from './account-error-codes.ts';
import { textOf, withoutNulls } from './body-reader.ts';
import { missing, writeErrors } from './named-record.ts';
import { ownerOf, ownerScope } from './owner-reference.ts';
import { deleteRecord } from './record-changes.ts';
import { recordErrors } from './record-error-codes.ts';
import { hrefs, referenceFields } from './reference-fields.ts';
import type { ResourceParts } from './resource-parts.ts';
import { type PrivilegeTerms, readPrivileges, roleName } from './role-body.ts';
import { roleErrors } from './role-error-codes.ts';
import type { RoleGrants } from './role-grants.ts';
import { findRole, type RoleRow, roleRows } from './role-rows.ts';
import { attemptWrite, joinedFailure, writeFailure } from './write-failure.ts';

const { accessInvalid, pathInvalid, pathUnknown, queryRefused, beyondOwnRights } = roleErrors;
/** What any body with privileges may be answered with. */
export const privilegeErrors = [accessInvalid, pathInvalid, pathUnknown, queryRefused, beyondOwnRights];

/** `/security/roles`: what accounts may do, by path and access. Those that are built in stay as they are. */
export function securityRoles(
  { desired }: ResourceParts,
  grants: RoleGrants,
  terms: () => PrivilegeTerms,
): CollectionResource<RoleRow> {
  return {
    kind: 'collection',
    path: '/security/roles',
    title: 'Roles',
    key: ['owner.uuid', 'name'],
    svmAccess: ['GET'],
    fields: {
      ...referenceFields<RoleRow>('owner', 'its SVM; the cluster for roles of no SVM', ({ owner }) => owner, {
        isDefault: true,
        writable: ['post'],
      }),
      name: {
        type: 'string',
        description: 'Name of the role, unique among those of its owner.',
        isDefault: true,
        writable: ['post'],
        isRequired: true,
        example: 'certifier',
        get: ({ role }) => role.name,
      },
      scope: {
        type: 'string',
        description: 'svm, or cluster for a role of no SVM.',
        enum: ['cluster', 'svm'],
        get: ({ role }) => role.scope.kind,
      },
      builtin: {
        type: 'boolean',
        description: 'Whether it is one of those that are always there and stay as they are.',
        example: false,
        get: ({ isBuiltIn }) => isBuiltIn,
      },
      privileges: {
        type: 'json',
        description:
          'What its accounts may do with which paths: none, readonly, read_create, read_modify, read_create_modify or all. The longest path decides.',
        writable: ['post'],
        isRequired: true,
        notFilterable: true,
        members: { path: 'string', access: 'string', query: 'string' },
        example: JSON.stringify([{ path: '/api/security/certificates', access: 'read_create' }]),
        get: ({ role }) => JSON.stringify(role.privileges.map(({ path, access }) => ({ path, access }))),
      },
    },
    links: {
      owner: ({ role, owner }) => (role.scope.kind === 'svm' ? hrefs.svm(owner.uuid) : undefined),
    },
    examples: {
      post: {
        name: 'certifier',
        owner: { name: 'svm1' },
        privileges: [{ path: '/api/security/certificates', access: 'read_create' }],
      },
      record: { scope: 'svm', 'owner.name': 'svm1' },
    },
    errors: {
      POST: [
        recordErrors.missingField,
        genericErrors.svmNotFound,
        accountErrors.ownersDisagree,
        genericErrors.duplicateEntry,
        ...privilegeErrors,
        ...writeErrors,
      ],
      DELETE: [
        roleErrors.builtIn,
        roleErrors.roleInUse,
        beyondOwnRights,
        recordErrors.changedMeanwhile,
        ...writeErrors,
      ],
    },
    list: (principal) => ({ kind: 'rows', rows: [...roleRows(desired.snapshot(), principal)] }),
    find: (key, principal) => {
      const [owner = '', name = ''] = key.split('/');
      return findRole(desired.snapshot(), owner, name, principal);
    },
    revision: ({ modified }) => modified,
    create: (body, { principal }) => createRole(withoutNulls(body), principal),
    remove: removeRole,
  };

  async function createRole(body: ParsedBody, principal: Principal): Promise<CreateResult> {
    const given = textOf(body, 'name');
    const name = given === undefined ? missing('name') : roleName(given);
    const snapshot = desired.snapshot();
    const scope = ownerScope(body, principal, snapshot);
    const privileges = readPrivileges(body, terms());
    if (isFailure(name) || isFailure(scope) || isFailure(privileges))
      return joinedFailure(name, scope, privileges);
    const role: Role = { name, scope, privileges };
    const guard = grants.guard(principal, 'name', () => [{ scope, role: name, privileges }]);
    const result = await attemptWrite(() => desired.createRole(role, guard));
    if (isFailure(result)) return result;
    if (result.kind !== 'written')
      return writeFailure(result, failure(genericErrors.duplicateEntry, {}, 'name'));
    return { kind: 'created', key: `${ownerOf(snapshot, scope).uuid}/${name}`, revision: result.revision };
  }

  async function removeRole({ role, isBuiltIn }: RoleRow, context: WriteContext): Promise<DeleteResult> {
    const { scope, name } = role;
    if (isBuiltIn) return failure(roleErrors.builtIn, { name }, 'name');
    const guard = grants.guard(context.principal, 'name', () => [{ scope, role: name }]);
    return deleteRecord(
      context,
      () => desired.snapshot().roles.get(accountId(scope, name)),
      (expected) => desired.deleteRole(scope, name, expected, guard),
    );
  }
}
