import type { Arguments, Command } from '../command.ts';
import type { Context } from '../context.ts';
import { type ExitStatus, exitStatus } from '../exit-status.ts';
import { keyParameters, namedRecord } from './named-record.ts';
import { accountKeys } from './security-login.ts';

/** `security login password`: also for an account's own, with any role. */
export const password: Command = {
  description: [
    'Sets the password of an account. It is asked for twice, or read from a file; it is never in the command line. Every account may change its own.',
  ],
  parameters: [
    ...keyParameters(accountKeys),
    {
      name: 'password',
      value: { kind: 'secret', isNew: true },
      help: 'New password, 8 to 128 characters',
      isRequired: true,
      target: 'password',
    },
  ],
  examples: [
    { line: 'security login password -username keeper', explains: 'Asks for the new password' },
    {
      line: 'security login password -username keeper -password-file -',
      explains: 'Reads it from standard input',
    },
  ],
  run: (given, context) => change(given, context, { password: given.text('password') }, 'has a new password'),
};

/** `security login lock`. */
export const lock: Command = {
  description: ['Locks an account: nobody can log in with it. What it has under way is finished.'],
  parameters: keyParameters(accountKeys),
  examples: [{ line: 'security login lock -username keeper', explains: 'The account keeper' }],
  run: (given, context) => change(given, context, { locked: true }, 'is locked'),
};

/** `security login unlock`. */
export const unlock: Command = {
  description: ['Unlocks an account.'],
  parameters: keyParameters(accountKeys),
  examples: [{ line: 'security login unlock -username keeper', explains: 'The account keeper' }],
  run: (given, context) => change(given, context, { locked: false }, 'is unlocked'),
};

async function change(
  given: Arguments,
  { api: connect, output, signal }: Context,
  body: Readonly<Record<string, unknown>>,
  outcome: string,
): Promise<ExitStatus> {
  const api = await connect();
  const wanted = {
    path: '/security/accounts',
    keys: accountKeys,
    noun: 'account',
    fields: ['owner.uuid', 'name'],
  } as const;
  const account = await namedRecord(api, wanted, given, signal);
  const owner = Object(account['owner']).uuid;
  await api.collection(wanted.path).modify([String(owner), String(account['name'])], body);
  output.say(`The account "${String(account['name'])}" ${outcome}.`);
  return exitStatus.done;
}
