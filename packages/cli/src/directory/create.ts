import type { Arguments } from '../command.ts';
import type { Context } from '../context.ts';
import { type ExitStatus, exitStatus } from '../exit-status.ts';
import { misused } from '../parse.ts';
import type { Directory, DirectoryField } from './directory.ts';
import { namingKeysOf, readableOf } from './keys.ts';
import { nested, wireValue } from './wire.ts';

/** Creates a record of what was given; shows it in formats for machines. */
export async function create(directory: Directory, given: Arguments, context: Context): Promise<ExitStatus> {
  const settable = directory.fields.filter((field) => field.create !== undefined);
  const present = settable.filter(({ name }) => given.has(name));
  const body: (readonly [string, unknown])[] = present
    .filter(({ isParameter }) => isParameter !== true)
    .map((field) => [field.field, wireValue(field, given)]);
  for (const field of settable) {
    if (!given.has(field.name) && field.isAskedFor?.(given) === true)
      body.push([field.field, await askedSecret(field, context)]);
  }
  const parameters = present
    .filter(({ isParameter }) => isParameter === true)
    .map((field) => [field.field, String(wireValue(field, given))]);
  const api = await context.api();
  const created = await api
    .collection(directory.path)
    .create(nested(body), { parameters: Object.fromEntries(parameters), signal: context.signal });
  if (context.output.isExact && created !== undefined) {
    const columns = readableOf(directory);
    await context.output.list({ columns, records: [created], isSingle: true });
  }
  const name = namingKeysOf(directory)
    .flatMap((key) => given.text(key.name) ?? [])
    .at(-1);
  context.output.say(`The ${directory.noun[0]}${name === undefined ? '' : ` "${name}"`} was created.`);
  return exitStatus.done;
}

async function askedSecret({ name, help }: DirectoryField, { terminal, signal }: Context): Promise<string> {
  if (!terminal.canAsk)
    throw misused(`Nobody can be asked for -${name} here: give -${name}-file FILE (- is standard input).`);
  const secret = await terminal.askSecret(`${help}: `, signal);
  if ((await terminal.askSecret('Again: ', signal)) !== secret) throw misused('The two are not the same.');
  return secret;
}
