import { type Account, accountId, type DesiredSnapshot, type Versioned } from '@esplanade/desired';
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
import { hashPassword, verifyPassword } from '../password-hash.ts';
import { accountBody, accountName } from './account-body.ts';
import { accountErrors } from './account-error-codes.ts';
import { type AccountRow, accountFields } from './account-fields.ts';
import { textOf, withoutNulls } from './body-reader.ts';
import { missing, writeErrors } from './named-record.ts';
import { deleteRecord, modifyRecord } from './record-changes.ts';
import { recordErrors } from './record-error-codes.ts';
import { hrefs, referenceFields } from './reference-fields.ts';
import type { ResourceParts } from './resource-parts.ts';
import { ambiguousOwner, namedSvm } from './svm-reference.ts';
import { attemptWrite, writeFailure } from './write-failure.ts';

/**
 * `/security/accounts`: who may log in, and what they may do. An account of an SVM sees those of its SVM, and every account
 * may change its own password.
 */
export function securityAccounts({ desired, turns }: ResourceParts): CollectionResource<AccountRow> {
  return {
    kind: 'collection',
    path: '/security/accounts',
    title: 'Accounts',
    key: ['owner.uuid', 'name'],
    svmAccess: ['GET', 'PATCH'],
    ownAccess: ['PATCH'],
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
        accountErrors.passwordAgain,
        ...bodyErrors,
        recordErrors.changedMeanwhile,
        ...writeErrors,
      ],
      DELETE: [accountErrors.lastAdministrator, recordErrors.changedMeanwhile, ...writeErrors],
    },
    list: (principal) => {
      const snapshot = desired.snapshot();
      const visible = [...snapshot.accounts.values()].filter((account) => isVisible(account, principal));
      return { kind: 'rows', rows: visible.map((account) => rowOf(snapshot, account)) };
    },
    find: (key, principal) => {
      const snapshot = desired.snapshot();
      const account = findAccount(snapshot, key);
      return account !== undefined && isVisible(account, principal) ? rowOf(snapshot, account) : undefined;
    },
    create: (body, { principal }) => createAccount(withoutNulls(body), principal),
    revision: ({ account }) => account.modified,
    modify: modifyAccount,
    remove: ({ account: { value } }, context) =>
      deleteRecord(
        context,
        () => desired.snapshot().accounts.get(accountId(value.scope, value.name)),
        (expected) => desired.deleteAccount(value.scope, value.name, expected),
      ),
  };

  async function createAccount(body: ParsedBody, principal: Principal): Promise<CreateResult> {
    const snapshot = desired.snapshot();
    const given = textOf(body, 'name');
    if (given === undefined) return missing('name');
    const name = accountName(given);
    if (isFailure(name)) return name;
    const scope = accountScope(body, principal, snapshot);
    if (isFailure(scope)) return scope;
    const said = accountBody(body, { name, scope });
    if (isFailure(said)) return said;
    const { role, password, isLocked = false, comment } = said;
    if (password === undefined) return missing('password');
    const account: Account = {
      name,
      scope,
      role,
      isLocked,
      authenticationMethods: ['password'],
      passwordHash: await hashPassword(password),
      ...(comment !== undefined && { comment }),
    };
    const result = await attemptWrite(() => desired.createAccount(account));
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
    if (!mayModify(stale, body, context.principal)) return failure(genericErrors.notAuthorized, {});
    const unset = [...body].find(([name, value]) => value === null && name !== 'comment');
    if (unset !== undefined) {
      const [field] = unset;
      return failure(genericErrors.invalidValue, { value: 'null', field, expected: 'a value' }, field);
    }
    const said = accountBody(body, stale, stale.role);
    if (isFailure(said)) return said;
    const { password, role, ...others } = said;
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
        const { comment, ...rest } = {
          ...before,
          ...others,
          ...(body.has('role.name') && { role }),
          ...(passwordHash !== undefined && { passwordHash }),
        };
        const after: Account = { ...rest, ...(comment !== undefined && { comment }) };
        return desired.updateAccount(after, modified);
      },
    });
  }
}

const { roleUnknown, passwordWithName, passwordTooShort, passwordTooLong } = accountErrors;
const bodyErrors = [roleUnknown, passwordWithName, passwordTooShort, passwordTooLong];

/** An account may change its own password; everything else is for administrators. */
function mayModify(
  { scope, name }: Account,
  body: ParsedBody,
  { account, role, isOfSvm, svmUuid }: Principal,
): boolean {
  if (role === 'admin') return true;
  const isOfItsOwner =
    scope.kind === 'svm' ? isOfSvm === true && scope.svm.uuid === svmUuid : isOfSvm !== true;
  const isOwn = isOfItsOwner && name === account;
  return isOwn && [...body.keys()].every((field) => field === 'password');
}

/** The SVM that the body names or the request is for; the cluster where its own name or UUID is given, or nothing. */
function accountScope(
  body: ParsedBody,
  principal: Principal,
  snapshot: DesiredSnapshot,
): PolicyScope | ApiFailure {
  const name = textOf(body, 'owner.name');
  const uuid = textOf(body, 'owner.uuid')?.toLowerCase();
  const { cluster } = snapshot;
  const ambiguous = uuid === undefined && principal.svmUuid === undefined;
  const failed = ambiguous ? ambiguousOwner(name, 'owner.name', snapshot) : undefined;
  if (failed !== undefined) return failed;
  const namesCluster = name === cluster.name || uuid === cluster.uuid;
  const isOther = (name ?? cluster.name) !== cluster.name || (uuid ?? cluster.uuid) !== cluster.uuid;
  if (namesCluster && !isOther && principal.svmUuid === undefined) return { kind: 'cluster' };
  const owner: ParsedBody = new Map(
    [['svm.name', name] as const, ['svm.uuid', uuid] as const].filter(([, text]) => text !== undefined),
  );
  const svm = namedSvm(
    owner,
    principal,
    snapshot,
    (given, target) => failure(genericErrors.svmNotFound, { svm: given }, target.replace('svm', 'owner')),
    (named) => failure(accountErrors.ownersDisagree, named, 'owner.uuid'),
  );
  if (isFailure(svm)) return svm;
  return svm === undefined ? { kind: 'cluster' } : { kind: 'svm', svm: { uuid: svm.uuid, name: svm.name } };
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

function ownerOf({ cluster }: DesiredSnapshot, scope: PolicyScope): AccountRow['owner'] {
  return scope.kind === 'svm' ? scope.svm : cluster;
}

function isVisible({ value: { scope } }: Versioned<Account>, { svmUuid }: Principal): boolean {
  return svmUuid === undefined || (scope.kind === 'svm' && scope.svm.uuid === svmUuid);
}
