import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortInSlices } from './sliced-sort.ts';
import { TimeSlice } from './time-slice.ts';

const slice = () => new TimeSlice({ signal: new AbortController().signal });

test('items come in the order in which Array.sort puts them, equal ones as they were', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(3_000).chain((length) => fc.array(fc.nat(40), { minLength: length, maxLength: length })),
      async (numbers) => {
        const items = numbers.map((number, index) => ({ number, index }));
        const compare = (a: { number: number }, b: { number: number }) => a.number - b.number;
        expect(await sortInSlices(items, compare, slice())).toEqual(items.toSorted(compare));
      },
    ),
    { numRuns: 30 },
  );
});

test('others run meanwhile', async () => {
  let turns = 0;
  const sorting = sortInSlices(
    Array.from({ length: 1_500 }, (_, index) => (index * 7919) % 1_500),
    (a, b) => {
      // As dear as a comparison that takes a page of 10,000 long.
      const end = performance.now() + 0.01;
      while (performance.now() < end);
      return a - b;
    },
    slice(),
  );
  const counting = setInterval(() => {
    turns += 1;
  });
  expect((await sorting)[1_499]).toBe(1_499);
  clearInterval(counting);
  expect(turns).toBeGreaterThan(1);
});
