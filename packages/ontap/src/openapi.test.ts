import { describe, expect, test } from 'vitest';
import { coastResources } from './lighthouses.fixture.ts';
import { openApiDocument } from './openapi.ts';
import type { Release } from './resource.ts';

const documentOf = (release: Release) =>
  openApiDocument({ title: 'Coast', version: '1', release, resources: coastResources() });

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

describe('the OpenAPI document', () => {
  test('describes each path with the verbs that its descriptor has', () => {
    expect(documentOf('9.18.1')).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Coast', version: '1' },
      paths: {
        '/coast': { get: {}, patch: {} },
        '/coast/lighthouses': { get: {}, post: {}, patch: {}, delete: {} },
        '/coast/lighthouses/{uuid}': {
          parameters: [{ name: 'uuid', in: 'path', required: true }],
          get: {},
          patch: {},
          delete: {},
        },
      },
    });
    expect(nodeAt(documentOf('9.18.1'), '#/paths')).not.toHaveProperty(['/coast', 'delete']);
  });

  test('every reference leads somewhere, and no operation id is used twice', () => {
    const document = documentOf('9.18.1');
    expect(references(document).length).toBeGreaterThan(0);
    for (const reference of references(document)) expect(nodeAt(document, reference)).toBeDefined();
    const ids = [...JSON.stringify(document).matchAll(/"operationId":"([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('nests dotted names and says what may be read and written', () => {
    const record = nodeAt(documentOf('9.18.1'), '#/components/schemas/coast_lighthouses');
    expect(record).toMatchObject({
      properties: {
        name: { type: 'string', examples: ['fastnet'] },
        flashes: { type: 'integer', format: 'int64', readOnly: true },
        colours: { type: 'array', items: { enum: ['white', 'red', 'green'] } },
        keeper: { type: 'object', properties: { name: { type: 'string' }, phone: {} } },
      },
    });
    expect(record).not.toHaveProperty('properties.passphrase');
    expect(JSON.stringify(documentOf('9.18.1'))).toContain('"writeOnly":true');
  });

  test('knows only what the release knows', () => {
    const old = JSON.stringify(documentOf('9.9.1'));
    expect(old).toContain('"oil"');
    expect(old).not.toContain('phone');
    expect(old).not.toContain('ignore_unknown_fields');
  });
});
