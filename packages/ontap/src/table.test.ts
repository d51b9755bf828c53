import { describe, expect, test } from 'vitest';
import { coast, send } from './lighthouses.fixture.ts';
import { openApiDocument } from './openapi.ts';
import type { ParsedBody, TableResource } from './resource.ts';

interface Buoy {
  readonly bay: string;
  readonly number: number;
  readonly light: string;
  readonly top_mark?: string;
}

const path = '/api/private/cli/coast/buoy';

/** An API over a CLI command's table, whose records two fields together tell apart, and what reached it. */
function buoys() {
  const records: Buoy[] = [
    { bay: 'north', number: 2, light: 'fixed_red' },
    { bay: 'north', number: 1, light: 'quick_green', top_mark: 'cone' },
    { bay: 'east', number: 1, light: 'fixed_red' },
  ];
  const asked: ReadonlyMap<string, string>[] = [];
  const bodies: ParsedBody[] = [];
  const table: TableResource<Buoy> = {
    kind: 'table',
    path: '/private/cli/coast/buoy',
    title: 'Buoys',
    keys: ['bay', 'number'],
    isCli: true,
    fields: {
      bay: { type: 'string', description: 'Bay.', get: (row) => row.bay },
      number: { type: 'integer', description: 'Number.', get: (row) => row.number },
      light: {
        type: 'keyword',
        description: 'Light.',
        enum: ['fixed_red', 'quick_green', 'dark'],
        get: (row) => row.light,
        writable: ['patch'],
      },
      top_mark: { type: 'string', description: 'Mark.', get: (row) => row.top_mark, writable: ['patch'] },
    },
    parameters: [{ name: 'tide', methods: ['GET'], description: 'High or low.' }],
    list: (_principal, parameters) => {
      asked.push(parameters);
      return { kind: 'rows', rows: [...records] };
    },
    modify: async (row, body) => {
      bodies.push(body);
      if (row.bay === 'east') return { kind: 'failure', problems: [{ code: '1', message: 'out of reach' }] };
      records[records.indexOf(row)] = { ...row, light: String(body.get('light') ?? row.light) };
      return { kind: 'modified' };
    },
    remove: async (row) => {
      records.splice(records.indexOf(row), 1);
      return { kind: 'deleted' };
    },
  };
  return { ...coast([], { resources: [table] }), table, records, asked, bodies };
}

describe('a table of the CLI', () => {
  test('shows the keys alone, in their order, and no link to a path that records do not have', async () => {
    const { json } = await send(buoys(), 'GET', path);
    expect(json.records).toEqual([
      { bay: 'east', number: 1 },
      { bay: 'north', number: 1 },
      { bay: 'north', number: 2 },
    ]);
  });

  test('shows another field when `fields` or a filter names it, with hyphens as well', async () => {
    const world = buoys();
    const named = await send(world, 'GET', `${path}?bay=north&number=1&fields=top-mark,light`);
    expect(named.json.records).toEqual([{ bay: 'north', number: 1, light: 'quick_green', top_mark: 'cone' }]);
    const filtered = await send(world, 'GET', `${path}?top-mark=!null`);
    expect(filtered.json.records).toEqual([{ bay: 'north', number: 1, top_mark: 'cone' }]);
  });

  test.each(['*', '**', 'light,*'])('fields=%s is refused: fields must be named', async (fields) => {
    const { status, json } = await send(buoys(), 'GET', `${path}?fields=${fields}`);
    expect({ status, error: json.error }).toMatchObject({ status: 400, error: { code: '262197' } });
  });

  test.each(['fixed_red', 'FIXED_RED', 'fixed-red', 'FIXED-*', '!Quick-Green'])(
    'a keyword is found as %s and shown in one form',
    async (text) => {
      const { json } = await send(buoys(), 'GET', `${path}?light=${text}&bay=east`);
      expect(json.records).toEqual([{ bay: 'east', number: 1, light: 'fixed_red' }]);
    },
  );

  test('a keyword that is none is refused, in a query and in a body', async () => {
    const world = buoys();
    const query = await send(world, 'GET', `${path}?light=blue`);
    expect(query.json.error).toMatchObject({ code: '262197', target: 'light' });
    const body = await send(world, 'PATCH', `${path}?bay=north`, { json: { light: 'blue' } });
    expect(body.json.error).toMatchObject({ code: '262185', target: 'light' });
  });

  test('pages go on where they ended, by all keys', async () => {
    const world = buoys();
    const first = await send(world, 'GET', `${path}?max_records=2`);
    const next = await send(world, 'GET', first.json._links?.next?.href ?? '');
    expect(next.json.records).toEqual([{ bay: 'north', number: 2 }]);
  });

  test('records that were changed are read again all at once, not one by one', async () => {
    const world = buoys();
    const url = `${path}?bay=north&return_records=true&fields=light`;
    const { json } = await send(world, 'PATCH', url, { json: { light: 'dark' } });
    expect(json.records).toHaveLength(2);
    // Once to select, once to show.
    expect(world.asked).toHaveLength(2);
  });

  test('a query selects what PATCH changes; the body may be spelled as on the command line', async () => {
    const world = buoys();
    const url = `${path}?bay=north&number=2&return_records=true&fields=light`;
    const { status, json } = await send(world, 'PATCH', url, { json: { light: 'DARK', 'top-mark': 'x' } });
    expect({ status, json }).toMatchObject({
      status: 200,
      json: { num_records: 1, records: [{ bay: 'north', number: 2, light: 'dark' }] },
    });
    expect(world.bodies).toEqual([
      new Map([
        ['light', 'dark'],
        ['top_mark', 'x'],
      ]),
    ]);
  });

  test('a failure says which record it is about', async () => {
    const { json } = await send(buoys(), 'PATCH', `${path}?bay=east`, { json: { light: 'dark' } });
    expect(json.error).toMatchObject({ message: 'east/1: out of reach', target: 'east/1' });
  });

  test('a query selects what DELETE removes', async () => {
    const world = buoys();
    expect((await send(world, 'DELETE', `${path}?number=1`)).status).toBe(200);
    expect(world.records).toHaveLength(1);
  });

  test('neither a path element nor `records` names one of its records', async () => {
    const world = buoys();
    expect((await send(world, 'GET', `${path}/north`)).status).toBe(404);
    const { json } = await send(world, 'PATCH', path, { json: { records: [{ light: 'dark' }] } });
    expect(json.error).toMatchObject({ code: '262179', target: 'records' });
    expect(world.bodies).toEqual([]);
  });

  test('its parameters for GET reach it, and are unknown to PATCH', async () => {
    const world = buoys();
    expect((await send(world, 'GET', `${path}?tide=low`)).status).toBe(200);
    expect(world.asked).toEqual([new Map([['tide', 'low']])]);
    const { json } = await send(world, 'PATCH', `${path}?tide=low&bay=north`, { json: {} });
    expect(json.error).toMatchObject({ code: '262179', target: 'tide' });
  });

  test('is described with its verbs and without a path for one record', () => {
    const document = openApiDocument({
      title: 'Coast',
      version: '1',
      release: '9.18.1',
      resources: [buoys().table],
    });
    expect(Object.keys(document.paths)).toEqual(['/private/cli/coast/buoy']);
    const item = document.paths['/private/cli/coast/buoy'];
    expect(item?.get?.operationId).toBe('get_private_cli_coast_buoy_collection');
    expect(item?.patch?.operationId).toBe('patch_private_cli_coast_buoy_collection');
    expect(Object.keys(item ?? {})).toEqual(['summary', 'get', 'head', 'options', 'patch', 'delete']);
  });

  test('a table whose key cannot be read is a contradiction', () => {
    const { table } = buoys();
    const resources = [{ ...table, keys: ['bay', 'depth'] }];
    expect(() => coast([], { resources })).toThrow('depth');
  });
});
