import type { ObservedSa } from '@esplanade/datapath';
import { parseSeed } from '@esplanade/datapath/simulated';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { snapshotOf } from './sad-snapshot.ts';

const [sa] = parseSeed('{"security_associations":[{"uuid":"a","type":"ike"}]}');

function rowsOf(uuids: readonly string[]): readonly ObservedSa[] {
  if (sa === undefined) throw new Error('the seed gave no SA');
  return uuids.map((uuid) => ({ ...sa, uuid }));
}

const uuidsOf = (rows: Iterable<ObservedSa>): readonly string[] => Array.from(rows, ({ uuid }) => uuid);

test('whatever order rows come in, they are in order of their uuids, are found, and can be begun with anywhere', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.string({ maxLength: 3 })),
      fc.string({ maxLength: 3 }),
      async (uuids, some) => {
        const snapshot = await snapshotOf(rowsOf(uuids), 0);
        const sorted = [...uuids].sort();
        expect(uuidsOf(snapshot.rows)).toEqual(sorted);
        expect(uuidsOf(snapshot.after(some))).toEqual(sorted.filter((uuid) => uuid > some));
        for (const uuid of [...uuids, some])
          expect(snapshot.find(uuid)?.uuid).toBe(uuids.includes(uuid) ? uuid : undefined);
      },
    ),
  );
});

test('others run while very many rows are brought into order, and none is lost', async () => {
  const uuids = Array.from({ length: 50_000 }, (_, index) => `${(index * 7_919) % 50_000}`.padStart(5, '0'));
  let turns = 0;
  const ticking = setInterval(() => {
    turns += 1;
  });
  const snapshot = await snapshotOf(rowsOf(uuids), 0);
  clearInterval(ticking);
  expect(uuidsOf(snapshot.rows)).toEqual([...uuids].sort());
  expect(turns).toBeGreaterThan(0);
});
