import { describe, expect, test } from 'vitest';
import { coast, send } from './lighthouses.fixture.ts';

const lighthouses = '/api/coast/lighthouses';
const asJson = { accept: 'application/json' };

describe('which fields come back', () => {
  const fieldsOf = async (query: string) => {
    const { json } = await send(coast(), 'GET', `${lighthouses}${query}`, asJson);
    return json.records?.[0];
  };

  test.each([
    ['', { uuid: 'u1', name: 'fastnet' }],
    ['?fields=', { uuid: 'u1', name: 'fastnet' }],
    ['?fields=lit', { uuid: 'u1', name: 'fastnet', lit: true }],
    ['?fields=keeper', { uuid: 'u1', name: 'fastnet', keeper: { name: 'Ann', phone: '1' } }],
    ['?fields=keeper,!keeper.phone', { uuid: 'u1', name: 'fastnet', keeper: { name: 'Ann' } }],
    ['?fields=lit,!name,!uuid', { uuid: 'u1', lit: true }],
    ['?lit=true', { uuid: 'u1', name: 'fastnet', lit: true }],
    ['?svm.name=atlantic&fields=lit', { uuid: 'u1', name: 'fastnet', svm: { name: 'atlantic' }, lit: true }],
    ['?fields=svm._links,_links', { uuid: 'u1', name: 'fastnet' }],
    [
      '?query=Ann&query_fields=keeper.name,kind',
      { uuid: 'u1', name: 'fastnet', kind: 'rock', keeper: { name: 'Ann' } },
    ],
    ['?fields=nothing,lit&ignore_unknown_fields=true', { uuid: 'u1', name: 'fastnet', lit: true }],
  ])('of "%s"', async (query, record) => {
    expect(await fieldsOf(query)).toEqual(record);
  });

  test.each(['*', '**', '%2A', '%2A%2A'])('fields=%s is everything that is set', async (fields) => {
    expect(await fieldsOf(`?fields=${fields}`)).toEqual({
      uuid: 'u1',
      name: 'fastnet',
      svm: { uuid: 'svm-1', name: 'atlantic' },
      height_metres: 54,
      lit: true,
      flashes: Number(9_007_199_254_740_993n),
      address: '10.0.0.9',
      built_at: '1904-06-27T00:00:00Z',
      channel: '16-16',
      colours: ['white'],
      kind: 'rock',
      keeper: { name: 'Ann', phone: '1' },
    });
  });

  test('only exclusions leave everything else', async () => {
    const record = await fieldsOf('?fields=!svm,!keeper');
    expect(Object.keys(record ?? {})).toEqual(expect.arrayContaining(['uuid', 'name', 'flashes', 'colours']));
    expect(record).not.toHaveProperty('svm');
    expect(record).not.toHaveProperty('keeper');
  });

  test('an instance has all fields without being asked', async () => {
    const { json } = await send(coast(), 'GET', `${lighthouses}/u3`, asJson);
    expect(json).toEqual({ uuid: 'u3', name: 'pharos', svm: { uuid: 'svm-2', name: 'mediterranean' } });
  });

  test('a 64-bit counter is printed digit by digit', async () => {
    const { body } = await send(coast(), 'GET', `${lighthouses}/u1?fields=flashes&pretty=false`);
    expect(body).toContain('"flashes":9007199254740993,');
  });

  test('an IPv6 address is printed compressed', async () => {
    const { json } = await send(coast(), 'GET', `${lighthouses}/u2?fields=address`, asJson);
    expect(json).toMatchObject({ address: '2001:db8::1' });
  });

  test.each(['nothing', 'keeper.nothing', 'passphrase', 'blink', '!nothing'])(
    'fields=%s is refused, naming it',
    async (name) => {
      const { status, json } = await send(coast(), 'GET', `${lighthouses}?fields=lit,${name}`);
      expect(status).toBe(400);
      expect(json.error).toEqual({
        message: `The value "${name.replace('!', '')}" is invalid for field "fields" (<field,...>)`,
        code: '262197',
        target: 'fields',
      });
    },
  );

  test('asking only for unknown fields, ignored, is not asking for all of an instance', async () => {
    const url = `${lighthouses}/u1?ignore_unknown_fields=true&fields=tag`;
    expect((await send(coast(), 'GET', url, asJson)).json).toEqual({ uuid: 'u1', name: 'fastnet' });
  });
});

describe('envelopes', () => {
  test('a collection has records, their number and its own link with the query verbatim', async () => {
    const url = `${lighthouses}?fields=svm.name,lit&name=%66astnet&max_records=5`;
    const { json, headers } = await send(coast(), 'GET', url);
    expect(headers['content-type']).toBe('application/hal+json');
    expect(json).toEqual({
      records: [
        {
          uuid: 'u1',
          name: 'fastnet',
          svm: { name: 'atlantic', _links: { self: { href: '/api/svm/svms/svm-1' } } },
          lit: true,
          _links: { self: { href: `${lighthouses}/u1` } },
        },
      ],
      num_records: 1,
      _links: { self: { href: url } },
    });
  });

  test.each([[undefined], ['*/*'], ['application/hal+json'], ['application/json, */*']])(
    'Accept: %s gets links',
    async (accept) => {
      const { json } = await send(coast(), 'GET', lighthouses, accept === undefined ? {} : { accept });
      expect(json._links?.self?.href).toBe(lighthouses);
    },
  );

  test('Accept: application/json gets no links but next', async () => {
    const { json, headers } = await send(coast(), 'GET', `${lighthouses}?max_records=2&fields=*`, asJson);
    expect(headers['content-type']).toBe('application/json');
    expect(Object.keys(json._links ?? {})).toEqual(['next']);
    expect(JSON.stringify(json.records)).not.toContain('_links');
    const last = await send(coast(), 'GET', `${lighthouses}?max_records=3`, asJson);
    expect(last.json).not.toHaveProperty('_links');
  });

  test('an instance and a singleton are bare objects with their own link', async () => {
    const instance = await send(coast(), 'GET', `${lighthouses}/u3?fields=name`);
    expect(instance.json).toEqual({
      uuid: 'u3',
      name: 'pharos',
      _links: { self: { href: `${lighthouses}/u3` } },
    });
    const singleton = await send(coast(), 'GET', '/api/coast?max_records=1024&fields=');
    expect(singleton.json).toEqual({ colour: 'white', size: 64, _links: { self: { href: '/api/coast' } } });
  });

  test('JSON is printed with two spaces unless pretty=false', async () => {
    expect((await send(coast(), 'GET', '/api/coast', asJson)).body).toBe(
      '{\n  "colour": "white",\n  "size": 64\n}\n',
    );
    expect((await send(coast(), 'GET', '/api/coast?pretty=false', asJson)).body).toBe(
      '{"colour":"white","size":64}\n',
    );
  });

  test('return_records=false only counts', async () => {
    const { json } = await send(coast(), 'GET', `${lighthouses}?return_records=false&lit=null`, asJson);
    expect(json).toEqual({ num_records: 1 });
  });

  test('a reading tells its age and its doubt', async () => {
    const shore = coast();
    shore.station.rows = { observedAtMs: 1000, warning: { code: '7', message: 'the keeper is asleep' } };
    const { json } = await send(shore, 'GET', `${lighthouses}?return_records=false`, asJson);
    expect(json).toEqual({
      num_records: 3,
      observed_at: '1970-01-01T00:00:01.000Z',
      error: { code: '7', message: 'the keeper is asleep' },
    });
  });

  test('filters also hold on an instance', async () => {
    expect((await send(coast(), 'GET', `${lighthouses}/u1?lit=true`)).status).toBe(200);
    expect((await send(coast(), 'GET', `${lighthouses}/u1?lit=false`)).json.error?.code).toBe('4');
  });
});

describe('order', () => {
  const keys = async (query: string) => {
    const { json } = await send(coast(), 'GET', `${lighthouses}${query}`, asJson);
    return json.records?.map(({ uuid }) => uuid).join(' ');
  };

  test.each([
    ['', 'u1 u2 u3'],
    ['?order_by=name', 'u2 u1 u3'],
    ['?order_by=name%20desc', 'u3 u1 u2'],
    ['?order_by=svm.name+DESC,height_metres+asc', 'u3 u2 u1'],
    ['?$orderBy=uuid%20desc', 'u3 u2 u1'],
    ['?order_by=flashes', 'u2 u1 u3'],
    ['?order_by=blinks%20desc', 'u1 u2 u3'],
    ['?order_by=address', 'u1 u2 u3'],
    ['?order_by=channel', 'u2 u1 u3'],
    ['?order_by=built_at', 'u2 u1 u3'],
    ['?order_by=lit', 'u2 u1 u3'],
  ])('of "%s" is %s: by type, unset last, ties by key', async (query, expected) => {
    expect(await keys(query)).toBe(expected);
  });

  test.each(['nothing', 'passphrase', 'name sideways', 'name asc desc', 'keeper'])(
    'order_by=%s is refused',
    async (term) => {
      const { json } = await send(coast(), 'GET', `${lighthouses}?order_by=${encodeURIComponent(term)}`);
      expect(json.error).toMatchObject({ code: '262197', target: 'order_by' });
    },
  );
});

describe('parameters', () => {
  test.each([
    ['flavour=1', '262179', 'flavour'],
    ['passphrase=x', '262179', 'passphrase'],
    ['keeper=Ann', '262179', 'keeper'],
    ['force=true', '262179', 'force'],
    ['continue_on_failure=true', '262179', 'continue_on_failure'],
    ['name', '262248', 'name'],
    ['name=', '262194', 'name'],
    ['name=a&name=b', '262188', 'name'],
    ['order_by=name&$orderBy=lit', '262188', '$orderBy'],
    ['flashes=1&blinks=2', '262188', 'blinks'],
    ['height_metres=tall', '262197', 'height_metres'],
    ['lit=perhaps', '262197', 'lit'],
    ['flashes=1.5', '262197', 'flashes'],
    ['address=10.0.0.256', '262197', 'address'],
    ['built_at=yesterday', '262197', 'built_at'],
    ['kind=swamp', '262197', 'kind'],
    ['name={open', '262245', 'name'],
    ['name=a*..b', '262245', 'name'],
    ['query=x&query_fields=nothing', '262197', 'query_fields'],
    ['max_records=0', '262197', 'max_records'],
    ['max_records=many', '262197', 'max_records'],
    ['return_timeout=121', '262197', 'return_timeout'],
    ['return_timeout=-1', '262197', 'return_timeout'],
    ['return_records=maybe', '262197', 'return_records'],
    ['pretty=very', '262197', 'pretty'],
    ['start=nonsense', '262197', 'start'],
    ['__proto__=1', '262179', '__proto__'],
  ])('%s is refused with %s', async (query, code, target) => {
    const { status, json } = await send(coast(), 'GET', `${lighthouses}?${query}`);
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ code, target });
  });

  test.each([
    ['flashes=many', '<integer>'],
    ['built_at=yesterday', '<ISO 8601 date and time>'],
    ['address=10.0.0.256', '<IP address>'],
  ])('%s is told what would be a value, in words for people', async (query, expected) => {
    const { json } = await send(coast(), 'GET', `${lighthouses}?${query}`);
    expect(json.error?.message).toContain(expected);
  });

  test.each(['return_timeout=0', 'return_timeout=120', 'name=fastnet&name=fastnet', 'max_records=20000'])(
    '%s is accepted',
    async (query) => {
      expect((await send(coast(), 'GET', `${lighthouses}?${query}`)).status).toBe(200);
    },
  );
});

describe('what a query says in other words, or twice', () => {
  test.each(['yes', 'ON', '1'])('flags take %s for true', async (yes) => {
    const { json } = await send(
      coast(),
      'GET',
      `${lighthouses}?ignore_unknown_fields=${yes}&fields=nonsense`,
    );
    expect(json.num_records).toBe(3);
  });

  test.each(['no', 'Off', '0'])('flags take %s for false', async (no) => {
    const { status, body, json } = await send(
      coast(),
      'GET',
      `${lighthouses}?return_records=${no}&pretty=${no}`,
    );
    expect([status, json.records]).toEqual([200, undefined]);
    expect(body.trim()).not.toContain('\n');
  });

  test('an order that contradicts itself is refused, one that repeats itself is not', async () => {
    const refused = await send(coast(), 'GET', `${lighthouses}?order_by=name,name%20desc`);
    expect([refused.status, refused.json.error]).toMatchObject([400, { code: '262197', target: 'order_by' }]);
    expect((await send(coast(), 'GET', `${lighthouses}?order_by=name,uuid,name%20asc`)).status).toBe(200);
  });

  test('query_fields without query is refused', async () => {
    const { status, json } = await send(coast(), 'GET', `${lighthouses}?query_fields=name`);
    expect([status, json.error]).toMatchObject([400, { code: '262194', target: 'query' }]);
  });
});
