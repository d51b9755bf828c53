import { type Account, authenticationMethods } from '@esplanade/desired';
import { type ApiFailure, failure, genericErrors, isFailure, type ParsedBody } from '@esplanade/ontap';
import { passwordTrouble } from '../logins/password-rules.ts';
import { accountErrors } from './account-error-codes.ts';
import { applicationsOf } from './account-fields.ts';
import { booleanOf, textOf } from './body-reader.ts';
import { joinedFailure } from './write-failure.ts';

const longestComment = 255;

/** What a body says of an account, all of it checked but the role; what it does not say is absent. */
export interface AccountBody {
  readonly role?: string;
  readonly authenticationMethods?: Account['authenticationMethods'];
  readonly isLocked?: boolean;
  readonly comment?: string | undefined;
  readonly password?: string;
}

/** Reads a body for an account of that name, which logs in by `present` unless the body says how. */
export function accountBody(
  body: ParsedBody,
  name: string,
  present: Account['authenticationMethods'],
): AccountBody | ApiFailure {
  const password = readPassword(body, name);
  const comment = readComment(body);
  const methods = readMethods(body);
  if (isFailure(password) || isFailure(comment) || isFailure(methods))
    return joinedFailure(password, comment, methods);
  if (password !== undefined && !(methods ?? present).includes('password'))
    return failure(accountErrors.passwordWithoutMethod, { name }, 'password');
  const isLocked = booleanOf(body, 'locked');
  const role = textOf(body, 'role.name');
  return {
    ...(role !== undefined && { role }),
    ...(methods !== undefined && { authenticationMethods: methods }),
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

function readPassword(body: ParsedBody, name: string): string | undefined | ApiFailure {
  const password = textOf(body, 'password');
  if (password === undefined) return undefined;
  const trouble = passwordTrouble(password, name);
  return trouble === undefined ? password : failure(accountErrors[trouble], {}, 'password');
}

/** An empty comment is none. */
function readComment(body: ParsedBody): string | undefined | ApiFailure {
  const comment = textOf(body, 'comment');
  if (comment === undefined || comment === '') return undefined;
  if (comment.length <= longestComment) return comment;
  const expected = `up to ${longestComment} characters`;
  return failure(genericErrors.invalidValue, { value: comment, field: 'comment', expected }, 'comment');
}

/**
 * How the account is to log in. ONTAP's clients always send what an account is for; there is one application, and what they
 * do not say of a second factor is that there is none.
 */
function readMethods(body: ParsedBody): Account['authenticationMethods'] | undefined | ApiFailure {
  const text = textOf(body, 'applications');
  if (text === undefined) return undefined;
  const given: unknown = JSON.parse(text);
  const [only, ...others]: readonly unknown[] = Array.isArray(given) ? given : [given];
  const {
    application,
    authentication_methods,
    second_authentication_method = 'none',
    ...strange
  } = Object(only);
  const words: readonly unknown[] = [authentication_methods].flat();
  const methods = authenticationMethods.filter((method) => words.includes(method));
  const isKnown = words.length > 0 && words.length === methods.length && Object.keys(strange).length === 0;
  if (others.length === 0 && application === 'http' && second_authentication_method === 'none' && isKnown)
    return methods;
  const expected = `one application, as ${JSON.stringify(applicationsOf(authenticationMethods))} or with one of the two methods; others are not there`;
  // Not quoted: somebody may have put a password in there.
  return failure(genericErrors.invalidSecretValue, { field: 'applications', expected }, 'applications');
}
