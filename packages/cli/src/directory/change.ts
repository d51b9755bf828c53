import type { Arguments, Command } from '../command.ts';
import type { Context } from '../context.ts';
import { CommandError, type ExitStatus, exitStatus } from '../exit-status.ts';
import { sentenceOf, statusOf } from '../failure.ts';
import type { ApiRecord } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import { misused } from '../parse.ts';
import type { Directory, DirectoryField } from './directory.ts';
import { keysOf, namingKeysOf, readableOf } from './keys.ts';
import { isExact, memberOf, nested, wireQuery, wireValue } from './wire.ts';

/** What is done to each record that was selected. */
interface Change {
  /** What may select. */
  readonly selectors: readonly DirectoryField[];
  /** `['modify', 'modified']`. */
  readonly verb: readonly [verb: string, participle: string];
  readonly apply: (record: ApiRecord) => Promise<void>;
}

/** Gives the records that the keys select new values. */
export async function modify(
  directory: Directory,
  command: Command,
  given: Arguments,
  context: Context,
): Promise<ExitStatus> {
  const changed = directory.fields.filter(
    ({ isModifiable, isKey, name }) => isModifiable === true && isKey !== true && given.has(name),
  );
  if (changed.length === 0) throw misused('There is nothing to modify: give a parameter with its new value.');
  const api = await context.api();
  const collection = api.collection(directory.path);
  const body = nested(
    changed
      .filter(({ isParameter }) => isParameter !== true)
      .map((field) => [field.field, wireValue(field, given)]),
  );
  const options = { parameters: parametersOf(directory, changed, given), signal: context.signal };
  const apply = async (record: ApiRecord): Promise<void> => {
    const key = pathKey(directory, record);
    if (key !== undefined) return collection.modify(key, body, options);
    wasThere(await named(collection, directory, record).modify(body, options));
  };
  const change: Change = { selectors: keysOf(directory), verb: ['modify', 'modified'], apply };
  return changeAll(directory, command, change, given, context);
}

/** Deletes the records that were selected, by their keys or by what else they have. */
export async function remove(
  directory: Directory,
  command: Command,
  given: Arguments,
  context: Context,
): Promise<ExitStatus> {
  const api = await context.api();
  const collection = api.collection(directory.path);
  const options = { parameters: parametersOf(directory, [], given), signal: context.signal };
  const apply = async (record: ApiRecord): Promise<void> => {
    const key = pathKey(directory, record);
    if (key !== undefined) return collection.delete(key, options);
    wasThere(await named(collection, directory, record).delete(options));
  };
  const change: Change = { selectors: readableOf(directory), verb: ['delete', 'deleted'], apply };
  return changeAll(directory, command, change, given, context);
}

/** What goes beside the body. */
function parametersOf(
  { isForceSent }: Directory,
  changed: readonly DirectoryField[],
  given: Arguments,
): Readonly<Record<string, string>> {
  const parameters = changed
    .filter(({ isParameter }) => isParameter === true)
    .map((field) => [field.field, String(wireValue(field, given))]);
  const isForced = isForceSent === true && given.text('force') === 'true';
  return Object.fromEntries([...parameters, ...(isForced ? [['force', 'true']] : [])]);
}

type Collection = ReturnType<Awaited<ReturnType<Context['api']>>['collection']>;

async function changeAll(
  directory: Directory,
  command: Command,
  change: Change,
  given: Arguments,
  context: Context,
): Promise<ExitStatus> {
  const records = await selected(directory, change, given, context);
  const isForced = given.text('force') === 'true';
  if (records.length > 1 && !isForced && !(await isConsented(directory, change, records.length, context)))
    return exitStatus.failed;
  const isContinued = given.text('continue-on-failure') === 'true';
  const failures: unknown[] = [];
  let done = 0;
  for (const record of records) {
    try {
      await change.apply(record);
      done += 1;
    } catch (error) {
      if (records.length === 1) throw error;
      failures.push(error);
      if (context.signal.aborted) break;
      const sentence = await sentenceOf(error, { path: directory.words, command });
      const told = printable(`${nameOf(directory, record)}: ${sentence}`);
      context.terminal.note(`${clearedLine(context)}${told}\n`);
      if (!isContinued) break;
    }
    showProgress(
      `${done} of ${counted(directory, records.length)} ${change.verb[1]}`,
      records.length,
      context,
    );
  }
  context.terminal.note(records.length > 1 ? clearedLine(context) : '');
  const [failure] = failures;
  if (failure === undefined) {
    const [only] = records;
    const what =
      records.length === 1 && only !== undefined
        ? `The ${directory.noun[0]} ${nameOf(directory, only)} was`
        : `${counted(directory, records.length)} were`;
    context.output.say(`${what} ${change.verb[1]}.`);
    return exitStatus.done;
  }
  const outcome = `${done} of ${counted(directory, records.length)} were ${change.verb[1]}, ${records.length - done} were not.`;
  if (!context.signal.aborted) throw new CommandError(statusOf(failure), outcome);
  context.terminal.note(`Interrupted: ${outcome} What was under way may have been done all the same.\n`);
  return exitStatus.interrupted;
}

/** What selects: parameters, and those of an extended query. */
function conditionsOf(
  selectors: readonly DirectoryField[],
  directory: Directory,
  given: Arguments,
): readonly (readonly [DirectoryField, Arguments])[] {
  const { where } = given;
  const asked = selectors.filter(({ name }) => given.has(name));
  const queried = where === undefined ? [] : readableOf(directory).filter(({ name }) => where.has(name));
  const twice = asked.find((field) => queried.includes(field));
  if (twice !== undefined) throw misused(`-${twice.name} is asked for twice.`);
  return [
    ...asked.map((field) => [field, given] as const),
    ...queried.map((field) => [field, where ?? given] as const),
  ];
}

/** The records that were selected, with their keys. Throws where there is none. */
async function selected(
  directory: Directory,
  { selectors }: Change,
  given: Arguments,
  context: Context,
): Promise<readonly ApiRecord[]> {
  const keys = keysOf(directory);
  const asked = conditionsOf(selectors, directory, given);
  if (asked.length === 0)
    throw misused(`Say which: ${keys.map(({ name }) => `-${name}`).join(', ')}; '*' is all of them.`);
  const api = await context.api();
  const [first, ...others] = keys.map(({ field }) => field);
  const collection = api.collection(directory.path);
  let query = first === undefined ? collection.parameters({}) : collection.fields(first, ...others);
  for (const [field, source] of asked) query = query.query(field.field, wireQuery(field, source));
  // In an order that people can follow, so that they see from a failure what was done.
  for (const { field } of keys) query = query.orderBy(field);
  const records = await query.toArray(context.signal);
  if (records.length > 0) return records;
  throw await noneFound(directory, asked, context);
}

/** How many names are looked through for one that may have been meant. */
const namesLookedAt = 1_000;

/** That nothing was selected; where a name was given, with the nearest that there is. */
async function noneFound(
  directory: Directory,
  asked: readonly (readonly [DirectoryField, Arguments])[],
  context: Context,
): Promise<CommandError> {
  const [noun] = directory.noun;
  const texts = asked.map(([{ name }, source]) => source.text(name));
  if (!texts.every(isExact) || !asked.every(([{ isKey }]) => isKey === true))
    return new CommandError(exitStatus.notFound, `No ${noun} matches.`);
  const name = namingKeysOf(directory).at(-1);
  const [, given] = asked.find(([field]) => field === name) ?? [];
  const sentence = `There is no ${noun} "${texts.join(' ')}".`;
  if (name === undefined || given === undefined) return new CommandError(exitStatus.notFound, sentence);
  const api = await context.api();
  const page = await api
    .collection(directory.path)
    .fields(name.field)
    .pageSize(namesLookedAt)
    .pages(context.signal)
    .next();
  const names = page.done === true ? [] : page.value.records.map((record) => memberOf(record, name.field));
  const { nearest } = await import('../suggest.ts');
  const meant = nearest(given.text(name.name) ?? '', names.filter(isScalar).map(String));
  return new CommandError(
    exitStatus.notFound,
    meant === undefined ? sentence : `${sentence} Did you mean "${meant}"?`,
  );
}

/** The end of the record's own path, where it has one. */
function pathKey({ path, pathKeys = ['uuid'] }: Directory, record: ApiRecord): readonly string[] | undefined {
  if (path.startsWith('/private/cli/')) return undefined;
  const values = pathKeys.map((field) => memberOf(record, field));
  return values.every((value) => typeof value === 'string' || typeof value === 'number')
    ? values.map(String)
    : undefined;
}

/** A query for exactly this record. */
function named(collection: Collection, directory: Directory, record: ApiRecord) {
  return keysOf(directory).reduce((query, { field }) => {
    const value = memberOf(record, field);
    return query.where(field, '=', isScalar(value) ? value : null);
  }, collection.parameters({}));
}

/** A query that matches nothing any more is no failure to the server. */
function wasThere(number: number): void {
  if (number === 0) throw new CommandError(exitStatus.notFound, 'It is no longer there.');
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

async function isConsented(
  directory: Directory,
  { verb: [verb, participle] }: Change,
  number: number,
  { terminal, signal }: Context,
): Promise<boolean> {
  if (!terminal.canAsk)
    throw misused(`${counted(directory, number)} match: give -force to ${verb} all of them.`);
  const question = `${counted(directory, number)} match. Do you want to ${verb} all of them? {y|n}: `;
  const answer = await terminal.ask(question, signal);
  const isYes = /^y(es)?$/i.test(answer.trim());
  if (!isYes) terminal.note(`Nothing was ${participle}.\n`);
  return isYes;
}

function counted({ noun }: Directory, number: number): string {
  return `${number} ${noun[number === 1 ? 0 : 1]}`;
}

function nameOf(directory: Directory, record: ApiRecord): string {
  const values = namingKeysOf(directory).map(({ field }: DirectoryField) => memberOf(record, field));
  return `"${values.filter(isScalar).at(-1) ?? ''}"`;
}

function showProgress(text: string, number: number, { terminal }: Context): void {
  if (terminal.canAsk && number > 1) terminal.note(`\r\x1b[K${text}`);
}

function clearedLine({ terminal }: Context): string {
  return terminal.canAsk ? '\r\x1b[K' : '';
}
