import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { coast, coastResources, send } from './lighthouses.fixture.ts';
import { openApiDocument } from './openapi.ts';
import { pathMethods } from './openapi-document.ts';
import { largestPage } from './query/collection-query.ts';
import type { Release } from './resource.ts';

const documentOf = (release: Release) =>
  openApiDocument({ title: 'Coast', version: '1', release, resources: coastResources() });
const newest = documentOf('9.18.1');
const { paths, components } = newest;

/** Every `$ref` in the document, and the node at a JSON pointer. */
function references(node: unknown): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) =>
    name === '$ref' ? [String(value)] : references(value),
  );
}
function nodeAt(document: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (node, name) =>
        typeof node === 'object' && node !== null
          ? Object.entries(node).find(([each]) => each === name)?.[1]
          : undefined,
      document,
    );
}

/** The names of an operation's parameters in the query. */
function queryNames(path: string, method: (typeof pathMethods)[number]): readonly string[] {
  const all = (paths[path]?.[method]?.parameters ?? []).map((each) =>
    '$ref' in each ? components.parameters[each.$ref.split('/').at(-1) ?? ''] : each,
  );
  return all.flatMap((each) => (each?.in === 'query' ? [each.name] : []));
}

describe('the OpenAPI document', () => {
  test.each(['9.8', '9.18.1'])('of %s is valid OpenAPI 3.1', async (release) => {
    const document = JSON.parse(JSON.stringify(documentOf(release)));
    expect(await new Validator().validate(document)).toEqual({ valid: true });
  });

  test.each([
    ['/coast', 'get head options patch'],
    ['/coast/lighthouses', 'get head options post patch delete'],
    ['/coast/lighthouses/{uuid}', 'get head options patch delete'],
  ])('describes %s with the verbs %s, which OPTIONS allows', async (path, verbs) => {
    const described = pathMethods.filter((method) => paths[path]?.[method] !== undefined);
    expect(described.join(' ')).toBe(verbs);
    const { headers } = await send(coast(), 'OPTIONS', `/api${path}`);
    expect(headers['allow']?.toLowerCase().split(', ')).toEqual(described);
  });

  test('every reference leads somewhere, and no operation id is used twice', () => {
    expect(references(newest).length).toBeGreaterThan(0);
    for (const reference of references(newest)) expect(nodeAt(newest, reference)).toBeDefined();
    const ids = [...JSON.stringify(newest).matchAll(/"operationId":"([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('nests dotted names and says what may be read and written', () => {
    const { coast_lighthouses: record } = components.schemas;
    expect(record).toMatchObject({
      properties: {
        name: { type: 'string', examples: ['fastnet'] },
        flashes: { type: 'integer', format: 'int64', readOnly: true },
        colours: { type: 'array', items: { enum: ['white', 'red', 'green'] } },
        keeper: {
          type: 'object',
          properties: { name: { type: 'string' }, phone: { 'x-ontap-since': '9.17.1' } },
        },
        passphrase: { writeOnly: true },
        _links: { $ref: '#/components/schemas/links' },
        svm: { properties: { _links: { $ref: '#/components/schemas/links' } } },
      },
    });
    expect(record).not.toHaveProperty('properties.keeper.properties._links');
  });

  test('has in a body what the verb may set', () => {
    const { 'coast_lighthouses.post': post, 'coast_lighthouses.patch': patch } = components.schemas;
    expect(post).toMatchObject({ properties: { passphrase: {}, kind: {}, name: {} }, required: ['name'] });
    expect(post).not.toHaveProperty('properties.flashes');
    expect(patch).not.toHaveProperty('properties.kind');
    expect(patch).not.toHaveProperty('required');
  });

  test('gives defaults and bounds of generic parameters', () => {
    expect(components.parameters).toMatchObject({
      'return_timeout.get': { schema: { type: 'integer', default: 15, minimum: 0, maximum: 120 } },
      'return_timeout.post': { schema: { default: 0 } },
      'return_records.get': { schema: { type: 'boolean', default: true } },
      'return_records.patch': { schema: { default: false } },
      max_records: { schema: { default: largestPage, minimum: 1 } },
      ignore_unknown_fields: { 'x-ontap-since': '9.11.1' },
    });
  });

  test('lists each filter, by its other names too, where records are selected', () => {
    const selecting = queryNames('/coast/lighthouses', 'get');
    expect(selecting).toEqual(expect.arrayContaining(['flashes', 'blinks', 'keeper.name', 'kind']));
    expect(selecting).not.toContain('passphrase');
    expect(queryNames('/coast/lighthouses', 'head')).toEqual(selecting);
    expect(queryNames('/coast/lighthouses', 'delete')).toEqual(
      expect.arrayContaining(['keeper.name', 'force']),
    );
    expect(queryNames('/coast/lighthouses', 'post')).not.toContain('keeper.name');
    expect(queryNames('/coast/lighthouses/{uuid}', 'get')).not.toContain('keeper.name');
    expect(components.parameters['coast_lighthouses.kind']).toMatchObject({ 'x-ontap-since': '9.15.1' });
  });

  test('lists for the change of one record what it takes', () => {
    const one = ['fields', 'pretty', 'return_records', 'return_timeout', 'ignore_unknown_fields'];
    const expected = [...one, 'query', 'query_fields', 'force'];
    for (const method of ['patch', 'delete'] as const)
      expect(queryNames('/coast/lighthouses/{uuid}', method)).toEqual(expected);
    expect(queryNames('/coast', 'patch')).toEqual(expected.slice(0, -1));
    expect(queryNames('/coast/lighthouses', 'delete')).toEqual(
      expect.arrayContaining([...one, 'max_records', 'order_by', 'start', 'continue_on_failure']),
    );
  });

  test('has continue_on_failure of POST since there are several records in a body', () => {
    expect(components.parameters).toMatchObject({
      'continue_on_failure.post': { 'x-ontap-since': '9.10.1' },
      continue_on_failure: { name: 'continue_on_failure' },
    });
    expect(components.parameters['continue_on_failure']).not.toHaveProperty('x-ontap-since');
  });

  test('tells each refusal by status and code', () => {
    const { get, post, patch } = paths['/coast/lighthouses/{uuid}'] ?? {};
    expect(post).toBeUndefined();
    const missing = { code: '4', message: "entry doesn't exist" };
    expect(get?.responses['404']?.['x-ontap-codes']).toContainEqual(missing);
    expect(patch?.responses).toMatchObject({ '400': {}, '401': {}, '403': {}, '404': {}, '500': {} });
    const deleting = paths['/coast/lighthouses/{uuid}']?.delete?.responses['400']?.['x-ontap-codes'] ?? [];
    expect(deleting.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['262177', '262186', '262196', '262199', '262200', '262201', '262255']),
    );
    const taken = paths['/coast/lighthouses']?.post?.responses['409'];
    expect(taken?.['x-ontap-codes']).toEqual([
      { code: '77000001', message: 'A lighthouse of that name exists.' },
    ]);
  });

  test('shows Location, Link and Allow where they come', () => {
    const { get, post, options } = paths['/coast/lighthouses'] ?? {};
    expect(post?.responses['201']?.headers).toHaveProperty('Location');
    expect(get?.responses['200']?.headers).toHaveProperty('Link');
    expect(options?.responses['200']?.headers).toHaveProperty('Allow');
  });

  test('knows only what the release knows', () => {
    const old = JSON.stringify(documentOf('9.9.1'));
    expect(old).toContain('"oil"');
    expect(old).not.toContain('phone');
    expect(old).not.toContain('ignore_unknown_fields');
  });
});
