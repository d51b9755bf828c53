import { expect, it } from 'vitest';
import { type Ask, coast, type Envelope, send } from './lighthouses.fixture.ts';
import type { Field, RowsInTurns, TableResource } from './resource.ts';

interface Sighting {
  readonly index: number;
  readonly ship: string;
}

/** A log of sightings that goes on growing at its end and losing its beginning, ten rows a portion. */
function logbook(length: number) {
  const log = { first: 1, last: length, read: 0 };
  const rows: RowsInTurns<Sighting> = {
    kind: 'rows-in-turns',
    async *read({ after, isDescending }) {
      const end = log.last;
      const step = isDescending ? -1 : 1;
      const start = Number(after ?? (isDescending ? end + 1 : 0)) + step;
      let index = isDescending ? start : Math.max(start, log.first);
      while (index >= log.first && index <= end) {
        const portion: Sighting[] = [];
        for (; portion.length < 10 && index >= log.first && index <= end; index += step)
          portion.push({ index, ship: index % 3 === 0 ? 'titanic' : 'argo' });
        log.read += portion.length;
        await Promise.resolve();
        yield portion;
      }
    },
    count: async () => log.last - log.first + 1,
  };
  const fields: Readonly<Record<string, Field<Sighting>>> = {
    index: { type: 'integer', description: 'Number.', get: ({ index }) => index },
    ship: { type: 'string', description: 'Ship.', isDefault: true, get: ({ ship }) => ship },
  };
  const resource: TableResource<Sighting> = {
    kind: 'table',
    path: '/coast/log',
    title: 'Log',
    keys: ['index'],
    fields,
    list: () => rows,
  };
  const shore = coast([], { resources: [resource] });
  const get = async (query: string, ask?: Ask): Promise<Envelope> =>
    (await send(shore, 'GET', `/api/coast/log?${query}`, ask)).json;
  return { log, get, shore };
}

const indices = ({ records = [] }: Envelope) => records.map(({ index }) => index);

it('reads no more than a page needs, from either end', async () => {
  const { log, get } = logbook(1_000_000);
  expect(indices(await get('max_records=3'))).toEqual([1, 2, 3]);
  expect(indices(await get('max_records=3&order_by=index desc'))).toEqual([1_000_000, 999_999, 999_998]);
  expect(indices(await get('max_records=2&ship=titanic'))).toEqual([3, 6]);
  expect(log.read).toBe(30);
});

it.each(['', '&order_by=index desc', '&ship=titanic', '&order_by=ship,index desc'])(
  'walks over all rows once, page by page (%s)',
  async (query) => {
    const { get, shore } = logbook(100);
    const seen: unknown[] = [];
    let page = await get(`max_records=7${query}`);
    for (;;) {
      seen.push(...indices(page));
      const next = page._links?.next?.href;
      if (next === undefined) break;
      page = (await send(shore, 'GET', next)).json;
    }
    expect(seen).toHaveLength(query.includes('titanic') ? 33 : 100);
    expect(new Set(seen).size).toBe(seen.length);
  },
);

it('goes on behind the last row given, whatever came and went meanwhile', async () => {
  const { log, get, shore } = logbook(20);
  const page = await get('max_records=5');
  log.first = 9;
  log.last = 30;
  const { json } = await send(shore, 'GET', page._links?.next?.href ?? '');
  expect(indices(json)).toEqual([9, 10, 11, 12, 13]);
});

it('counts without a walk where nothing is asked of the rows, and else by one', async () => {
  const { log, get } = logbook(60);
  expect(await get('return_records=false')).toMatchObject({ num_records: 60 });
  expect(log.read).toBe(0);
  expect(await get('return_records=false&ship=titanic')).toMatchObject({ num_records: 20 });
});

it('finds the first rows of another order', async () => {
  const { get } = logbook(5_000);
  const page = await get('max_records=4&order_by=ship desc');
  expect(indices(page)).toEqual([3, 6, 9, 12]);
});
