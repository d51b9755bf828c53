import type { ApiResponse } from './api.ts';
import { type Call, fail, findRow, rendererOf, selectorOf } from './call.ts';
import { askConditions } from './entity-tag.ts';
import { type ApiFailure, errorMember, isFailure } from './errors.ts';
import type { JsonText } from './json-text.ts';
import { isKeyOrder, isReverseKeyOrder } from './order.ts';
import { countRows, type Page, type Portions, selectPage } from './page.ts';
import { encodePageToken } from './page-token.ts';
import { largestPage } from './query/collection-query.ts';
import { selfLink } from './render.ts';
import type { CollectionResource, Rows, RowsInTurns, TableResource } from './resource.ts';
import { jsonResponse, nextLinkHeader, tagHeader } from './response.ts';
import { TimeSlice } from './time-slice.ts';
import { nextHref } from './url.ts';

/** GET on a collection or table: filter, order, page, project; or only their number. */
export async function readCollection(
  call: Call,
  resource: CollectionResource<unknown> | TableResource<unknown>,
): Promise<ApiResponse> {
  const { query } = call;
  const rows = resource.list(call.principal, query.extensions, call.within);
  if (isFailure(rows)) return fail(call, rows);
  const about = rows.kind === 'rows' ? aboutReading(rows) : {};
  // A count without records needs neither pages nor an order, unless pages were asked for.
  if (query.returnRecords === false && query.maxRecords === undefined && query.after === undefined) {
    const count = await numberOf(call, rows);
    return pagedResponse(call, { rows: [], last: undefined }, { num_records: count, ...about });
  }
  const page = await pageOf(call, rows);
  const members = {
    ...(query.returnRecords === false ? {} : { records: await recordsOf(call, page) }),
    num_records: page.rows.length,
    ...about,
  };
  return pagedResponse(call, page, members);
}

function aboutReading({ observedAtMs, warning }: Rows<unknown>): Readonly<Record<string, unknown>> {
  return {
    ...(observedAtMs === undefined ? {} : { observed_at: new Date(observedAtMs).toISOString() }),
    ...(warning === undefined ? {} : { error: errorMember({ kind: 'failure', problems: [warning] }) }),
  };
}

/** GET on an instance or a singleton: the record, unless the client has it already (RFC 9110 13.1.2). */
export function readInstance(call: Call): ApiResponse {
  const found = findRow(call);
  if (isFailure(found)) return fail(call, found);
  const tag = call.tagOf(call.schema.resource.revision?.(found.row));
  const outcome = askConditions(call.conditions, tag);
  if (isFailure(outcome)) return fail(call, outcome);
  const headers = tagHeader(tag);
  if (outcome === 'same') return { status: 304, headers, body: '' };
  return jsonResponse(call.form, 200, rendererOf(call, 'instance', 0)(found.row), headers);
}

/** The page of rows a query is about, whatever is then done with them. */
export async function selectRows(
  call: Call,
  resource: CollectionResource<unknown> | TableResource<unknown>,
): Promise<Page | ApiFailure> {
  const rows = resource.list(call.principal, call.query.extensions, call.within);
  return isFailure(rows) ? rows : await pageOf(call, rows);
}

async function pageOf(call: Call, rows: Rows<unknown> | RowsInTurns<unknown>): Promise<Page> {
  const { order, after, maxRecords = largestPage } = call.query;
  const { portions, isSorted } = rows.kind === 'rows' ? portionsOf(call, rows) : portionsInTurns(call, rows);
  const limit = Math.min(maxRecords, largestPage);
  const request = { matches: selectorOf(call), order, limit, after, isSorted };
  return await selectPage(portions, request, new TimeSlice(call.request));
}

/** What a page is made of, and whether it comes in the order asked for. */
interface Reading {
  readonly portions: Portions;
  readonly isSorted: boolean;
}

function portionsOf({ query: { order, after }, schema }: Call, rows: Rows<unknown>): Reading {
  const isSorted = rows.inKeyOrder === true && isKeyOrder(order, schema);
  const key = isSorted ? after?.[0] : undefined;
  return { portions: [(typeof key === 'string' ? rows.after?.(key) : undefined) ?? rows.rows], isSorted };
}

function portionsInTurns({ query: { order, after }, schema }: Call, rows: RowsInTurns<unknown>): Reading {
  const isDescending = isReverseKeyOrder(order, schema);
  const isSorted = isDescending || isKeyOrder(order, schema);
  const key = isSorted ? after?.[0] : undefined;
  const from = { isDescending, ...((typeof key === 'string' || typeof key === 'number') && { after: key }) };
  return { portions: rows.read(from), isSorted };
}

async function recordsOf(call: Call, { rows }: Page): Promise<readonly JsonText[]> {
  const render = rendererOf(call, 'collection');
  const slice = new TimeSlice(call.request);
  const records: JsonText[] = [];
  for (const row of rows) {
    if (slice.isOver()) await slice.next();
    records.push(render(row));
  }
  return records;
}

async function numberOf(call: Call, rows: Rows<unknown> | RowsInTurns<unknown>): Promise<number> {
  if (call.query.filters.length === 0 && !call.isOfOwn) {
    const count = rows.kind === 'rows' ? rows.count : await rows.count?.();
    if (count !== undefined) return count;
  }
  const portions = rows.kind === 'rows' ? [rows.rows] : rows.read({ isDescending: false });
  return await countRows(portions, selectorOf(call), new TimeSlice(call.request));
}

/** A 200 with `members`, the collection's own link, and `next` where the page is not the last. */
export function pagedResponse(
  call: Call,
  page: Page,
  members: Readonly<Record<string, unknown>>,
): ApiResponse {
  const { target, form, query } = call;
  const self = target.rawQuery === '' ? target.path : `${target.path}?${target.rawQuery}`;
  const next =
    page.last === undefined ? undefined : nextHref(target, encodePageToken(page.last, query.order));
  const links = {
    ...(form.hasLinks ? selfLink(self) : {}),
    ...(next === undefined ? {} : { next: { href: next } }),
  };
  const hasLinks = form.hasLinks || next !== undefined;
  return jsonResponse(
    form,
    200,
    { ...members, ...(hasLinks ? { _links: links } : {}) },
    next === undefined ? {} : nextLinkHeader(next),
  );
}
