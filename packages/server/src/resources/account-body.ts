import { isDeepStrictEqual } from 'node:util';
import type { Account, AccountRole } from '@esplanade/desired';
import type { PolicyScope } from '@esplanade/domain';
import { type ApiFailure, failure, genericErrors, isFailure, type ParsedBody } from '@esplanade/ontap';
import { rolesOf } from '../roles.ts';
import { accountErrors } from './account-error-codes.ts';
import { onlyApplication } from './account-fields.ts';
import { booleanOf, textOf } from './body-reader.ts';
import { joinedFailure } from './write-failure.ts';

const longestComment = 255;

/** What a body says of an account, all of it checked; what it does not say is absent, but for the role. */
export interface AccountBody {
  readonly role: AccountRole;
  readonly isLocked?: boolean;
  readonly comment?: string | undefined;
  readonly password?: string;
}

/** Reads a body for an account of that name and owner, which has the role `present` unless the body names one. */
export function accountBody(
  body: ParsedBody,
  { name, scope }: Pick<Account, 'name' | 'scope'>,
  present?: AccountRole,
): AccountBody | ApiFailure {
  const role = readRole(body, scope, present);
  const password = readPassword(body, name);
  const comment = readComment(body);
  const applications = refuseApplications(body);
  if (isFailure(role) || isFailure(password) || isFailure(comment) || applications !== undefined)
    return joinedFailure(role, password, comment, applications);
  const isLocked = booleanOf(body, 'locked');
  return {
    role,
    ...(isLocked !== undefined && { isLocked }),
    ...(body.has('comment') && { comment }),
    ...(password !== undefined && { password }),
  };
}

/** The name of a new account. Without a backslash, a colon or a slash it is whole in a login, in Basic and in a path. */
export function accountName(text: string): string | ApiFailure {
  return /^[A-Za-z0-9_][A-Za-z0-9_.@-]{2,63}$/.test(text)
    ? text
    : failure(accountErrors.nameInvalid, { name: text }, 'name');
}

function readRole(body: ParsedBody, { kind }: PolicyScope, present?: AccountRole): AccountRole | ApiFailure {
  const roles: readonly AccountRole[] = rolesOf[kind];
  const text = textOf(body, 'role.name') ?? present ?? roles[0];
  const role = roles.find((each) => each === text);
  if (role !== undefined) return role;
  const owner = kind === 'svm' ? 'an SVM' : 'the cluster';
  const values = { owner, role: text ?? '', roles: roles.join(', ') };
  return failure(accountErrors.roleUnknown, values, 'role.name');
}

function readPassword(body: ParsedBody, name: string): string | undefined | ApiFailure {
  const password = textOf(body, 'password');
  if (password === undefined) return undefined;
  const { length } = [...password];
  if (length < 8) return failure(accountErrors.passwordTooShort, {}, 'password');
  if (length > 128) return failure(accountErrors.passwordTooLong, {}, 'password');
  return password.toLowerCase().includes(name.toLowerCase())
    ? failure(accountErrors.passwordWithName, {}, 'password')
    : password;
}

/** An empty comment is none. */
function readComment(body: ParsedBody): string | undefined | ApiFailure {
  const comment = textOf(body, 'comment');
  if (comment === undefined || comment === '') return undefined;
  if (comment.length <= longestComment) return comment;
  const expected = `up to ${longestComment} characters`;
  return failure(genericErrors.invalidValue, { value: comment, field: 'comment', expected }, 'comment');
}

/** ONTAP's clients always send what an account is for; what they do not say of a second factor is that there is none. */
function refuseApplications(body: ParsedBody): ApiFailure | undefined {
  const text = textOf(body, 'applications');
  if (text === undefined) return undefined;
  const given: unknown = JSON.parse(text);
  const [only, ...others]: readonly unknown[] = Array.isArray(given) ? given : [given];
  const { second_authentication_method: none } = onlyApplication;
  const whole = { second_authentication_method: none, ...Object(only) };
  if (others.length === 0 && isDeepStrictEqual(whole, onlyApplication)) return undefined;
  const expected = JSON.stringify([onlyApplication]);
  // Not quoted: somebody may have put a password in there.
  return failure(genericErrors.invalidSecretValue, { field: 'applications', expected }, 'applications');
}
