import { genericErrors, problem } from '../error-codes.ts';
import type { ApiProblem } from '../errors.ts';
import { parseFieldText } from '../field-value.ts';
import { isKnownIn } from '../release.ts';
import type { ExtensionParameter, Release } from '../resource.ts';
import { recordsInBodies, type Schema } from '../schema.ts';
import type { QueryParameter } from '../url.ts';

/** The verbs that take a query; HEAD is GET. */
export type Verb = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Whether a method is one of the verbs. */
export function isVerb(method: string): method is Verb {
  return ['GET', 'POST', 'PATCH', 'DELETE'].includes(method);
}

type DefaultValue = string | number | boolean;

/** One of ONTAP's generic query parameters. */
export interface GenericParameter {
  readonly verbs: readonly Verb[];
  readonly type: 'string' | 'integer' | 'boolean';
  readonly description: string;
  readonly since?: Release;
  /** Where POST takes it only from a later release on. */
  readonly postSince?: Release;
  /** It is about several records: what writes one refuses it. GET of one takes it, as clients send it to singletons. */
  readonly isOfSeveral?: true;
  /** What holds when it is not sent, where that can be said as a value. */
  readonly default?: DefaultValue | Readonly<Record<Verb, DefaultValue>>;
  /** Bounds of a number, both included. */
  readonly least?: number;
  readonly most?: number;
}

const everyVerb: readonly Verb[] = ['GET', 'POST', 'PATCH', 'DELETE'];
const selecting: readonly Verb[] = ['GET', 'PATCH', 'DELETE'];
const changing: readonly Verb[] = ['POST', 'PATCH', 'DELETE'];

/** ONTAP's generic query parameters, and which verbs take them. */
export const genericParameters: Readonly<Record<string, GenericParameter>> = {
  fields: {
    verbs: everyVerb,
    type: 'string',
    description: 'Fields to return: names, objects, `*`; `!name` leaves one out.',
  },
  pretty: {
    verbs: everyVerb,
    type: 'boolean',
    description: 'Print JSON with two spaces.',
    default: true,
  },
  return_records: {
    verbs: everyVerb,
    type: 'boolean',
    description: 'Return the records.',
    default: { GET: true, POST: false, PATCH: false, DELETE: false },
  },
  return_timeout: {
    verbs: everyVerb,
    type: 'integer',
    description:
      'Seconds to wait. PATCH and DELETE by query end after them, with a link to go on; 0, and any other call: until it is done.',
    default: { GET: 15, POST: 0, PATCH: 0, DELETE: 0 },
    least: 0,
    most: 120,
  },
  ignore_unknown_fields: {
    verbs: everyVerb,
    type: 'boolean',
    description: 'Leave out unknown names in `fields` instead of refusing them.',
    default: false,
    since: '9.11.1',
  },
  return_unmatched_nested_array_objects: {
    verbs: ['GET'],
    type: 'boolean',
    description: 'Accepted and without effect: no field is an array of objects.',
  },
  max_records: {
    verbs: selecting,
    type: 'integer',
    description: 'Most records on a page; a page never holds more than 10,000.',
    default: 10_000,
    least: 1,
    isOfSeveral: true,
  },
  order_by: {
    verbs: selecting,
    type: 'string',
    description: 'Fields to sort by, each with `asc` (default) or `desc`.',
    isOfSeveral: true,
  },
  $orderBy: { verbs: selecting, type: 'string', description: 'The same as `order_by`.', isOfSeveral: true },
  start: {
    verbs: selecting,
    type: 'string',
    description: 'Where a page starts; only ever taken from a `next` link.',
    isOfSeveral: true,
  },
  query: {
    verbs: selecting,
    type: 'string',
    description: 'A query on the fields of `query_fields`, of which one must match.',
  },
  query_fields: {
    verbs: selecting,
    type: 'string',
    description: 'The fields that `query` looks at.',
    default: '*',
  },
  continue_on_failure: {
    verbs: changing,
    type: 'boolean',
    description: 'Go on with the other records after one failed.',
    default: false,
    isOfSeveral: true,
    postSince: recordsInBodies.since,
  },
  serial_records: {
    verbs: changing,
    type: 'boolean',
    description: 'Accepted and without effect: records are always written one after another.',
    default: false,
    isOfSeveral: true,
    ...recordsInBodies,
  },
};

/** What a query string belongs to. */
export interface Asking {
  readonly verb: Verb;
  readonly release: Release;
  /** Whether the path names one thing, and not several. */
  readonly isOfOne: boolean;
}

/** Whether such a request takes the parameter. */
export function isTaken(parameter: GenericParameter, { verb, release, isOfOne }: Asking): boolean {
  if (parameter.isOfSeveral && isOfOne && verb !== 'GET') return false;
  return parameter.verbs.includes(verb) && isKnownIn(release, { since: sinceOf(parameter, verb) });
}

/** The first release in which the verb takes the parameter; undefined where all do. */
export function sinceOf({ since, postSince = since }: GenericParameter, verb: Verb): Release | undefined {
  return verb === 'POST' ? postSince : since;
}

/** A query string by what its parameters are for, aliases replaced by the names they stand for. */
export interface SortedParameters {
  readonly generic: ReadonlyMap<string, string>;
  readonly extension: ReadonlyMap<string, string>;
  readonly filter: ReadonlyMap<string, string>;
  readonly problems: readonly ApiProblem[];
}

/** Sorts parameters; those that are unknown here, have no `=` or contradict each other become problems. */
export function sortParameters(
  parameters: readonly QueryParameter[],
  schema: Schema,
  asking: Asking,
): SortedParameters {
  const groups = {
    generic: new Map<string, string>(),
    extension: new Map<string, string>(),
    filter: new Map<string, string>(),
  };
  const problems: ApiProblem[] = [];
  for (const { name, value } of parameters) {
    const group = groupOf(name, schema, asking);
    if (group === 'unknown') {
      problems.push(problem(genericErrors.unexpectedArgument, { argument: name }, name));
    } else if (value === undefined) {
      problems.push(problem(genericErrors.missingAssignment, { argument: name }, name));
    } else {
      const canonical = canonicalName(group, name, schema);
      const text = group === 'extension' ? extensionText(name, value, schema) : value;
      if (text === undefined) {
        problems.push(problem(genericErrors.invalidValue, { value, field: name, expected: 'boolean' }, name));
        continue;
      }
      const earlier = groups[group].get(canonical);
      // Clients that follow `next` may merge it with their own parameters: the same value twice is no contradiction.
      if (earlier !== undefined && earlier !== text) {
        problems.push(problem(genericErrors.specifiedTwice, { field: name }, name));
      }
      groups[group].set(canonical, text);
    }
  }
  return { ...groups, problems };
}

/** The value as the resource gets it; undefined when it is not of the parameter's type. */
function extensionText(name: string, value: string, schema: Schema): string | undefined {
  if (extensionOf(name, schema)?.type !== 'boolean') return value;
  return parseFieldText('boolean', value)?.toString();
}

function extensionOf(name: string, schema: Schema): ExtensionParameter | undefined {
  return schema.resource.parameters?.find((each) => each.name === name);
}

function canonicalName(group: 'generic' | 'extension' | 'filter', name: string, schema: Schema): string {
  if (group === 'filter') return schema.filtered(name)?.name ?? name;
  return name === '$orderBy' ? 'order_by' : name;
}

function groupOf(
  name: string,
  schema: Schema,
  asking: Asking,
): 'generic' | 'extension' | 'filter' | 'unknown' {
  const generic = Object.hasOwn(genericParameters, name) ? genericParameters[name] : undefined;
  if (generic !== undefined && isTaken(generic, asking)) return 'generic';
  const { verb } = asking;
  if (extensionOf(name, schema)?.methods.includes(verb)) return 'extension';
  const field = schema.filtered(name)?.field;
  const isFilter = field !== undefined && schema.isFilterable(field) && verb !== 'POST';
  return isFilter ? 'filter' : 'unknown';
}
