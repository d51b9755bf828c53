import type { ApiResponse } from './api.ts';
import { type Call, fail, findRow, matchesFilters, rendererOf } from './call.ts';
import { type ApiFailure, errorMember, isFailure } from './errors.ts';
import { isKeyOrder } from './order.ts';
import { type Page, selectPage } from './page.ts';
import { encodePageToken } from './page-token.ts';
import { largestPage } from './query/collection-query.ts';
import { selfLink } from './render.ts';
import type { CollectionResource, Rows, TableResource } from './resource.ts';
import { jsonResponse, nextLinkHeader } from './response.ts';
import { TimeSlice } from './time-slice.ts';
import { nextHref } from './url.ts';

/** GET on a collection or table: filter, order, page, project. */
export async function readCollection(
  call: Call,
  resource: CollectionResource<unknown> | TableResource<unknown>,
): Promise<ApiResponse> {
  const selected = await selectRows(call, resource);
  if (isFailure(selected)) return fail(call, selected);
  const { rows, page } = selected;
  const members = {
    ...(call.query.returnRecords === false ? {} : { records: page.rows.map(rendererOf(call, 'collection')) }),
    num_records: page.rows.length,
    ...(rows.observedAtMs === undefined ? {} : { observed_at: new Date(rows.observedAtMs).toISOString() }),
    ...(rows.warning === undefined
      ? {}
      : { error: errorMember({ kind: 'failure', problems: [rows.warning] }) }),
  };
  return pagedResponse(call, page, members);
}

/** GET on an instance or a singleton. */
export function readInstance(call: Call): ApiResponse {
  const found = findRow(call);
  if (isFailure(found)) return fail(call, found);
  return jsonResponse(call.form, 200, rendererOf(call, 'instance')(found.row));
}

/** The page of rows a query is about, whatever is then done with them. */
export async function selectRows(
  call: Call,
  resource: CollectionResource<unknown> | TableResource<unknown>,
): Promise<{ readonly rows: Rows<unknown>; readonly page: Page } | ApiFailure> {
  const { query, schema } = call;
  const rows = resource.list(call.principal, query.extensions);
  if (isFailure(rows)) return rows;
  const { maxRecords, after } = query;
  // A count without records needs neither pages nor an order, unless pages were asked for.
  const isCount = query.returnRecords === false && maxRecords === undefined && after === undefined;
  const request = {
    matches: matchesFilters(call),
    order: isCount ? [] : query.order,
    limit: isCount ? Number.POSITIVE_INFINITY : Math.min(maxRecords ?? largestPage, largestPage),
    after,
    isSorted: isCount || (rows.inKeyOrder === true && isKeyOrder(query.order, schema)),
  };
  const page = await selectPage(rows.rows, request, new TimeSlice(call.request.signal));
  return { rows, page };
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
