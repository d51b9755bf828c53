import { describe, expect, test } from 'vitest';
import { failure, genericErrors } from './error-codes.ts';
import { coast, coastResources, send } from './lighthouses.fixture.ts';
import { openApiDocument } from './openapi.ts';
import type { CollectionResource } from './resource.ts';

interface Keeper {
  readonly tower: string;
  readonly name: string;
  readonly duties: string;
}

const keepers: readonly Keeper[] = [
  { tower: 'north', name: 'ann', duties: '[{"what":"lamp","on":["mon","tue"]}]' },
  { tower: 'north', name: 'bob/ben', duties: '[]' },
  { tower: 'south', name: 'ann', duties: '[]' },
];

function keepersOf(present: Keeper[], bodies: unknown[] = []): CollectionResource<Keeper> {
  return {
    kind: 'collection',
    path: '/coast/keepers',
    title: 'Keepers',
    key: ['tower.uuid', 'name'],
    fields: {
      'tower.uuid': { type: 'string', description: 'Tower.', get: ({ tower }) => tower },
      name: { type: 'string', description: 'Name.', get: ({ name }) => name, writable: ['post'] },
      duties: {
        type: 'json',
        description: 'Duties.',
        get: ({ duties }) => duties,
        writable: ['post', 'patch'],
      },
    },
    list: () => ({ kind: 'rows', rows: present }),
    find: (key) => present.find(({ tower, name }) => `${tower}/${name}` === key),
    create: async (body) => {
      bodies.push(Object.fromEntries(body));
      return { kind: 'created', key: `north/${String(body.get('name'))}` };
    },
    modify: async (row, body) => {
      bodies.push({ ...row, ...Object.fromEntries(body) });
      return { kind: 'modified' };
    },
    remove: async (row) => {
      const at = present.indexOf(row);
      if (at < 0) return failure(genericErrors.entryNotFound, {}, 'name');
      present.splice(at, 1);
      return { kind: 'deleted' };
    },
  };
}

function shore(bodies: unknown[] = [], more: Parameters<typeof coast>[1] = {}) {
  return coast(undefined, {
    release: '9.18.1',
    resources: [...coastResources(), keepersOf([...keepers], bodies)],
    ...more,
  });
}

describe('a collection whose records several path elements name', () => {
  test('gives each at its path, and links and tells it so', async () => {
    const one = await send(shore(), 'GET', '/api/coast/keepers/north/ann');
    expect(one).toMatchObject({
      status: 200,
      json: {
        tower: { uuid: 'north' },
        name: 'ann',
        duties: [{ what: 'lamp', on: ['mon', 'tue'] }],
        _links: { self: { href: '/api/coast/keepers/north/ann' } },
      },
    });
    const slashed = await send(shore(), 'GET', '/api/coast/keepers/north/bob%2Fben');
    expect(slashed.json._links?.self?.href).toBe('/api/coast/keepers/north/bob%2Fben');
    const created = await send(shore(), 'POST', '/api/coast/keepers', { json: { name: 'c d' } });
    expect(created.headers['location']).toBe('/api/coast/keepers/north/c%20d');
  });

  test.each([
    ['/api/coast/keepers/south/bob', '4', 'name'],
    ['/api/coast/keepers/north', '3', undefined],
    ['/api/coast/keepers/north/ann/more', '262179', undefined],
  ])('refuses %s', async (url, code, target) => {
    const { status, json } = await send(shore(), 'GET', url);
    expect({ status, code: json.error?.code, target: json.error?.target }).toEqual({
      status: 404,
      code,
      target,
    });
  });

  test('tells records in a body apart by all of them', async () => {
    const bodies: unknown[] = [];
    const records = [{ tower: { uuid: 'south' }, name: 'ann', duties: [{ what: 'oil' }] }];
    const patched = await send(shore(bodies), 'PATCH', '/api/coast/keepers', { json: { records } });
    expect(patched.json).toMatchObject({ num_records: 1 });
    expect(bodies).toEqual([{ tower: 'south', name: 'ann', duties: '[{"what":"oil"}]' }]);
    const half = await send(shore(), 'DELETE', '/api/coast/keepers', {
      json: { records: [{ name: 'ann' }] },
    });
    expect(half).toMatchObject({ status: 400, json: { error: { code: '262177' } } });
    const gone = await send(shore(), 'DELETE', '/api/coast/keepers?name=ann&return_records=true');
    expect(gone.json).toMatchObject({ num_records: 2 });
  });

  test('refuses a scalar where an array belongs', async () => {
    const { json } = await send(shore(), 'POST', '/api/coast/keepers', { json: { duties: 'lamp' } });
    expect(json.error).toMatchObject({ code: '262197', target: 'duties' });
  });

  test('is described so', () => {
    const resources = [keepersOf([])];
    const { paths } = openApiDocument({ title: 'Coast', version: '1', release: '9.18.1', resources });
    const parameters = paths['/coast/keepers/{tower.uuid}/{name}']?.parameters;
    expect(parameters?.map((each) => 'name' in each && each.name)).toEqual(['tower.uuid', 'name']);
  });
});

describe('who may use what', () => {
  test('is asked by resource and verb, and HEAD goes with GET', async () => {
    const asked: string[] = [];
    const station = shore([], {
      reach: ({ account }, { resource: { path }, verb }) => {
        asked.push(`${account} ${verb} ${path}`);
        return verb === 'GET' ? 'all' : 'none';
      },
    });
    const url = '/api/coast/keepers/north/ann';
    expect((await send(station, 'HEAD', url)).status).toBe(200);
    expect(await send(station, 'DELETE', url)).toMatchObject({
      status: 403,
      json: { error: { code: '6', message: 'not authorized for that command' } },
    });
    expect(await send(station, 'GET', url)).toMatchObject({ status: 200 });
    expect(await send(station, 'DELETE', `${url}?nonsense`)).toMatchObject({ status: 403 });
    expect(asked.slice(0, 2)).toEqual(['admin GET /coast/keepers', 'admin DELETE /coast/keepers']);
  });
});
