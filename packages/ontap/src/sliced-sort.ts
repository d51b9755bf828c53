import type { TimeSlice } from './time-slice.ts';

/** Few enough to be sorted at once. */
const runLength = 512;
/** Items merged between two looks at the clock. */
const itemsBetweenLooks = 64;

/** Sorts as `Array.sort` does, stably, but serves others between slices. The items given are not changed. */
export async function sortInSlices<Item extends NonNullable<unknown>>(
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
  slice: TimeSlice,
): Promise<readonly Item[]> {
  let runs: (readonly Item[])[] = [];
  for (let start = 0; start < items.length; start += runLength) {
    if (slice.isOver()) await slice.next();
    runs.push(items.slice(start, start + runLength).sort(compare));
  }
  while (runs.length > 1) {
    const merged: (readonly Item[])[] = [];
    for (let index = 0; index < runs.length; index += 2) {
      merged.push(await merge(runs[index] ?? [], runs[index + 1] ?? [], compare, slice));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge<Item extends NonNullable<unknown>>(
  left: readonly Item[],
  right: readonly Item[],
  compare: (a: Item, b: Item) => number,
  slice: TimeSlice,
): Promise<readonly Item[]> {
  const merged: Item[] = [];
  let fromLeft = 0;
  let fromRight = 0;
  for (;;) {
    const a = left[fromLeft];
    const b = right[fromRight];
    if (a === undefined || b === undefined) break;
    if (merged.length % itemsBetweenLooks === 0 && slice.isOver()) await slice.next();
    if (compare(b, a) < 0) {
      merged.push(b);
      fromRight += 1;
    } else {
      merged.push(a);
      fromLeft += 1;
    }
  }
  return merged.concat(left.slice(fromLeft), right.slice(fromRight));
}
