import type { ApiResponse } from './api.ts';
import { type BodyReading, type BodyUse, isObject, readBody } from './body.ts';
import { type Call, findRow, rendererOf } from './call.ts';
import { isConditional, unmetCondition } from './entity-tag.ts';
import { failure, genericErrors, problem } from './error-codes.ts';
import { type ApiFailure, type ApiProblem, failureOf, isFailure } from './errors.ts';
import { parseJsonBody } from './json-body.ts';
import { keyOf } from './render.ts';
import type { WriteContext } from './resource.ts';
import { failureResponse } from './response.ts';
import { isOfOne } from './route.ts';
import { TimeSlice } from './time-slice.ts';

/** The records of a request body: one, or several in `records`. */
export interface Bodies {
  readonly areMany: boolean;
  readonly readings: readonly BodyReading[];
}

/** What became of several writes; `done` holds what each success answered. */
export interface Outcome<Done> {
  readonly done: readonly Done[];
  readonly failures: readonly ApiFailure[];
}

/**
 * Reads the body as one record or as `{"records": […]}`. The problems of all records are reported together, and stand in
 * the way of all, unless the request said `continue_on_failure`: then they stay with their records.
 */
export function readBodies(
  call: Call,
  use: { readonly single: BodyUse; readonly many: BodyUse; readonly manyAllowKey: boolean },
): Bodies | ApiFailure {
  const json = parseJsonBody(call.request.body);
  if (json.kind === 'invalid') return { kind: 'failure', problems: [json.problem] };
  const records = call.schema.takesRecords && isObject(json.value) ? json.value['records'] : undefined;
  if (records !== undefined && !Array.isArray(records) && !isOfOne(call)) {
    return failure(genericErrors.invalidSecretValue, { field: 'records', expected: 'array' }, 'records');
  }
  if (!isObject(json.value) || !Array.isArray(records)) {
    const reading = readBody(json.value, call.schema, use.single);
    return failureOf(reading.problems) ?? { areMany: false, readings: [reading] };
  }
  const others = Object.keys(json.value).filter((name) => name !== 'records' && name !== '_links');
  const problems: ApiProblem[] = others.map((field) =>
    problem(genericErrors.recordsWithOthers, { field }, field),
  );
  const readings = records.map((record: unknown, index) =>
    placedReading(readBody(record, call.schema, use.many, use.manyAllowKey), index, call, use.manyAllowKey),
  );
  if (!call.query.continueOnFailure) problems.push(...readings.flatMap((reading) => reading.problems));
  return failureOf(problems) ?? { areMany: true, readings };
}

/** The reading with its problems saying which record they are about, a missing key among them. */
function placedReading(reading: BodyReading, index: number, call: Call, needsKey: boolean): BodyReading {
  const place = `records[${index}]`;
  const problems = reading.problems.map((each) => placed(each, place));
  const field = call.schema.path.join(' and ');
  if (needsKey && reading.key === undefined && field !== '') {
    problems.push(problem(genericErrors.missingKey, { field }, `${place}.${field}`));
  }
  const { key } = reading;
  return { ...reading, key: key === undefined ? undefined : [...call.within, key].join('/'), problems };
}

/** What the descriptor's functions learn of the request. */
export function writeContext({ request, principal, query, conditions, tagOf, within }: Call): WriteContext {
  const { localAddress, localPort, remoteAddress, remotePort, signal } = request;
  return {
    principal,
    parameters: query.extensions,
    within,
    signal,
    ...(isConditional(conditions) && { unmet: (revision) => unmetCondition(conditions, tagOf(revision)) }),
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(localPort === undefined ? {} : { localPort }),
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
    ...(remotePort === undefined ? {} : { remotePort }),
  };
}

/**
 * Writes one after another. The first failure ends it unless the request said `continue_on_failure`; so does a client
 * that went away, and `isOver` once something is written.
 */
export async function oneByOne<Item, Done>(
  call: Call,
  items: Iterable<Item>,
  write: (item: Item) => Promise<{ readonly done: Done } | ApiFailure>,
  isOver: () => boolean = () => false,
): Promise<Outcome<Done>> {
  const done: Done[] = [];
  const failures: ApiFailure[] = [];
  for (const item of items) {
    call.request.signal.throwIfAborted();
    const result = await write(item);
    if (!isFailure(result)) {
      done.push(result.done);
      if (isOver()) break;
    } else {
      failures.push(result);
      if (!call.query.continueOnFailure) break;
    }
  }
  return { done, failures };
}

/** The failures of several writes as one response, beside what was done. */
export function failuresResponse(
  call: Call,
  failures: readonly [ApiFailure, ...ApiFailure[]],
  members: Readonly<Record<string, unknown>>,
): ApiResponse {
  const [first] = failures;
  const combined = failureOf(failures.flatMap(({ problems }) => problems)) ?? first;
  return failureResponse({ ...call.form, statusOf: () => call.form.statusOf(first) }, combined, members);
}

/** The records of `keys` as they now are, without those that are already gone. */
export async function renderAgain(
  call: Call,
  keys: readonly (string | undefined)[],
): Promise<readonly unknown[]> {
  const render = rendererOf(call, 'instance');
  const rowAt = await rowsByKey(call, new Set(keys));
  return keys.flatMap((key) => {
    const row = rowAt(key);
    return row === undefined ? [] : [render(row)];
  });
}

/** The rows of a table are read once for all keys: none of them can be found by itself. */
async function rowsByKey(
  call: Call,
  keys: ReadonlySet<string | undefined>,
): Promise<(key: string | undefined) => unknown> {
  const { schema, principal, query, request } = call;
  const { resource } = schema;
  if (resource.kind !== 'table') {
    return (key) => {
      // The filters selected the row as it was; it is shown even if it no longer passes them.
      const found = findRow({ ...call, key, query: { ...query, filters: [] } });
      return isFailure(found) ? undefined : found.row;
    };
  }
  const found = new Map<string | undefined, unknown>();
  const rows = resource.list(principal, query.extensions, call.within);
  const slice = new TimeSlice(request);
  // Tables that are read in turns are not written.
  for (const row of rows.kind === 'rows' ? rows.rows : []) {
    if (slice.isOver()) await slice.next();
    const key = keyOf(schema, row);
    if (keys.has(key)) found.set(key, row);
  }
  return (key) => found.get(key);
}

/** A problem of one record among several: its target, or its message, says which. */
export function placed(each: ApiProblem, place: string): ApiProblem {
  return {
    code: each.code,
    message: `${place}: ${each.message}`,
    target: each.target === undefined ? place : `${place}.${each.target}`,
  };
}

/** The outcome's failures, if there are any. */
export function someFailures(outcome: Outcome<unknown>): readonly [ApiFailure, ...ApiFailure[]] | undefined {
  const [first, ...others] = outcome.failures;
  return first === undefined ? undefined : [first, ...others];
}

/** The failure's problems, each saying which record it is about. */
export function placedFailure(failure: ApiFailure, place: string): ApiFailure {
  const [first, ...others] = failure.problems;
  return {
    ...failure,
    problems: [placed(first, place), ...others.map((each) => placed(each, place))],
  };
}
