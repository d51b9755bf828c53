import type { Field, FieldType } from './resource.ts';
import type { Schema } from './schema.ts';

/** A node of a JSON document. */
export type JsonObject = { readonly [member: string]: unknown };

/** The JSON schema of a record: the nested object that the dotted names of the included fields describe. */
export function recordSchema(schema: Schema, includes: (field: Field<unknown>) => boolean): JsonObject {
  const root: SchemaNode = { properties: {} };
  for (const [name, field] of schema.fields) {
    if (!includes(field)) continue;
    const segments = name.split('.');
    const leaf = segments.pop() ?? name;
    let node = root;
    for (const segment of segments) {
      const existing = node.properties[segment];
      const inner: SchemaNode =
        existing !== undefined && 'properties' in existing ? existing : { properties: {} };
      node.properties[segment] = inner;
      node = inner;
    }
    node.properties[leaf] = { leaf: fieldSchema(field) };
  }
  return plainSchema(root);
}

interface SchemaNode {
  readonly properties: Record<string, SchemaNode | { readonly leaf: JsonObject }>;
}

function plainSchema({ properties }: SchemaNode): JsonObject {
  const entries = Object.entries(properties).map(
    ([name, node]) => [name, 'leaf' in node ? node.leaf : plainSchema(node)] as const,
  );
  return { type: 'object', properties: Object.fromEntries(entries) };
}

const jsonTypes: Readonly<Record<FieldType, JsonObject>> = {
  string: { type: 'string' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  datetime: { type: 'string', format: 'date-time' },
  address: { type: 'string' },
  counter: { type: 'integer', format: 'int64' },
  range: { type: 'string' },
  keyword: { type: 'string' },
  strings: { type: 'array', items: { type: 'string' } },
};

function fieldSchema({
  type,
  description,
  enum: values,
  example,
  get,
  writable,
}: Field<unknown>): JsonObject {
  const isNumber = type === 'integer' || type === 'counter';
  const allowed = values === undefined ? {} : { enum: isNumber ? values.map(Number) : values };
  const base = jsonTypes[type];
  return {
    ...base,
    ...(type === 'strings' && values !== undefined ? { items: { type: 'string', ...allowed } } : allowed),
    description,
    ...(example === undefined ? {} : { examples: [typeof example === 'bigint' ? Number(example) : example] }),
    ...(get === undefined ? { writeOnly: true } : {}),
    ...(writable === undefined ? { readOnly: true } : {}),
  };
}
