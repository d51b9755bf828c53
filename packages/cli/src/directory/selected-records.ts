import type { Arguments } from '../command.ts';
import type { Context } from '../context.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import type { ApiRecord } from '../output/output.ts';
import { misused } from '../parse.ts';
import { UnknownNameError } from '../unknown-name-error.ts';
import { clusterForSvm, ownerQuery } from './cluster-name.ts';
import type { Directory, DirectoryField } from './directory.ts';
import { keysOf, namingKeysOf, readableOf } from './keys.ts';
import { isExact } from './wire.ts';
import { wireQuery } from './wire-query.ts';

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
export async function selectedRecords(
  directory: Directory,
  selectors: readonly DirectoryField[],
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
  for (const [field, source] of asked)
    query = query.query(
      field.queryField ?? field.field,
      await ownerQuery(field, wireQuery(field, source), api, context.signal),
    );
  // In an order that people can follow, so that they see from a failure what was done.
  for (const { field } of keys) query = query.orderBy(field);
  const records = await query.toArray({ signal: context.signal });
  if (records.length > 0) return records;
  throw await noneFound(directory, asked, context);
}

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
  const cluster = await clusterForSvm(name, given.text(name.name), api, context.signal);
  if (cluster !== undefined) return cluster;
  const { knownNames } = await import('../known-names.ts');
  const names = await knownNames(api, { path: directory.path, field: name.field }, context.signal);
  return new UnknownNameError(exitStatus.notFound, sentence, given.text(name.name) ?? '', names);
}
