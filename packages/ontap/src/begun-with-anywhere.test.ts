import { expect, test } from 'vitest';
import { coast, type Lighthouse, lighthouseFields, send } from './lighthouses.fixture.ts';
import type { CollectionResource } from './resource.ts';

const houses: readonly Lighthouse[] = Array.from({ length: 500 }, (_, index) => ({
  uuid: `${index}`.padStart(3, '0'),
  name: `light ${index % 2}`,
  svmUuid: 's',
  svmName: 's',
}));

/**
 * Lighthouses in order of their uuids that can be begun with anywhere and have been counted, and how many were looked
 * at.
 */
function sortedCoast() {
  const looked = { at: 0 };
  function* from(start: number): Iterable<Lighthouse> {
    for (const house of houses.slice(start)) {
      looked.at += 1;
      yield house;
    }
  }
  const sorted: CollectionResource<Lighthouse> = {
    kind: 'collection',
    path: '/sorted',
    title: 'Sorted',
    key: 'uuid',
    fields: lighthouseFields,
    list: () => ({
      kind: 'rows',
      rows: from(0),
      inKeyOrder: true,
      after: (key) => from(Number(key) + 1),
      count: houses.length,
    }),
    find: (key) => houses.find(({ uuid }) => uuid === key),
  };
  return { shore: coast([], { resources: [sorted] }), looked };
}

test.each(['', 'name=light%201&'])('pages (%s) walk over all rows, and over none twice', async (filter) => {
  const { shore, looked } = sortedCoast();
  const seen: string[] = [];
  let next: string | undefined = `/api/sorted?${filter}max_records=20`;
  let pages = 0;
  while (next !== undefined) {
    const { json } = await send(shore, 'GET', next);
    seen.push(...(json.records ?? []).map(({ uuid }) => String(uuid)));
    next = json._links?.next?.href;
    pages += 1;
  }
  const wanted = filter === '' ? houses : houses.filter(({ name }) => name === 'light 1');
  expect(seen).toEqual(wanted.map(({ uuid }) => uuid));
  // Each page looks for one row more, to know whether there is another page.
  expect(looked.at).toBeLessThanOrEqual(houses.length + 2 * pages);
});

test('another order or a filter is no matter of where the walk begins or what was counted', async () => {
  const { shore, looked } = sortedCoast();
  const last = await send(shore, 'GET', '/api/sorted?order_by=uuid%20desc&max_records=1');
  expect(last.json.records).toMatchObject([{ uuid: '499' }]);
  const before = await send(shore, 'GET', String(last.json._links?.next?.href));
  expect(before.json.records).toMatchObject([{ uuid: '498' }]);
  looked.at = 0;
  expect((await send(shore, 'GET', '/api/sorted?return_records=false')).json.num_records).toBe(500);
  expect(looked.at).toBe(0);
  const filtered = await send(shore, 'GET', '/api/sorted?return_records=false&name=light%200');
  expect(filtered.json.num_records).toBe(250);
});
