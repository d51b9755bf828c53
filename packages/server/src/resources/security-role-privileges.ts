import { accountId, type Privilege } from '@esplanade/desired';
import {
  type ApiFailure,
  type CollectionResource,
  type CreateResult,
  type DeleteResult,
  failure,
  genericErrors,
  isFailure,
  type ModifyResult,
  type ParsedBody,
  type Principal,
  type WriteContext,
} from '@esplanade/ontap';
import { elementsOf } from '../privilege-path.ts';
import { textOf, withoutNulls } from './body-reader.ts';
import { missing, writeErrors } from './named-record.ts';
import { modifyRecord } from './record-changes.ts';
import { recordErrors } from './record-error-codes.ts';
import type { ResourceParts } from './resource-parts.ts';
import { type PrivilegeTerms, readPrivilege } from './role-body.ts';
import { roleErrors } from './role-error-codes.ts';
import type { RoleGrants } from './role-grants.ts';
import { findRole, type PrivilegeRow, type RoleRow } from './role-rows.ts';
import { privilegeErrors } from './security-roles.ts';

/** `/security/roles/{owner.uuid}/{name}/privileges`: the privileges of one role, each at its path. */
export function securityRolePrivileges(
  { desired, turns }: ResourceParts,
  grants: RoleGrants,
  terms: () => PrivilegeTerms,
): CollectionResource<PrivilegeRow> {
  return {
    kind: 'collection',
    path: '/security/roles/{owner.uuid}/{name}/privileges',
    title: 'Privileges of a role',
    key: ['owner.uuid', 'name', 'path'],
    svmAccess: ['GET'],
    fields: {
      'owner.uuid': {
        type: 'string',
        description: "UUID of the role's owner: its SVM, or the cluster.",
        get: ({ of }) => of.owner.uuid,
      },
      name: {
        type: 'string',
        description: 'Name of the role.',
        example: 'certifier',
        get: ({ of }) => of.role.name,
      },
      path: {
        type: 'string',
        description:
          'A path of the API, or the beginning of several. Behind a key, * stands for any: /api/security/certificates/*/sign.',
        isDefault: true,
        writable: ['post'],
        isRequired: true,
        example: '/api/security/accounts',
        get: ({ privilege }) => privilege.path,
      },
      access: {
        type: 'string',
        description: 'none, readonly, read_create, read_modify, read_create_modify or all (default).',
        isDefault: true,
        writable: ['post', 'patch'],
        example: 'readonly',
        get: ({ privilege }) => privilege.access,
      },
      query: {
        type: 'string',
        description: 'Of privileges for commands, which are not there; refused.',
        writable: ['post', 'patch'],
        notFilterable: true,
        get: () => undefined,
      },
    },
    examples: {
      post: { path: '/api/security/accounts', access: 'readonly' },
      patch: { access: 'none' },
    },
    errors: {
      POST: [
        recordErrors.missingField,
        genericErrors.entryNotFound,
        genericErrors.duplicateEntry,
        roleErrors.builtIn,
        ...privilegeErrors,
        recordErrors.changedMeanwhile,
        ...writeErrors,
      ],
      PATCH: [
        recordErrors.missingField,
        roleErrors.builtIn,
        ...privilegeErrors,
        recordErrors.changedMeanwhile,
        ...writeErrors,
      ],
      DELETE: [
        roleErrors.builtIn,
        roleErrors.lastPrivilege,
        roleErrors.beyondOwnRights,
        recordErrors.changedMeanwhile,
        ...writeErrors,
      ],
    },
    list: (principal, _parameters, within) => {
      const of = roleAt(within, principal);
      if (of === undefined) return failure(genericErrors.entryNotFound, {}, 'name');
      return { kind: 'rows', rows: of.role.privileges.map((privilege) => ({ of, privilege })) };
    },
    find: (key, principal) => {
      const [owner = '', name = '', ...rest] = key.split('/');
      const of = roleAt([owner, name], principal);
      const path = `/${elementsOf(rest.join('/')).join('/')}`;
      const privilege = of?.role.privileges.find((each) => each.path === path);
      return of && privilege && { of, privilege };
    },
    revision: ({ of }) => of.modified,
    create: (body, context) => addPrivilege(withoutNulls(body), context),
    modify: modifyPrivilege,
    remove: removePrivilege,
  };

  function roleAt([owner = '', name = '']: readonly string[], principal: Principal): RoleRow | undefined {
    return findRole(desired.snapshot(), owner, name, principal);
  }

  async function addPrivilege(body: ParsedBody, context: WriteContext): Promise<CreateResult> {
    const of = roleAt(context.within, context.principal);
    if (of === undefined) return failure(genericErrors.entryNotFound, {}, 'name');
    if (textOf(body, 'path') === undefined) return missing('path');
    const privilege = readPrivilege(said(body), terms());
    if (isFailure(privilege)) return privilege;
    const { path } = privilege;
    const result = await changeRole(of, context, (privileges) =>
      privileges.some((each) => each.path === path)
        ? failure(genericErrors.duplicateEntry, {}, 'path')
        : [...privileges, privilege].sort((a, b) => (a.path < b.path ? -1 : 1)),
    );
    if (isFailure(result)) return result;
    return {
      kind: 'created',
      key: `${of.owner.uuid}/${of.role.name}/${path}`,
      ...(result.revision !== undefined && { revision: result.revision }),
    };
  }

  async function modifyPrivilege(
    { of, privilege: { path } }: PrivilegeRow,
    body: ParsedBody,
    context: WriteContext,
  ): Promise<ModifyResult> {
    if (textOf(body, 'access') === undefined && textOf(body, 'query') === undefined) return missing('access');
    const privilege = readPrivilege({ ...said(body), path }, terms());
    if (isFailure(privilege)) return privilege;
    return changeRole(of, context, (privileges) =>
      privileges.some((each) => each.path === path)
        ? privileges.map((each) => (each.path === path ? privilege : each))
        : failure(genericErrors.entryNotFound, {}, 'path'),
    );
  }

  async function removePrivilege(
    { of, privilege: { path } }: PrivilegeRow,
    context: WriteContext,
  ): Promise<DeleteResult> {
    const result = await changeRole(of, context, (privileges) => {
      const left = privileges.filter((each) => each.path !== path);
      if (left.length === privileges.length) return failure(genericErrors.entryNotFound, {}, 'path');
      return left.length > 0 ? left : failure(roleErrors.lastPrivilege, { name: of.role.name }, 'path');
    });
    return isFailure(result) ? result : { kind: 'deleted' };
  }

  /** Changes the role's privileges, if the principal has what they give before and after. */
  async function changeRole(
    { role: { scope, name }, isBuiltIn }: RoleRow,
    context: WriteContext,
    change: (privileges: readonly Privilege[]) => readonly Privilege[] | ApiFailure,
  ): Promise<ModifyResult> {
    if (isBuiltIn) return failure(roleErrors.builtIn, { name }, 'name');
    const id = accountId(scope, name);
    return modifyRecord(context, {
      turns,
      key: `role ${id}`,
      find: () => desired.snapshot().roles.get(id),
      write: ({ value, modified }) => {
        const privileges = change(value.privileges);
        if (isFailure(privileges)) return privileges;
        const guard = grants.guard(context.principal, 'name', () => [
          { scope, role: name, privileges: value.privileges },
          { scope, role: name, privileges },
        ]);
        return desired.updateRole({ ...value, privileges }, modified, guard);
      },
    });
  }
}

function said(body: ParsedBody): Readonly<Record<'path' | 'access' | 'query', string | undefined>> {
  return { path: textOf(body, 'path'), access: textOf(body, 'access'), query: textOf(body, 'query') };
}
