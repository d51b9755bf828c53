import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inKeyOrder } from './key-order.ts';

test('sequences in order make one in order, with every row of each', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.string())), (sequences) => {
      const sorted = sequences.map((sequence) => sequence.toSorted());
      expect([...inKeyOrder(sorted, (row) => row)]).toEqual(sequences.flat().sort());
    }),
  );
});
