import type { Arguments, Command } from '../command.ts';
import type { Context } from '../context.ts';
import { CommandError, type ExitStatus, exitStatus } from '../exit-status.ts';
import { nested } from '../output/nested.ts';
import { misused } from '../parse.ts';
import { type Change, changeRecords } from './change-records.ts';
import type { Directory } from './directory.ts';
import { readableOf, selectorsOf } from './keys.ts';
import { pathKey, queryOf } from './record-query.ts';
import { selectedRecords } from './selected-records.ts';
import { parametersOf, wireValue } from './wire.ts';

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
  if (changed.every(({ isParameter }) => isParameter === true))
    throw misused('There is nothing to modify: give a parameter with its new value.');
  const collection = (await context.api()).collection(directory.path);
  const body = nested(
    changed
      .filter(({ isParameter }) => isParameter !== true)
      .map((field) => [field.field, wireValue(field, given)]),
  );
  const options = { parameters: parametersOf(changed, given), signal: context.signal };
  const apply: Change['apply'] = async (batch) => {
    const key = batch[0] && pathKey(directory, batch[0]);
    if (key !== undefined) return collection.modify(key, body, options);
    const found = await queryOf(collection, directory, batch).modify(body, options);
    if (found < batch.length) throw noLongerThere();
  };
  const records = await selectedRecords(directory, selectorsOf(directory), given, context);
  return changeRecords(
    { directory, command, given, change: { verb: ['modify', 'modified'], apply } },
    records,
    context,
  );
}

/** Deletes the records that were selected, by their keys or by what else they have. */
export async function remove(
  directory: Directory,
  command: Command,
  given: Arguments,
  context: Context,
): Promise<ExitStatus> {
  const collection = (await context.api()).collection(directory.path);
  const parameters = directory.fields.filter(
    ({ isForDelete, name }) => isForDelete === true && given.has(name),
  );
  const options = { parameters: parametersOf(parameters, given), signal: context.signal };
  const apply: Change['apply'] = async (batch, isAgain) => {
    const key = batch[0] && pathKey(directory, batch[0]);
    if (key !== undefined) return collection.delete(key, options);
    const found = await queryOf(collection, directory, batch).delete(options);
    if (found < batch.length && !isAgain) throw noLongerThere();
  };
  const records = await selectedRecords(directory, readableOf(directory), given, context);
  return changeRecords(
    { directory, command, given, change: { verb: ['delete', 'deleted'], apply } },
    records,
    context,
  );
}

/** A query that matches nothing any more is no failure to the server. */
function noLongerThere(): CommandError {
  return new CommandError(exitStatus.notFound, 'It is no longer there.');
}
