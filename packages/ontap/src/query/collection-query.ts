import { type ErrorCode, type ErrorParameters, genericErrors, problem } from '../error-codes.ts';
import { type ApiFailure, type ApiProblem, failureOf } from '../errors.ts';
import type { Position } from '../order.ts';
import { isOrder, type OrderTerm, parseOrderBy } from '../order.ts';
import { decodePageToken } from '../page-token.ts';
import { type FieldSelection, parseFields, standardSelection } from '../projection.ts';
import { isKnownIn } from '../release.ts';
import type { Release } from '../resource.ts';
import type { Schema } from '../schema.ts';
import type { QueryParameter } from '../url.ts';
import { type Filter, parseAnyOfFilter, parseFilter } from './filter.ts';

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
  /** The descriptor's own parameters that were given. */
  readonly extensions: ReadonlyMap<string, string>;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

interface GenericParameter {
  readonly methods: readonly Method[];
  readonly since?: Release;
}

const everyMethod: readonly Method[] = ['GET', 'POST', 'PATCH', 'DELETE'];
const selecting: readonly Method[] = ['GET', 'PATCH', 'DELETE'];
const changing: readonly Method[] = ['POST', 'PATCH', 'DELETE'];

/**
 * ONTAP's generic parameters. `return_timeout` is checked only: every call here is answered when it is done.
 * `serial_records` asks for what is always so, and no field here holds an array of objects.
 */
const genericParameters: Readonly<Record<string, GenericParameter>> = {
  fields: { methods: everyMethod },
  pretty: { methods: everyMethod },
  return_records: { methods: everyMethod },
  return_timeout: { methods: everyMethod },
  ignore_unknown_fields: { methods: everyMethod, since: '9.11.1' },
  return_unmatched_nested_array_objects: { methods: ['GET'] },
  max_records: { methods: selecting },
  order_by: { methods: selecting },
  $orderBy: { methods: selecting },
  start: { methods: selecting },
  query: { methods: selecting },
  query_fields: { methods: selecting },
  continue_on_failure: { methods: changing },
  serial_records: { methods: changing },
};

/** Reads the parameters of a request on `schema`; every problem of the query is reported, not only the first. */
export function parseCollectionQuery(
  parameters: readonly QueryParameter[],
  schema: Schema,
  method: Method,
  release: Release,
): CollectionQuery | ApiFailure {
  const problems: ApiProblem[] = [];
  const report = <Entry extends ErrorCode>(entry: Entry, values: ErrorParameters<Entry>, target?: string) =>
    problems.push(problem(entry, values, target));

  const generic = new Map<string, string>();
  const extensions = new Map<string, string>();
  const filterTexts = new Map<string, string>();
  for (const { name, value } of parameters) {
    const group = groupOf(name, schema, method, release);
    if (group === 'unknown') {
      report(genericErrors.unexpectedArgument, { argument: name }, name);
      continue;
    }
    if (value === undefined) {
      report(genericErrors.missingAssignment, { argument: name }, name);
      continue;
    }
    const texts = { generic, extension: extensions, filter: filterTexts }[group];
    const canonical = group === 'filter' ? (schema.resolve(name)?.name ?? name) : name;
    const earlier = texts.get(canonical);
    // Clients that follow `next` may merge it with their own parameters, so the same value twice is no contradiction.
    if (earlier !== undefined && earlier !== value) {
      report(genericErrors.specifiedTwice, { field: name }, name);
    }
    texts.set(canonical, value);
  }

  const flag = (name: string): boolean | undefined => {
    const text = generic.get(name);
    if (text === undefined) return undefined;
    if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
    report(genericErrors.invalidValue, { value: text, field: name, expected: 'true|false' }, name);
    return undefined;
  };
  const whole = (name: string, least: number, most: number): number | undefined => {
    const text = generic.get(name);
    if (text === undefined) return undefined;
    const number = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    const expected = most < Number.MAX_SAFE_INTEGER ? `${least}..${most}` : `integer from ${least}`;
    report(genericErrors.invalidValue, { value: text, field: name, expected }, name);
    return undefined;
  };

  const ignoresUnknown = flag('ignore_unknown_fields') === true;
  flag('pretty');
  flag('serial_records');
  flag('return_unmatched_nested_array_objects');
  whole('return_timeout', 0, 120);

  const filters: Filter[] = [];
  const addFilter = (filter: Filter | readonly ApiProblem[]) => {
    if ('matches' in filter) filters.push(filter);
    else problems.push(...filter);
  };
  for (const [name, text] of filterTexts) {
    const named = schema.resolve(name);
    if (named !== undefined) addFilter(parseFilter(named, text));
  }
  const searched = generic.get('query');
  if (searched !== undefined) {
    addFilter(parseAnyOfFilter(searched, generic.get('query_fields') ?? '*', schema, ignoresUnknown));
  }

  const { selection, unknown } = parseFields(generic.get('fields') ?? '', schema);
  if (!ignoresUnknown) {
    for (const name of unknown) {
      report(genericErrors.invalidValue, { value: name, field: 'fields', expected: 'field,...' }, 'fields');
    }
  }

  const orderName = generic.has('$orderBy') ? '$orderBy' : 'order_by';
  const order = parseOrderBy(generic.get(orderName) ?? '', schema);
  if (!isOrder(order)) {
    const expected = 'field [asc|desc],...';
    report(genericErrors.invalidValue, { value: order.invalid, field: orderName, expected }, orderName);
  }
  const token = generic.get('start');
  const after = token === undefined || !isOrder(order) ? undefined : decodePageToken(token, order);
  if (token !== undefined && isOrder(order) && after === undefined) {
    report(genericErrors.invalidPageToken, {}, 'start');
  }

  const query: CollectionQuery = {
    filters,
    selection: unknown.length > 0 && selection.isStandard ? onlyDefaults : selection,
    order: isOrder(order) ? order : [],
    maxRecords: whole('max_records', 1, Number.MAX_SAFE_INTEGER),
    after,
    returnRecords: flag('return_records'),
    continueOnFailure: flag('continue_on_failure') === true,
    extensions,
  };
  return failureOf(problems) ?? query;
}

/** Asking only for fields that do not exist is not asking for the standard answer. */
const onlyDefaults: FieldSelection = { ...standardSelection, isStandard: false };

/** Whether the answer is printed for people: so by default, and also where the rest of the query is wrong. */
export function isPretty(parameters: readonly QueryParameter[]): boolean {
  return !parameters.some(({ name, value }) => name === 'pretty' && value?.toLowerCase() === 'false');
}

function groupOf(
  name: string,
  schema: Schema,
  method: Method,
  release: Release,
): 'generic' | 'extension' | 'filter' | 'unknown' {
  const generic = Object.hasOwn(genericParameters, name) ? genericParameters[name] : undefined;
  if (generic?.methods.includes(method) && isKnownIn(release, generic)) return 'generic';
  const extension = schema.resource.parameters?.find((each) => each.name === name);
  if (method !== 'GET' && extension?.methods.includes(method)) return 'extension';
  const named = schema.resolve(name);
  const isFilter = named !== undefined && schema.isFilterable(named.field) && method !== 'POST';
  return isFilter ? 'filter' : 'unknown';
}
