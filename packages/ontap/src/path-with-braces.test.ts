import { describe, expect, test } from 'vitest';
import { failure, genericErrors } from './error-codes.ts';
import { coast, coastResources, send } from './lighthouses.fixture.ts';
import { openApiDocument } from './openapi.ts';
import type { CollectionResource } from './resource.ts';

interface Watch {
  readonly tower: string;
  readonly keeper: string;
  readonly hour: string;
  readonly lamp: string;
}

const watches: readonly Watch[] = [
  { tower: 'north', keeper: 'ann', hour: '/coast/1', lamp: 'lit' },
  { tower: 'north', keeper: 'ann', hour: '2', lamp: 'out' },
  { tower: 'south', keeper: 'ann', hour: '3', lamp: 'lit' },
];

/** The watches of one keeper: `tower.uuid` and `keeper` stand in the path. */
function watchesOf(present: Watch[], told: unknown[] = []): CollectionResource<Watch> {
  return {
    kind: 'collection',
    path: '/coast/keepers/{tower.uuid}/{keeper}/watches',
    title: 'Watches',
    key: ['tower.uuid', 'keeper', 'hour'],
    fields: {
      'tower.uuid': { type: 'string', description: 'Tower.', get: ({ tower }) => tower },
      keeper: { type: 'string', description: 'Keeper.', get: ({ keeper }) => keeper },
      hour: { type: 'string', description: 'Hour.', get: ({ hour }) => hour, writable: ['post'] },
      lamp: {
        type: 'string',
        description: 'Lamp.',
        get: ({ lamp }) => lamp,
        isDefault: true,
        writable: ['post', 'patch'],
      },
    },
    list: (_principal, _parameters, within) =>
      within[0] === 'nowhere'
        ? failure(genericErrors.entryNotFound, {}, 'keeper')
        : { kind: 'rows', rows: present.filter((row) => [row.tower, row.keeper].join() === within.join()) },
    find: (key) => present.find((row) => `${row.tower}/${row.keeper}/${row.hour}` === key),
    create: async (body, { within }) => ({
      kind: 'created',
      key: [...within, String(body.get('hour'))].join('/'),
    }),
    modify: async (row, body) => {
      told.push({ ...row, ...Object.fromEntries(body) });
      return { kind: 'modified' };
    },
    remove: async (row) => {
      present.splice(present.indexOf(row), 1);
      return { kind: 'deleted' };
    },
  };
}

function shore(told: unknown[] = [], more: Parameters<typeof coast>[1] = {}) {
  return coast(undefined, {
    release: '9.18.1',
    resources: [...coastResources(), watchesOf([...watches], told)],
    ...more,
  });
}

const ofAnn = '/api/coast/keepers/north/ann/watches';

describe('a collection whose path has braces', () => {
  test('has the records of the one whose it is, at paths of their own', async () => {
    const { json } = await send(shore(), 'GET', ofAnn);
    expect(json.records).toEqual([
      { hour: '/coast/1', lamp: 'lit', _links: { self: { href: `${ofAnn}/%2Fcoast%2F1` } } },
      { hour: '2', lamp: 'out', _links: { self: { href: `${ofAnn}/2` } } },
    ]);
    const one = await send(shore(), 'GET', `${ofAnn}/%2Fcoast%2F1?fields=keeper`);
    expect(one.json).toMatchObject({ keeper: 'ann', hour: '/coast/1' });
    const created = await send(shore(), 'POST', ofAnn, { json: { hour: '/4', lamp: 'lit' } });
    expect(created.headers['location']).toBe(`${ofAnn}/%2F4`);
  });

  test.each([
    ['/api/coast/keepers/south/bob/watches/3', '4', 'hour'],
    [`${ofAnn}/2/more`, '262179', undefined],
    ['/api/coast/keepers/nowhere/ann/watches', '4', 'keeper'],
  ])('refuses %s', async (url, code, target) => {
    const { status, json } = await send(shore(), 'GET', url);
    expect({ status, code: json.error?.code, target: json.error?.target }).toEqual({
      status: 404,
      code,
      target,
    });
  });

  test('changes and deletes by path, by query and by records in the body, of that one only', async () => {
    const told: unknown[] = [];
    expect((await send(shore(told), 'PATCH', `${ofAnn}/2`, { json: { lamp: 'lit' } })).status).toBe(200);
    const records = [{ hour: '2', lamp: 'dim' }];
    expect((await send(shore(told), 'PATCH', ofAnn, { json: { records } })).status).toBe(200);
    expect(told).toEqual([
      { tower: 'north', keeper: 'ann', hour: '2', lamp: 'lit' },
      { tower: 'north', keeper: 'ann', hour: '2', lamp: 'dim' },
    ]);
    const gone = await send(shore(), 'DELETE', `${ofAnn}?lamp=*&return_records=true`);
    expect(gone.json).toMatchObject({ num_records: 2 });
  });

  test('tells who decides what may be used what stands in the braces', async () => {
    const asked: unknown[] = [];
    const station = shore([], {
      reach: (_principal, { within, verb }) => {
        asked.push([verb, ...within]);
        return 'none';
      },
    });
    expect((await send(station, 'DELETE', `${ofAnn}/2`)).status).toBe(403);
    expect(asked).toEqual([['DELETE', 'north', 'ann']]);
  });

  test.each([
    [ofAnn, ofAnn],
    [`${ofAnn}/%2Fcoast%2F1`, `${ofAnn}//coast/1`],
    [`${ofAnn}/swordfish`, '/api/coast/keepers/…/…/watches/…'],
    ['/api/coast/keepers/nowhere/swordfish/watches', '/api/coast/keepers/…/…/watches'],
  ])('%s is told as %s', (url, told) => {
    const { line } = shore()
      .api.tell({
        method: 'GET',
        url,
        body: new Uint8Array(),
        principal: { account: 'admin', role: 'admin' },
        signal: new AbortController().signal,
      })
      .tell('checked');
    expect(line).toBe(`GET ${told}`);
  });

  test('is described so', () => {
    const resources = [watchesOf([])];
    const { paths } = openApiDocument({ title: 'Coast', version: '1', release: '9.18.1', resources });
    const names = (path: string) => paths[path]?.parameters?.map((each) => 'name' in each && each.name);
    const path = '/coast/keepers/{tower.uuid}/{keeper}/watches';
    expect(names(path)).toEqual(['tower.uuid', 'keeper']);
    expect(names(`${path}/{hour}`)).toEqual(['tower.uuid', 'keeper', 'hour']);
  });
});
