import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Coast, coast, type Lighthouse, send } from './lighthouses.fixture.ts';

const lighthouses = '/api/coast/lighthouses';

/** Follows `next` to the end; `between` runs before each following page. */
async function walk(shore: Coast, query: string, between?: () => void): Promise<readonly string[]> {
  const keys: string[] = [];
  let url: string | undefined = `${lighthouses}?${query}`;
  while (url !== undefined) {
    const { json } = await send(shore, 'GET', url, { accept: 'application/json' });
    expect(json.error).toBeUndefined();
    keys.push(...(json.records ?? []).map(({ uuid }) => String(uuid)));
    url = json._links?.next?.href;
    if (url !== undefined) between?.();
  }
  return keys;
}

const rowsArbitrary: fc.Arbitrary<readonly Lighthouse[]> = fc.uniqueArray(
  fc.record(
    {
      uuid: fc.string({ maxLength: 3, unit: 'grapheme' }),
      name: fc.constantFrom('a', 'b', 'ß', ''),
      svmUuid: fc.constant('svm-1'),
      svmName: fc.constantFrom('x', 'y'),
      heightMetres: fc.integer({ min: -2, max: 2 }),
      lit: fc.boolean(),
      flashes: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }),
      address: fc.oneof(fc.ipV4(), fc.ipV6()),
      builtAt: fc
        .date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-01-01') })
        .map((date) => date.toISOString()),
      channel: fc.tuple(fc.nat(99), fc.nat(99)).map(([low, high]) => `${low}-${high}`),
      colours: fc.subarray(['white', 'red', 'green']),
    },
    { requiredKeys: ['uuid', 'name', 'svmUuid', 'svmName'] },
  ),
  { selector: ({ uuid }) => uuid, maxLength: 25 },
);

const orderArbitrary = fc
  .uniqueArray(
    fc.tuple(
      fc.constantFrom(
        'uuid',
        'name',
        'svm.name',
        'height_metres',
        'lit',
        'flashes',
        'address',
        'built_at',
        'channel',
        'colours',
      ),
      fc.constantFrom('', ' asc', ' desc'),
    ),
    { maxLength: 4, selector: ([name]) => name },
  )
  .map((terms) => terms.map((term) => term.join('')).join(','));

describe('next links', () => {
  test('next keeps all parameters as they were sent and is repeated in a header', async () => {
    const url = `${lighthouses}?max_records=1&fields=svm.name,lit&height_metres=>1&order_by=name%20desc`;
    const { json, headers } = await send(coast(), 'GET', url);
    const next = json._links?.next?.href ?? '';
    expect(next.startsWith(`${url}&start=`)).toBe(true);
    expect(headers['link']).toBe(`<${next.replace('>', '%3E')}>; rel="next"`);
    const second = await send(coast(), 'GET', next);
    expect(second.json.records?.map(({ uuid }) => uuid)).toEqual(['u2']);
    expect(second.json._links).toEqual({ self: { href: next } });
    expect(second.headers).not.toHaveProperty('link');
  });

  test('the third page carries one token, not two', async () => {
    const first = await send(coast(), 'GET', `${lighthouses}?max_records=1`);
    const second = await send(coast(), 'GET', first.json._links?.next?.href ?? '');
    expect(second.json._links?.next?.href.match(/start=/g)).toHaveLength(1);
  });

  test('a token of another order is refused', async () => {
    const { json } = await send(coast(), 'GET', `${lighthouses}?max_records=1&order_by=name`);
    const token = /start=([^&]+)/.exec(json._links?.next?.href ?? '')?.[1];
    const other = await send(coast(), 'GET', `${lighthouses}?order_by=lit&start=${token}`);
    expect(other.json.error).toMatchObject({ code: '262197', target: 'start' });
  });

  test.each(['0', '-1', '1.5', 'x', '', '1e3', '%2B1', '1000000000000'])(
    'max_records=%s is no size of a page',
    async (size) => {
      const { status, json } = await send(coast(), 'GET', `${lighthouses}?max_records=${size}`);
      expect({ status, json }).toMatchObject({
        status: 400,
        json: { error: { code: '262197', target: 'max_records' } },
      });
    },
  );

  test.each(['3', '4', '0003', '999999999999'])('max_records=%s shows all three', async (size) => {
    const { json, headers } = await send(coast(), 'GET', `${lighthouses}?max_records=${size}`);
    expect(json).toMatchObject({ num_records: 3 });
    expect(headers).not.toHaveProperty('link');
  });

  test('HEAD tells of the next page as GET does, filters and parameters without a meaning included', async () => {
    const url = `${lighthouses}?name=!x&pretty=false&return_timeout=15&max_records=2&order_by=name+desc`;
    const get = await send(coast(), 'GET', url);
    const head = await send(coast(), 'HEAD', url);
    expect(get.json._links?.next?.href.startsWith(`${url}&start=`)).toBe(true);
    const { link, 'content-type': type } = get.headers;
    expect(head).toMatchObject({ status: 200, body: '', headers: { link, 'content-type': type } });
  });

  test('a page of another size may follow, in the same order', async () => {
    const first = await send(coast(), 'GET', `${lighthouses}?order_by=name&max_records=1`);
    const next = first.json._links?.next?.href ?? '';
    const rest = await send(coast(), 'GET', next.replace('max_records=1', 'max_records=50'));
    expect(rest.json.records?.map(({ name }) => name)).toEqual(['fastnet', 'pharos']);
  });

  test('a page begins where the last one ended although the last record is gone', async () => {
    const shore = coast();
    const first = await send(shore, 'GET', `${lighthouses}?order_by=name desc&max_records=1`);
    shore.station.records.delete(String(first.json.records?.[0]?.uuid));
    const second = await send(shore, 'GET', first.json._links?.next?.href ?? '');
    expect(second.json.records?.map(({ name }) => name)).toEqual(['fastnet']);
  });

  test('a page that is exactly full has no next', async () => {
    const { json } = await send(coast(), 'GET', `${lighthouses}?max_records=3`);
    expect(json._links).not.toHaveProperty('next');
  });

  test('rows in key order are read no further than the page', async () => {
    const shore = coast();
    shore.station.rows = { inKeyOrder: true };
    expect(await walk(shore, 'max_records=1')).toEqual(['u1', 'u2', 'u3']);
    expect(await walk(shore, 'max_records=2&order_by=uuid desc')).toEqual(['u3', 'u2', 'u1']);
  });

  test('a count without records is of all, unless pages were asked for', async () => {
    const many = Array.from({ length: 10_050 }, (_, index) => ({
      uuid: `u${index}`,
      name: 'n',
      svmUuid: 's',
      svmName: 's',
    }));
    const shore = coast(many);
    const count = async (query: string) =>
      (await send(shore, 'GET', `${lighthouses}?return_records=false${query}`)).json.num_records;
    expect(await count('')).toBe(10_050);
    expect(await count('&max_records=7')).toBe(7);
    const page = await send(shore, 'GET', `${lighthouses}?max_records=20000`);
    expect(page.json.num_records).toBe(10_000);
    expect(page.json._links).toHaveProperty('next');
  });
});

describe('walking a collection', () => {
  test('gives each record exactly once, in one order, whatever the page size and order', async () => {
    await fc.assert(
      fc.asyncProperty(
        rowsArbitrary,
        orderArbitrary,
        fc.integer({ min: 1, max: 7 }),
        async (rows, order, size) => {
          const query = `order_by=${encodeURIComponent(order)}`;
          const inPages = await walk(coast(rows), `max_records=${size}&${query}`);
          const atOnce = await walk(coast(rows), query);
          expect(inPages).toEqual(atOnce);
          expect([...inPages].sort()).toEqual(rows.map(({ uuid }) => uuid).sort());
        },
      ),
      { numRuns: 200 },
    );
  });

  test('gives each record that lives throughout exactly once while others come and go', async () => {
    await fc.assert(
      fc.asyncProperty(
        rowsArbitrary,
        rowsArbitrary,
        orderArbitrary,
        fc.infiniteStream(fc.nat(30)),
        async (lasting, passing, order, dice) => {
          const lastingKeys = lasting.map(({ uuid }) => `L${uuid}`);
          const shore = coast(lasting.map((row) => ({ ...row, uuid: `L${row.uuid}` })));
          const { records } = shore.station;
          const comeAndGo = () => {
            const row = passing[dice.next().value ?? 0];
            if (row === undefined) return;
            const key = `${(dice.next().value ?? 0) % 2 === 0 ? 'A' : 'Z'}${row.uuid}`;
            if (!records.delete(key)) records.set(key, { ...row, uuid: key });
          };
          const query = `max_records=2&order_by=${encodeURIComponent(order)}`;
          const seen = await walk(shore, query, comeAndGo);
          expect(seen.filter((key) => key.startsWith('L')).sort()).toEqual(lastingKeys.sort());
        },
      ),
      { numRuns: 200 },
    );
  });
});
