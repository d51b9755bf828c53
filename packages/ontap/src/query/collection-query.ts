import { genericErrors, problem } from '../error-codes.ts';
import { type ApiFailure, type ApiProblem, failureOf } from '../errors.ts';
import { parseFieldText } from '../field-value.ts';
import { isOrder, type OrderTerm, type Position, parseOrderBy } from '../order.ts';
import { decodePageToken } from '../page-token.ts';
import { type FieldSelection, parseFields } from '../projection.ts';
import type { Schema } from '../schema.ts';
import type { QueryParameter } from '../url.ts';
import { type Filter, parseAnyOfFilter, parseFilter } from './filter.ts';
import { type Asking, genericParameters, sortParameters } from './parameters.ts';

/** Most records on one page, and the default; a larger `max_records` is served in pages of this size. */
export const largestPage = 10_000;

/** A query string, understood. */
export interface CollectionQuery {
  readonly filters: readonly Filter[];
  readonly selection: FieldSelection;
  readonly order: readonly OrderTerm[];
  /** As asked for; undefined when it was not. */
  readonly maxRecords: number | undefined;
  readonly after: Position | undefined;
  readonly returnRecords: boolean | undefined;
  readonly continueOnFailure: boolean;
  /** As asked for; undefined when it was not. */
  readonly returnTimeoutSeconds: number | undefined;
  /** The descriptor's own parameters that were given. */
  readonly extensions: ReadonlyMap<string, string>;
}

/** The generic parameters of one request, and the problems found in any of its parameters so far. */
interface Reading {
  readonly schema: Schema;
  readonly generic: ReadonlyMap<string, string>;
  readonly problems: ApiProblem[];
}

/** Reads the parameters of a request on `schema`; every problem of the query is reported, not only the first. */
export function parseCollectionQuery(
  parameters: readonly QueryParameter[],
  schema: Schema,
  asking: Asking,
): CollectionQuery | ApiFailure {
  const { generic, extension, filter, problems } = sortParameters(parameters, schema, asking);
  const reading: Reading = { schema, generic, problems: [...problems] };
  const ignoresUnknown = readFlag(reading, 'ignore_unknown_fields') === true;
  // These ask for nothing that is not so anyway; a wrong value is refused all the same.
  for (const name of ['pretty', 'serial_records', 'return_unmatched_nested_array_objects']) {
    readFlag(reading, name);
  }
  const order = readOrder(reading);
  const query: CollectionQuery = {
    filters: readFilters(reading, filter, ignoresUnknown),
    selection: readSelection(reading, ignoresUnknown),
    order: order ?? [],
    maxRecords: readWhole(reading, 'max_records'),
    after: order === undefined ? undefined : readStart(reading, order),
    returnRecords: readFlag(reading, 'return_records'),
    continueOnFailure: readFlag(reading, 'continue_on_failure') === true,
    returnTimeoutSeconds: readWhole(reading, 'return_timeout'),
    extensions: extension,
  };
  return failureOf(reading.problems) ?? query;
}

/** Whether the answer is printed for people: so by default, and also where the rest of the query is wrong. */
export function isPretty(parameters: readonly QueryParameter[]): boolean {
  return !parameters.some(
    ({ name, value }) => name === 'pretty' && parseFieldText('boolean', value ?? '') === false,
  );
}

function readFlag(reading: Reading, name: string): boolean | undefined {
  const text = reading.generic.get(name);
  if (text === undefined) return undefined;
  const value = parseFieldText('boolean', text);
  if (typeof value === 'boolean') return value;
  refuse(reading, name, text, 'true|false');
  return undefined;
}

function readWhole(reading: Reading, name: string): number | undefined {
  const text = reading.generic.get(name);
  if (text === undefined) return undefined;
  const { least = 0, most = Number.POSITIVE_INFINITY } = genericParameters[name] ?? {};
  const number = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  refuse(reading, name, text, Number.isFinite(most) ? `${least}..${most}` : `integer from ${least}`);
  return undefined;
}

function readFilters(
  reading: Reading,
  texts: ReadonlyMap<string, string>,
  ignoresUnknown: boolean,
): readonly Filter[] {
  const { schema, generic, problems } = reading;
  const results: (Filter | readonly ApiProblem[])[] = [];
  for (const [name, text] of texts) {
    const named = schema.filtered(name);
    if (named !== undefined) results.push(parseFilter(named, text, schema));
  }
  const searched = generic.get('query');
  if (searched !== undefined) {
    const fields = generic.get('query_fields') ?? '*';
    results.push(parseAnyOfFilter(searched, fields, schema, ignoresUnknown));
  } else if (generic.has('query_fields')) {
    problems.push(problem(genericErrors.missingQueryValue, { field: 'query' }, 'query'));
  }
  const filters: Filter[] = [];
  for (const result of results) {
    if ('matches' in result) filters.push(result);
    else problems.push(...result);
  }
  return filters;
}

function readSelection(reading: Reading, ignoresUnknown: boolean): FieldSelection {
  const { selection, unknown } = parseFields(reading.generic.get('fields') ?? '', reading.schema);
  if (!ignoresUnknown) for (const name of unknown) refuse(reading, 'fields', name, 'field,...');
  // Asking only for fields that do not exist is not asking for the standard answer.
  return unknown.length === 0 ? selection : { ...selection, isStandard: false };
}

function readOrder(reading: Reading): readonly OrderTerm[] | undefined {
  const order = parseOrderBy(reading.generic.get('order_by') ?? '', reading.schema);
  if (isOrder(order)) return order;
  refuse(reading, 'order_by', order.invalid, 'field [asc|desc],...');
  return undefined;
}

function readStart(reading: Reading, order: readonly OrderTerm[]): Position | undefined {
  const token = reading.generic.get('start');
  if (token === undefined) return undefined;
  const after = decodePageToken(token, order);
  if (after === undefined) reading.problems.push(problem(genericErrors.invalidPageToken, {}, 'start'));
  return after;
}

function refuse({ problems }: Reading, field: string, value: string, expected: string): void {
  problems.push(problem(genericErrors.invalidValue, { value, field, expected }, field));
}
