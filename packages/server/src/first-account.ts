import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DesiredState } from '@esplanade/desired';
import { firstAccountName, firstPasswordFile } from './first-password-file.ts';
import { hashPassword } from './logins/password-hash.ts';
import { passwordTrouble } from './logins/password-rules.ts';
import { writePrivateFile } from './private-file.ts';
import { accountErrors } from './resources/account-error-codes.ts';
import { UsageError } from './settings.ts';

/** What was done about a password, for the operator. `file` is set when it was generated. */
export interface PasswordSetting {
  readonly account: string;
  readonly password: string;
  readonly file?: string;
}

/**
 * What keeps a given password from being the first account's on a first start, which is to be known before the start leaves
 * anything behind; nothing where there is data already, with which the password may not count.
 */
export function firstPasswordProblems(
  dataDirectory: string,
  givenPassword: string | undefined,
): readonly string[] {
  if (existsSync(join(dataDirectory, 'store.db'))) return [];
  return problemsOf(givenPassword, firstAccountName);
}

/** Makes the account `admin` where there is no account yet; `undefined` when there is one. */
export async function ensureFirstAccount(
  desired: DesiredState,
  dataDirectory: string,
  givenPassword: string | undefined,
): Promise<PasswordSetting | undefined> {
  if (desired.snapshot().accounts.size > 0) return undefined;
  return setPassword(desired, dataDirectory, firstAccountName, givenPassword);
}

/**
 * Gives an account a password: the given one, or a generated one that is also written to `admin-password` in the data
 * directory. The file comes first, so that a crash between the two leaves no account with a password nobody knows.
 * Throws UsageError where the API would refuse the given one.
 */
export async function setPassword(
  desired: DesiredState,
  dataDirectory: string,
  account: string,
  givenPassword: string | undefined,
): Promise<PasswordSetting> {
  const [problem] = problemsOf(givenPassword, account);
  if (problem !== undefined) throw new UsageError(problem);
  const password = givenPassword || randomBytes(15).toString('base64url');
  const file = givenPassword ? undefined : firstPasswordFile(dataDirectory);
  if (file !== undefined) await writePrivateFile(file, `${password}\n`);
  const result = await desired.putAccount({
    name: account,
    scope: { kind: 'cluster' },
    role: 'admin',
    authenticationMethods: ['password'],
    passwordHash: await hashPassword(password),
    isLocked: false,
  });
  if (result.kind !== 'written')
    throw new Error(`the account ${account} could not be written: ${result.kind}`);
  return { account, password, ...(file !== undefined && { file }) };
}

/** None is given where the environment has an empty one. */
function problemsOf(givenPassword: string | undefined, account: string): readonly string[] {
  const trouble = givenPassword ? passwordTrouble(givenPassword, account) : undefined;
  return trouble === undefined ? [] : [`ESPLANADE_ADMIN_PASSWORD: ${accountErrors[trouble].message}`];
}
