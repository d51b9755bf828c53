import { comparePositions, compareRow, type OrderTerm, type Position, positionOf } from './order.ts';
import { sortInSlices } from './sliced-sort.ts';
import type { TimeSlice } from './time-slice.ts';

/** The rows of one page in order. `last` is set when more rows follow: the position the next page starts after. */
export interface Page {
  readonly rows: readonly unknown[];
  readonly last: Position | undefined;
}

/** Which rows make the page. */
export interface PageRequest {
  readonly matches: (row: unknown) => boolean;
  readonly order: readonly OrderTerm[];
  /** Most rows on the page. */
  readonly limit: number;
  /** Only rows behind this position. */
  readonly after: Position | undefined;
  /** The rows come in `order` already: reading stops once the page is full. */
  readonly isSorted: boolean;
}

/** Rows as they come, all at once or portion by portion. */
export type Portions = Iterable<Iterable<unknown>> | AsyncIterable<Iterable<unknown>>;

/** Rows between two looks at the clock: a look costs about as much as a filter on one row. */
const rowsBetweenLooks = 16;

interface Entry {
  readonly row: unknown;
  readonly position: Position;
}

/**
 * Picks the `limit` matching rows that come first behind `after`. Keeps at most twice the page, so a page of 20 out of
 * 100,000 rows sorts tens of rows, not all of them. Other requests are served between the slices of a long scan.
 */
export async function selectPage(portions: Portions, request: PageRequest, slice: TimeSlice): Promise<Page> {
  const { matches, order, limit, after, isSorted } = request;
  const wanted = limit + 1;
  const ascending = (a: Entry, b: Entry) => comparePositions(a.position, b.position, order);
  let best: Entry[] = [];
  let bound: Position | undefined;
  let count = 0;
  reading: for await (const rows of portions)
    for (const row of rows) {
      count += 1;
      if (count % rowsBetweenLooks === 0 && slice.isOver()) await slice.next();
      if (!matches(row)) continue;
      if (after !== undefined && compareRow(row, after, order) <= 0) continue;
      if (bound !== undefined && compareRow(row, bound, order) >= 0) continue;
      best.push({ row, position: positionOf(row, order) });
      if (isSorted && best.length === wanted) break reading;
      if (best.length >= 2 * wanted) {
        best = (await sortInSlices(best, ascending, slice)).slice(0, wanted);
        bound = best.at(-1)?.position;
      }
    }
  const found = isSorted ? best : await sortInSlices(best, ascending, slice);
  const page = found.slice(0, limit);
  return { rows: page.map(({ row }) => row), last: found.length > limit ? page.at(-1)?.position : undefined };
}

/** How many rows match. */
export async function countRows(
  portions: Portions,
  matches: (row: unknown) => boolean,
  slice: TimeSlice,
): Promise<number> {
  let looked = 0;
  let count = 0;
  for await (const rows of portions)
    for (const row of rows) {
      looked += 1;
      if (looked % rowsBetweenLooks === 0 && slice.isOver()) await slice.next();
      if (matches(row)) count += 1;
    }
  return count;
}
