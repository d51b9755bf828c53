import { askedSecret } from '../asked-secret.ts';
import type { Arguments } from '../command.ts';
import type { Context } from '../context.ts';
import { type ExitStatus, exitStatus } from '../exit-status.ts';
import { nested } from '../output/nested.ts';
import type { ApiRecord } from '../output/output.ts';
import { clusterName } from './cluster-name.ts';
import type { Directory } from './directory.ts';
import { namingKeysOf, readableOf } from './keys.ts';
import { type Collection, pathKey, queryOf } from './record-query.ts';
import { fieldsOf, knownFields } from './show.ts';
import { parametersOf, wireValue } from './wire.ts';

/** Creates a record of what was given; shows it in formats for machines. */
export async function create(directory: Directory, given: Arguments, context: Context): Promise<ExitStatus> {
  const settable = directory.fields.filter((field) => field.create !== undefined);
  const present = settable.filter(({ name }) => given.has(name));
  const api = await context.api();
  const body: (readonly [string, unknown])[] = [];
  for (const field of present) {
    if (field.isParameter === true) continue;
    const isOfCluster =
      field.isOwner === true && given.text(field.name) === (await clusterName(api, context.signal));
    body.push(isOfCluster ? ['scope', 'cluster'] : [field.field, wireValue(field, given)]);
  }
  for (const field of settable) {
    if (!given.has(field.name) && field.isAskedFor?.(given) === true)
      body.push([field.field, await askedSecret({ ...field, isNew: true }, context)]);
  }
  const collection = api.collection(directory.path);
  const created = await collection.create(nested(body), {
    parameters: parametersOf(present, given),
    signal: context.signal,
  });
  if (context.output.isExact && created !== undefined) {
    const record = await wholeRecord(collection, directory, created);
    await context.output.list({ columns: readableOf(directory), records: [record], isSingle: true });
  }
  const name = namingKeysOf(directory)
    .flatMap((key) => given.text(key.name) ?? [])
    .at(-1);
  context.output.say(`The ${directory.noun[0]}${name === undefined ? '' : ` "${name}"`} was created.`);
  return exitStatus.done;
}

/** The private CLI answers the keys only of what it made: the rest is asked for by them. */
async function wholeRecord(
  collection: Collection,
  directory: Directory,
  created: ApiRecord,
): Promise<ApiRecord> {
  if (pathKey(directory, created) !== undefined) return created;
  const columns = readableOf(directory);
  const records = knownFields(
    queryOf(collection, directory, [created]),
    fieldsOf(columns),
    fieldsOf(columns),
  );
  // It is made, and named, also where it may not be read.
  const { value } = await records.next().catch(() => ({ value: created }));
  return value ?? created;
}
