import type { ApiResponse } from './api.ts';
import type { BodyReading } from './body.ts';
import { type Call, fail, findRow, missing, rendererOf } from './call.ts';
import { failure, genericErrors } from './error-codes.ts';
import { type ApiFailure, failureOf, isFailure } from './errors.ts';
import { type Position, positionOf } from './order.ts';
import { pagedResponse, selectRows } from './read.ts';
import { keyOf, placeOf } from './render.ts';
import type {
  CollectionResource,
  DeleteResult,
  ModifyResult,
  ParsedBody,
  Resource,
  TableResource,
  WriteContext,
} from './resource.ts';
import { jsonResponse, tagHeader } from './response.ts';
import {
  failuresResponse,
  oneByOne,
  placedFailure,
  readBodies,
  renderAgain,
  someFailures,
  writeContext,
} from './write.ts';

/** The verbs that change what exists. */
export type ChangeVerb = 'PATCH' | 'DELETE';

interface Change {
  readonly row: unknown;
  readonly body: ParsedBody;
  /** Where in the body it is asked for; what a query selects is called by its key. */
  readonly place?: string;
  readonly index?: number;
}

interface Changes {
  /** Failures are those of records that `continue_on_failure` goes past. */
  readonly changes: readonly (Change | ApiFailure)[];
  /** Where the next request goes on, when this one takes only a page of the rows. */
  readonly last: Position | undefined;
}

const emptyBody: ParsedBody = new Map();

/**
 * PATCH and DELETE of the one record the path names; a deleted record is shown as it was. A changed one is told with the tag
 * that this change gave it, whoever has changed it again since.
 */
export async function changeInstance(call: Call, verb: ChangeVerb): Promise<ApiResponse> {
  const found = findRow(call);
  if (isFailure(found)) return fail(call, found);
  const context = writeContext(call);
  const unmet = context.unmet?.(call.schema.resource.revision?.(found.row));
  if (unmet !== undefined) return fail(call, unmet);
  const body = verb === 'PATCH' ? readSingleBody(call) : readNoBody(call, found.row);
  if (isFailure(body)) return fail(call, body);
  const returnsRecords = call.query.returnRecords === true;
  const before = returnsRecords && verb === 'DELETE' ? [rendererOf(call, 'instance')(found.row)] : undefined;
  const result = await carryOut(call.schema.resource, verb, { row: found.row, body }, context);
  if (isFailure(result)) return fail(call, result);
  const headers = tagHeader(call.tagOf(result?.kind === 'modified' ? result.revision : undefined));
  if (!returnsRecords) return jsonResponse(call.form, 200, {}, headers);
  const records = before ?? (await renderAgain(call, [call.key]));
  return jsonResponse(call.form, 200, { num_records: records.length, records }, headers);
}

/**
 * PATCH and DELETE on a collection or table: of the rows the query selects, or of those the body's `records` name. One
 * after another; without `continue_on_failure` the first failure ends it, and a record that is not there keeps it from
 * beginning at all. What was done before a failure stays done and is counted in `num_records` beside `error`. A query may
 * select more than `return_timeout` allows for: then a link goes on where this request ended.
 */
export async function changeCollection(
  call: Call,
  resource: CollectionResource<unknown> | TableResource<unknown>,
  verb: ChangeVerb,
): Promise<ApiResponse> {
  const use = verb === 'PATCH' ? 'patch' : 'key';
  const bodies = readBodies(call, { single: use, many: use, manyAllowKey: true });
  if (isFailure(bodies)) return fail(call, bodies);
  const selected = bodies.areMany
    ? changesByKey(call, resource, bodies.readings)
    : await changesByQuery(call, resource, bodies.readings[0]?.body ?? emptyBody);
  if (isFailure(selected)) return fail(call, selected);
  const returnsRecords = call.query.returnRecords === true;
  const context = writeContext(call);
  const render = rendererOf(call, 'instance');
  const write = async (change: Change | ApiFailure) => {
    if (isFailure(change)) return change;
    const key = keyOf(call.schema, change.row);
    call.onRecord?.(change.index ?? placeOf(call.schema, change.row));
    // Deleted records are shown as they were, modified ones as they became.
    const before = returnsRecords && verb === 'DELETE' ? render(change.row) : undefined;
    const result = await carryOut(resource, verb, change, context);
    // What somebody else deleted meanwhile no longer matches a query.
    const isGone = isFailure(result) && change.place === undefined && isMissing(call, key, result);
    return isFailure(result) && !isGone
      ? placedFailure(result, change.place ?? placeOf(call.schema, change.row))
      : { done: { key, before, isGone } };
  };
  const isOver = bodies.areMany ? undefined : timeout(call);
  const outcome = await oneByOne(call, selected.changes, write, isOver);
  const changed = outcome.done.filter(({ isGone }) => !isGone);
  const records = async () =>
    verb === 'DELETE'
      ? changed.map(({ before }) => before)
      : await renderAgain(
          call,
          changed.map(({ key }) => key),
        );
  const members = {
    num_records: changed.length,
    ...(returnsRecords ? { records: await records() } : {}),
  };
  const failures = someFailures(outcome);
  if (failures !== undefined) return failuresResponse(call, failures, members);
  return pagedResponse(call, { rows: [], last: endOf(call, selected, outcome.done.length) }, members);
}

/** Whether a change failed because there is no record of the key. */
function isMissing(call: Call, key: string | undefined, { problems: [{ code }] }: ApiFailure): boolean {
  const own = missing(key === undefined ? call : { ...call, key });
  return code === genericErrors.entryNotFound.code || code === own.problems[0].code;
}

/** Where the next request goes on when this one has done so many of the changes. */
function endOf(call: Call, { changes, last }: Changes, done: number): Position | undefined {
  const reached = changes[done - 1];
  if (done === changes.length || reached === undefined || isFailure(reached)) return last;
  return positionOf(reached.row, call.query.order);
}

/** Whether the request's `return_timeout` is over; never, where it set none. */
function timeout({ query: { returnTimeoutSeconds = 0 } }: Call): () => boolean {
  const endMs = performance.now() + returnTimeoutSeconds * 1_000;
  return () => returnTimeoutSeconds > 0 && performance.now() >= endMs;
}

function readSingleBody(call: Call): ParsedBody | ApiFailure {
  const bodies = readBodies(call, { single: 'patch', many: 'patch', manyAllowKey: true });
  if (isFailure(bodies)) return bodies;
  if (bodies.areMany) return unexpectedRecords();
  return bodies.readings[0]?.body ?? emptyBody;
}

/** The body of a DELETE, where the path says what goes: empty, or `records` that name no other record. */
function readNoBody(call: Call, row: unknown): ParsedBody | ApiFailure {
  const bodies = readBodies(call, { single: 'key', many: 'key', manyAllowKey: true });
  if (isFailure(bodies)) return bodies;
  if (!bodies.areMany) return emptyBody;
  const key = keyOf(call.schema, row);
  const namesOther = bodies.readings.some((reading) => {
    const named = findRow({ ...call, key: reading.key });
    return isFailure(named) || keyOf(call.schema, named.row) !== key;
  });
  return namesOther ? unexpectedRecords() : emptyBody;
}

function unexpectedRecords(): ApiFailure {
  return failure(genericErrors.unexpectedArgument, { argument: 'records' }, 'records');
}

function changesByKey(
  call: Call,
  { kind }: CollectionResource<unknown> | TableResource<unknown>,
  readings: readonly BodyReading[],
): Changes | ApiFailure {
  // No single field of a body could say which record of a table it is about.
  if (kind === 'table') return unexpectedRecords();
  const changes = readings.map(({ key, body, problems }, index): Change | ApiFailure => {
    const refused = failureOf(problems);
    if (refused !== undefined) return refused;
    const place = `records[${index}]`;
    const found = findRow({ ...call, key });
    return isFailure(found) ? placedFailure(found, place) : { row: found.row, body, place, index };
  });
  const unknown = changes.find(isFailure);
  return unknown === undefined || call.query.continueOnFailure ? { changes, last: undefined } : unknown;
}

async function changesByQuery(
  call: Call,
  resource: CollectionResource<unknown> | TableResource<unknown>,
  body: ParsedBody,
): Promise<Changes | ApiFailure> {
  const isUnfiltered = call.query.filters.length === 0;
  // What the path says belongs to nobody is told first.
  if (isUnfiltered && call.within.length === 0) return failure(genericErrors.missingFilter, {});
  const selected = await selectRows(call, resource);
  if (isFailure(selected)) return selected;
  if (isUnfiltered) return failure(genericErrors.missingFilter, {});
  const { rows, last } = selected;
  return { changes: rows.map((row) => ({ row, body })), last };
}

async function carryOut(
  resource: Resource<unknown>,
  verb: ChangeVerb,
  { row, body }: Change,
  context: WriteContext,
): Promise<ModifyResult | DeleteResult | undefined> {
  if (verb === 'PATCH') return await resource.modify?.(row, body, context);
  return resource.kind === 'singleton' ? undefined : await resource.remove?.(row, context);
}
