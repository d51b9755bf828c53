import {
  type Account,
  accountId,
  builtInRoles,
  type DesiredSnapshot,
  type Guard,
  privilegesOf,
  type Versioned,
} from '@esplanade/desired';
import type { PolicyScope } from '@esplanade/domain';
import {
  type ApiFailure,
  type CollectionResource,
  type CreateResult,
  failure,
  genericErrors,
  isFailure,
  type ModifyResult,
  type ParsedBody,
  type Principal,
  type WriteContext,
} from '@esplanade/ontap';
import { hashPassword, verifyPassword } from '../logins/password-hash.ts';
import { accountBody, accountName } from './account-body.ts';
import { accountErrors } from './account-error-codes.ts';
import { type AccountRow, accountFields } from './account-fields.ts';
import { textOf, withoutNulls } from './body-reader.ts';
import { missing, writeErrors } from './named-record.ts';
import { isVisibleTo, ownerOf, ownerScope } from './owner-reference.ts';
import { deleteRecord, modifyRecord } from './record-changes.ts';
import { recordErrors } from './record-error-codes.ts';
import { hrefs, referenceFields } from './reference-fields.ts';
import type { ResourceParts } from './resource-parts.ts';
import { roleErrors } from './role-error-codes.ts';
import type { RoleGrants } from './role-grants.ts';
import { attemptWrite, writeFailure } from './write-failure.ts';

const path = '/security/accounts';

/**
 * `/security/accounts`: who may log in, and what they may do. An account of an SVM sees those of its SVM, and every account
 * may change its own password.
 */
export function securityAccounts(
  { desired, turns }: ResourceParts,
  grants: RoleGrants,
): CollectionResource<AccountRow> {
  return {
    kind: 'collection',
    path,
    title: 'Accounts',
    key: ['owner.uuid', 'name'],
    svmAccess: ['GET'],
    ownAccess: { verbs: ['PATCH'], isOwn: ({ account: { value } }, principal) => isOwn(value, principal) },
    fields: {
      ...referenceFields<AccountRow>(
        'owner',
        'its SVM; the cluster for accounts of no SVM',
        ({ owner }) => owner,
        {
          isDefault: true,
          writable: ['post'],
        },
      ),
      ...accountFields,
    },
    links: {
      owner: ({ account: { value }, owner }) =>
        value.scope.kind === 'svm' ? hrefs.svm(owner.uuid) : undefined,
    },
    examples: {
      post: {
        name: 'keeper',
        owner: { name: 'svm1' },
        role: { name: 'vsadmin' },
        password: 'an example, not for use',
      },
      patch: { locked: true },
      record: { scope: 'svm', 'owner.name': 'svm1' },
    },
    errors: {
      POST: [
        recordErrors.missingField,
        genericErrors.svmNotFound,
        accountErrors.ownersDisagree,
        genericErrors.duplicateEntry,
        ...bodyErrors,
        accountErrors.nameInvalid,
        ...writeErrors,
      ],
      PATCH: [
        accountErrors.lastAdministrator,
        recordErrors.missingField,
        accountErrors.passwordAgain,
        ...bodyErrors,
        recordErrors.changedMeanwhile,
        ...writeErrors,
      ],
      DELETE: [
        accountErrors.lastAdministrator,
        roleErrors.beyondOwnRights,
        recordErrors.changedMeanwhile,
        ...writeErrors,
      ],
    },
    list: (principal) => {
      const snapshot = desired.snapshot();
      const visible = [...snapshot.accounts.values()].filter((account) =>
        isVisibleTo(principal, account.value.scope),
      );
      return { kind: 'rows', rows: visible.map((account) => rowOf(snapshot, account)) };
    },
    find: (key, principal) => {
      const snapshot = desired.snapshot();
      const account = findAccount(snapshot, key);
      return account !== undefined && isVisibleTo(principal, account.value.scope)
        ? rowOf(snapshot, account)
        : undefined;
    },
    create: (body, { principal }) => createAccount(withoutNulls(body), principal),
    revision: ({ account }) => account.modified,
    modify: modifyAccount,
    remove: ({ account: { value } }, context) =>
      deleteRecord(
        context,
        () => desired.snapshot().accounts.get(accountId(value.scope, value.name)),
        (expected) =>
          desired.deleteAccount(value.scope, value.name, expected, guardOf(context.principal, value)),
      ),
  };

  /** Nobody touches an account that may do more than he, nor makes one of it. */
  function guardOf(
    principal: Principal,
    { scope, name, role }: Pick<Account, 'scope' | 'name' | 'role'>,
    next = role,
  ): Guard {
    return grants.guard(principal, 'role.name', ({ accounts }) => {
      const present = accounts.get(accountId(scope, name))?.value.role ?? next;
      return [
        { scope, role: present },
        { scope, role: next },
      ];
    });
  }

  async function createAccount(body: ParsedBody, principal: Principal): Promise<CreateResult> {
    const snapshot = desired.snapshot();
    const given = textOf(body, 'name');
    if (given === undefined) return missing('name');
    const name = accountName(given);
    if (isFailure(name)) return name;
    const scope = ownerScope(body, principal, snapshot);
    if (isFailure(scope)) return scope;
    const said = accountBody(body, name, ['password']);
    if (isFailure(said)) return said;
    const { authenticationMethods = ['password'], password, isLocked = false, comment } = said;
    if (password === undefined && authenticationMethods.includes('password')) return missing('password');
    const role = said.role ?? defaultRole(scope);
    const refused = refuseRole(snapshot, scope, role);
    if (refused !== undefined) return refused;
    const guard = guardOf(principal, { scope, name, role });
    // Nobody is kept busy with hashes for accounts that are not to be.
    const beyond = guard(snapshot);
    if (beyond !== undefined) return { kind: 'failure', problems: [beyond] };
    const account: Account = {
      name,
      scope,
      role,
      isLocked,
      authenticationMethods,
      ...(password !== undefined && { passwordHash: await hashPassword(password) }),
      ...(comment !== undefined && { comment }),
    };
    const result = await attemptWrite(() => desired.createAccount(account, guard));
    if (isFailure(result)) return result;
    if (result.kind !== 'written')
      return writeFailure(result, failure(genericErrors.duplicateEntry, {}, 'name'));
    const key = `${ownerOf(snapshot, scope).uuid}/${name}`;
    return { kind: 'created', key, revision: result.revision };
  }

  async function modifyAccount(
    { account: { value: stale } }: AccountRow,
    body: ParsedBody,
    context: WriteContext,
  ): Promise<ModifyResult> {
    const isOwnPassword =
      isOwn(stale, context.principal) && [...body.keys()].every((name) => name === 'password');
    if (!isOwnPassword && !grants.isGranted(desired.snapshot(), context.principal, path, 'PATCH'))
      return failure(genericErrors.notAuthorized, {});
    const unset = [...body].find(([name, value]) => value === null && name !== 'comment');
    if (unset !== undefined) {
      const [field] = unset;
      return failure(genericErrors.invalidValue, { value: 'null', field, expected: 'a value' }, field);
    }
    const said = accountBody(body, stale.name, stale.authenticationMethods);
    if (isFailure(said)) return said;
    const { password, ...others } = said;
    const snapshot = desired.snapshot();
    const refused = others.role === undefined ? undefined : refuseRole(snapshot, stale.scope, others.role);
    if (refused !== undefined) return refused;
    const guard = isOwnPassword ? undefined : guardOf(context.principal, stale, others.role);
    const beyond = guard?.(snapshot);
    if (beyond !== undefined) return { kind: 'failure', problems: [beyond] };
    if (
      password !== undefined &&
      stale.passwordHash !== undefined &&
      (await verifyPassword(password, stale.passwordHash))
    )
      return failure(accountErrors.passwordAgain, {}, 'password');
    const passwordHash = password === undefined ? undefined : await hashPassword(password);
    const id = accountId(stale.scope, stale.name);
    return modifyRecord(context, {
      turns,
      key: `account ${id}`,
      find: () => desired.snapshot().accounts.get(id),
      write: ({ value: before, modified }) => {
        // Somebody else has given it another password, and this one was sent in place of the one before.
        if (passwordHash !== undefined && before.passwordHash !== stale.passwordHash)
          return failure(recordErrors.changedMeanwhile, {});
        const { comment, ...rest } = { ...before, ...others };
        const hash = passwordHash ?? before.passwordHash;
        const hasPassword = rest.authenticationMethods.includes('password');
        if (hasPassword && hash === undefined) return missing('password');
        const { passwordHash: _, ...withoutHash } = rest;
        const after: Account = {
          ...withoutHash,
          ...(hasPassword && hash !== undefined && { passwordHash: hash }),
          ...(comment !== undefined && { comment }),
        };
        return desired.updateAccount(after, modified, guard);
      },
    });
  }
}

const {
  roleUnknown,
  passwordMangled,
  passwordWithName,
  passwordTooShort,
  passwordTooLong,
  passwordWithoutMethod,
} = accountErrors;
const bodyErrors = [
  roleUnknown,
  passwordMangled,
  passwordWithName,
  passwordTooShort,
  passwordTooLong,
  passwordWithoutMethod,
  roleErrors.beyondOwnRights,
];

/** Whether it is the principal's own account. */
function isOwn({ scope, name }: Account, { account, isOfSvm, svmUuid }: Principal): boolean {
  const isOfItsOwner =
    scope.kind === 'svm' ? isOfSvm === true && scope.svm.uuid === svmUuid : isOfSvm !== true;
  return isOfItsOwner && name === account;
}

/** What accounts of the cluster have unless another role is named, and those of an SVM. */
function defaultRole({ kind }: PolicyScope): string {
  const [first] = builtInRoles.filter(({ owner }) => owner === kind);
  if (first === undefined) throw new Error('there is no built-in role');
  return first.name;
}

function refuseRole(snapshot: DesiredSnapshot, scope: PolicyScope, role: string): ApiFailure | undefined {
  if (privilegesOf(snapshot, scope, role) !== undefined) return undefined;
  const owner = scope.kind === 'svm' ? `SVM "${scope.svm.name}"` : 'the cluster';
  return failure(roleUnknown, { role, owner }, 'role.name');
}

function findAccount({ accounts, cluster }: DesiredSnapshot, key: string): Versioned<Account> | undefined {
  const slash = key.indexOf('/');
  const uuid = key.slice(0, slash).toLowerCase();
  const name = key.slice(slash + 1);
  return accounts.get(
    accountId(uuid === cluster.uuid ? { kind: 'cluster' } : { kind: 'svm', svm: { uuid } }, name),
  );
}

function rowOf(snapshot: DesiredSnapshot, account: Versioned<Account>): AccountRow {
  return { account, owner: ownerOf(snapshot, account.value.scope) };
}
