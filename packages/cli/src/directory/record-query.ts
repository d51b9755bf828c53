import type { Context } from '../context.ts';
import type { ApiRecord } from '../output/output.ts';
import type { Directory } from './directory.ts';
import { namingKeysOf } from './keys.ts';
import { isScalar, memberOf } from './wire.ts';

/** A collection of the API. */
export type Collection = ReturnType<Awaited<ReturnType<Context['api']>>['collection']>;

/** Few enough for the length of a URL, and for a failure to be looked into one by one. */
const largestBatch = 50;

/** The end of the record's own path, where it has one. */
export function pathKey(
  { path, pathKeys = ['uuid'] }: Directory,
  record: ApiRecord,
): readonly string[] | undefined {
  if (path.startsWith('/private/cli/')) return undefined;
  const values = pathKeys.map((field) => memberOf(record, field));
  return values.every(isScalar) ? values.map(String) : undefined;
}

/** Records that one request is about: those that have no path and differ only in their name are asked for together. */
export function batchesOf(
  directory: Directory,
  records: readonly ApiRecord[],
): readonly (readonly ApiRecord[])[] {
  const batches: ApiRecord[][] = [];
  let last: string | undefined;
  for (const record of records) {
    const values = namingKeysOf(directory).map(({ field }) => memberOf(record, field));
    const others = JSON.stringify(values.slice(0, -1));
    const batch = batches.at(-1);
    const isAlone = pathKey(directory, record) !== undefined || !isScalar(values.at(-1));
    if (!isAlone && batch !== undefined && others === last && batch.length < largestBatch) batch.push(record);
    else batches.push([record]);
    last = isAlone ? undefined : others;
  }
  return batches;
}

/** A query for exactly the records of a batch. */
export function queryOf(collection: Collection, directory: Directory, batch: readonly ApiRecord[]) {
  const keys = namingKeysOf(directory);
  return keys.reduce((query, { field }, index) => {
    const values = batch
      .map((record) => memberOf(record, field))
      .map((value) => (isScalar(value) ? value : null));
    const [value = null] = values;
    return values.length > 1 && index === keys.length - 1
      ? query.where(field, 'in', values)
      : query.where(field, '=', value);
  }, collection.parameters({}));
}
