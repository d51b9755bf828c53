import { setImmediate as letOthersRun } from 'node:timers/promises';
import type { ObservedSa } from '@esplanade/datapath';
import type { SadSnapshot } from './reconciler.ts';

/** Rows that are sorted at a stretch: some milliseconds. */
const runLength = 4_096;

/** A snapshot of the rows, in whatever order they come. Where they are very many, others run while they are sorted. */
export async function snapshotOf(rows: readonly ObservedSa[], observedAtMs: number): Promise<SadSnapshot> {
  const sorted = await sortedByUuid(rows);
  return {
    rows: sorted,
    observedAtMs,
    find(uuid) {
      const row = sorted[placeOf(sorted, uuid)];
      return row?.uuid === uuid ? row : undefined;
    },
    after(uuid) {
      const place = placeOf(sorted, uuid);
      return rowsFrom(sorted, sorted[place]?.uuid === uuid ? place + 1 : place);
    },
  };
}

/** Takes stretches that are in order as they are, sorts what lies between in short runs, and merges two by two. */
async function sortedByUuid(rows: readonly ObservedSa[]): Promise<readonly ObservedSa[]> {
  let runs: (readonly ObservedSa[])[] = [];
  for (let start = 0; start < rows.length; ) {
    if (start > 0) await letOthersRun();
    const end = endOfRun(rows, start);
    const run = rows.slice(start, Math.max(end, start + runLength));
    runs.push(end - start < runLength ? run.sort((a, b) => (a.uuid < b.uuid ? -1 : 1)) : run);
    start += run.length;
  }
  while (runs.length > 1) {
    const merged: (readonly ObservedSa[])[] = [];
    for (let at = 0; at < runs.length; at += 2) {
      await letOthersRun();
      merged.push(mergedByUuid(runs[at] ?? [], runs[at + 1] ?? []));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

/** Where the rows from `start` cease to be in order. */
function endOfRun(rows: readonly ObservedSa[], start: number): number {
  let before = '';
  for (let end = start; end < rows.length; end += 1) {
    const uuid = rows[end]?.uuid ?? '';
    if (uuid < before) return end;
    before = uuid;
  }
  return rows.length;
}

function mergedByUuid(left: readonly ObservedSa[], right: readonly ObservedSa[]): readonly ObservedSa[] {
  const merged: ObservedSa[] = [];
  let place = 0;
  for (const row of left) {
    for (let other = right[place]; other !== undefined && other.uuid < row.uuid; other = right[place]) {
      merged.push(other);
      place += 1;
    }
    merged.push(row);
  }
  return merged.concat(right.slice(place));
}

/** The place of the first row whose uuid is not below `uuid`. */
function placeOf(rows: readonly ObservedSa[], uuid: string): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = rows[middle]?.uuid;
    if (found !== undefined && found < uuid) low = middle + 1;
    else high = middle;
  }
  return low;
}

function* rowsFrom(rows: readonly ObservedSa[], place: number): Generator<ObservedSa> {
  for (let at = place; at < rows.length; at += 1) {
    const row = rows[at];
    if (row !== undefined) yield row;
  }
}
