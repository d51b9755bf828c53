import type { JsonObject } from './openapi-document.ts';
import { selfLink } from './render.ts';
import type { Field, FieldType, FieldValue } from './resource.ts';
import type { Schema } from './schema.ts';
import { recordHref } from './url.ts';

/** The UUID of the examples; a server has others. */
export const exampleUuid = '1f0cbd2e-6ed6-4ff3-9b2f-8c1f86d4f001';

/** A record as `fields=*` shows it. */
export function exampleRecord(schema: Schema): JsonObject {
  return nested(schema, () => true);
}

/** A record as a collection shows it without `fields`. */
export function exampleDefaults(schema: Schema): JsonObject {
  return nested(schema, (name, field) => field.isDefault === true || schema.keys.includes(name));
}

/** A value that the field may have. */
export function exampleValue(name: string, field: Field<unknown>): FieldValue {
  const { type, example, enum: values } = field;
  if (example !== undefined) return example;
  const [first] = values ?? [];
  if (first !== undefined) return type === 'integer' ? Number(first) : type === 'strings' ? [first] : first;
  return name === 'uuid' || name.endsWith('.uuid') ? exampleUuid : typicalValues[type];
}

/** What names an example record in a body. */
export function exampleKey(schema: Schema, name: string): FieldValue {
  const field = schema.fields.get(name);
  return name.endsWith('uuid') || field === undefined ? exampleUuid : exampleValue(name, field);
}

/** A query on the field that is well formed, whatever the records hold. */
export function exampleQuery(name: string, field: Field<unknown>): string {
  const { type, example, enum: values } = field;
  if (type === 'counter' || (type === 'integer' && values === undefined)) return '>=1';
  if (type === 'address') return '192.0.2.1..192.0.2.99';
  if (type === 'datetime') return '>2026-01-01';
  if (type === 'string' && example === undefined && values === undefined && !name.endsWith('uuid'))
    return '*';
  const value = exampleValue(name, field);
  const text = String(Array.isArray(value) ? value[0] : value);
  return /[*|!<>{}",]|\.\./.test(text) ? `"${text}"` : text;
}

const typicalValues: Readonly<Record<FieldType, FieldValue>> = {
  string: undefined,
  integer: 1,
  boolean: true,
  datetime: '2026-01-31T12:00:00Z',
  address: '192.0.2.1',
  counter: 1500n,
  range: '0-0',
  keyword: undefined,
  strings: undefined,
  json: undefined,
};

function nested(schema: Schema, includes: (name: string, field: Field<unknown>) => boolean): JsonObject {
  const { resource, path, keys } = schema;
  const own = resource.examples?.record ?? {};
  const root: Record<string, unknown> = {};
  for (const [name, field] of schema.fields) {
    if (field.get === undefined || !includes(name, field)) continue;
    const value = name in own ? own[name] : exampleValue(name, field);
    if (value !== undefined) put(root, name.split('.'), jsonValue(field, value));
  }
  if (resource.kind === 'singleton') root['_links'] = selfLink(`/api${resource.path}`);
  if (path.length > 0) {
    const key = keys.map((name) => String(valueAt(root, name) ?? exampleKey(schema, name))).join('/');
    root['_links'] = selfLink(recordHref(resource.path, key, keys.length));
  }
  return root;
}

/** A field's value as JSON has it. */
export function jsonValue({ type }: Field<unknown>, value: FieldValue): unknown {
  if (type === 'json' && typeof value === 'string') return JSON.parse(value);
  return typeof value === 'bigint' ? Number(value) : value;
}

function put(object: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [member, ...rest] = path;
  if (member === undefined) return;
  if (rest.length === 0) {
    object[member] = value;
    return;
  }
  const inner: Record<string, unknown> = { ...Object(object[member]) };
  put(inner, rest, value);
  object[member] = inner;
}

function valueAt(object: JsonObject, name: string): unknown {
  return name.split('.').reduce<unknown>((node, member) => Object(node)[member], object);
}
