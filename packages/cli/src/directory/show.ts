import type { Arguments } from '../command.ts';
import type { Context } from '../context.ts';
import { type ExitStatus, exitStatus } from '../exit-status.ts';
import { makeOutput } from '../output/make-output.ts';
import type { ApiRecord } from '../output/output.ts';
import { misused, named, shortened } from '../parse.ts';
import { clusterName, ownerQuery } from './cluster-name.ts';
import type { Directory, DirectoryField } from './directory.ts';
import { keysOf, readableOf } from './keys.ts';
import { chosenFields } from './listing-parameters.ts';
import { isExact, memberOf } from './wire.ts';

/** Lists the records that match. As in ONTAP's CLI one that all keys name is shown with everything. */
export async function show(directory: Directory, given: Arguments, context: Context): Promise<ExitStatus> {
  const columns = readableOf(directory);
  const keys = keysOf(directory);
  const isNamed = keys.length > 0 && keys.every(({ name }) => isExact(given.text(name)));
  const isInstance = context.output.format === 'table' && isNamed && !given.has('fields');
  const output = isInstance ? makeOutput('instance', context.terminal) : context.output;
  const fields = chosenFields(columns, given);
  const api = await context.api();
  const question = api.collection(directory.path).parameters(askedOf(directory, given));
  const shown = wanted(columns, output.format, fields);
  const records = recordsOf(api, question, columns, shown, keys, given);
  await output.list({
    columns,
    ...(fields !== undefined && { fields }),
    isFiltered: columns.some(({ name }) => given.has(name)),
    records: output.format === 'json' || output.format === 'yaml' ? records : withOwners(api, shown, records),
  });
  return exitStatus.done;
}

type Api = Awaited<ReturnType<Context['api']>>;
type Question = ReturnType<ReturnType<Api['collection']>['parameters']>;

async function* recordsOf(
  api: Api,
  question: Question,
  columns: readonly DirectoryField[],
  shown: readonly DirectoryField[],
  keys: readonly DirectoryField[],
  given: Arguments,
): AsyncGenerator<ApiRecord> {
  const limit = limitOf(given);
  let selection: Question = question;
  for (const column of columns) {
    if (!given.has(column.name)) continue;
    const { wireQuery } = await import('./wire-query.ts');
    const text = await ownerQuery(column, wireQuery(column, given), api);
    selection = selection.query(column.queryField ?? column.field, text);
  }
  for (const [field, direction] of orderOf(columns, keys, given))
    selection = selection.orderBy(field, direction);
  if (limit < largestPage) selection = selection.pageSize(limit);
  const named = given.list('fields');
  const optional = new Set(shown.filter(({ name }) => !named.includes(name)).map(({ field }) => field));
  let number = 0;
  for await (const record of knownFields(selection, fieldsOf(shown), optional)) {
    yield record;
    number += 1;
    if (number >= limit) return;
  }
}

/** The records, those of the cluster with its name where others have that of an SVM. */
async function* withOwners(
  api: Api,
  shown: readonly DirectoryField[],
  records: AsyncIterable<ApiRecord>,
): AsyncGenerator<ApiRecord> {
  const owner = shown.find(({ isOwner }) => isOwner === true)?.field;
  let cluster: Promise<string | undefined> | undefined;
  for await (const record of records) {
    if (owner === undefined || memberOf(record, owner) !== undefined) yield record;
    else {
      cluster ??= clusterName(api);
      yield { ...record, [owner]: await cluster };
    }
  }
}

/** What columns show. */
export function fieldsOf(columns: readonly DirectoryField[]): ReadonlySet<string> {
  return new Set(columns.map(({ field }) => field));
}

/** Records with these fields, but for the optional ones among them that this release of the server does not know. */
export async function* knownFields(
  question: Question,
  fields: ReadonlySet<string>,
  optional: ReadonlySet<string>,
): AsyncGenerator<ApiRecord> {
  const [first, ...others] = fields;
  const query = first === undefined ? question : question.fields(first, ...others);
  let known: ReadonlySet<string> | undefined;
  try {
    yield* query;
  } catch (error) {
    known = await withoutUnknown(error, fields, optional);
    if (known === undefined) throw error;
  }
  if (known !== undefined) yield* knownFields(question, known, optional);
}

/** The fields without the one that the server names as no field. */
async function withoutUnknown(
  error: unknown,
  fields: ReadonlySet<string>,
  optional: ReadonlySet<string>,
): Promise<ReadonlySet<string> | undefined> {
  const { InvalidRequestError } = await import('@esplanade/sdk');
  if (!(error instanceof InvalidRequestError) || error.code !== '262197' || error.target !== 'fields')
    return undefined;
  const unknown = [...fields].find((field) => error.message.includes(`"${field}"`));
  if (unknown === undefined || !optional.has(unknown)) return undefined;
  return new Set([...fields].filter((field) => field !== unknown));
}

/** What the API gives at a time by itself. */
const largestPage = 10_000;

/** The request's own parameters, of those that the directory asks. */
function askedOf({ asks = [] }: Directory, given: Arguments): Readonly<Record<string, string>> {
  return Object.fromEntries(
    asks.flatMap(({ name, target = name }) => {
      const text = given.text(name);
      return text === undefined ? [] : [[target, text]];
    }),
  );
}

function limitOf(given: Arguments): number {
  const text = given.text('limit');
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (Number(text) < 1) throw misused('-limit is 1 or more.');
  return Number(text);
}

/** The columns that the format will show: the others are not asked for. */
function wanted(
  columns: readonly DirectoryField[],
  format: string,
  fields: readonly string[] | undefined,
): readonly DirectoryField[] {
  if (fields !== undefined)
    return columns.filter(({ name, isKey }) => isKey === true || fields.includes(name));
  return format === 'table' ? columns.filter(({ heading, isKey }) => isKey === true || heading) : columns;
}

function orderOf(
  columns: readonly DirectoryField[],
  keys: readonly DirectoryField[],
  given: Arguments,
): readonly (readonly [field: string, direction: 'asc' | 'desc'])[] {
  if (!given.has('order-by')) return keys.map(({ field }) => [field, 'asc']);
  return given.list('order-by').map((text) => {
    const [name, direction = 'asc', more] = text.split(/[:\s]+/);
    const column = named(columns, name ?? '');
    if (column === undefined || more !== undefined || (direction !== 'asc' && direction !== 'desc'))
      throw misused(
        `-order-by "${shortened(text)}" is no field, or no field and :asc or :desc. There are: ${columns.map((each) => each.name).join(', ')}.`,
      );
    return [column.field, direction];
  });
}
