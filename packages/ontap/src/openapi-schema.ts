import { type JsonObject, lifeOf, type Reference } from './openapi-document.ts';
import { jsonValue } from './openapi-example.ts';
import type { Field, FieldType } from './resource.ts';
import type { Schema } from './schema.ts';

/** A reference to a schema among the components. */
export function schemaReference(name: string): Reference {
  return { $ref: `#/components/schemas/${name}` };
}

/** A record as a GET shows it and a body may hold it: all fields, those for one direction only marked so. */
export function recordSchema(schema: Schema): JsonObject {
  const { resource } = schema;
  const hasLinks = (object: string) =>
    object === ''
      ? resource.kind !== 'table' && resource.kind !== 'action'
      : resource.links?.[object] !== undefined;
  return objectSchema(schema, () => true, hasLinks);
}

/** A body for the verb: the fields it may set. */
export function bodySchema(schema: Schema, use: 'post' | 'patch'): JsonObject {
  const isTaken = (field: Field<unknown>) => field.writable?.includes(use) === true;
  const root = objectSchema(schema, isTaken, () => false);
  if (use !== 'post') return root;
  const required = [...schema.fields].flatMap(([name, { isRequired }]) => {
    if (isRequired === 'object') return [name.slice(0, name.lastIndexOf('.'))];
    return isRequired === true ? [name] : [];
  });
  return requiring(root, [...new Set(required)]);
}

/** One of `records` in a body that names records by the fields of their path. */
export function keyedBodySchema({ path, fields }: Schema, body: Reference | undefined): JsonObject {
  const typeOf = (name: string) => (fields.get(name)?.type === 'integer' ? 'integer' : 'string');
  const properties = Object.fromEntries(path.map((name) => [name, { type: typeOf(name) }]));
  const keyed = { type: 'object', required: path, properties };
  return body === undefined ? keyed : { allOf: [body, keyed] };
}

/** A body of several records. */
export function manySchema(record: JsonObject | Reference): JsonObject {
  return {
    type: 'object',
    required: ['records'],
    properties: { records: { type: 'array', items: record } },
  };
}

/** What a collection answers: a page of records, or what was done to how many. */
export function pageSchema(record: Reference): JsonObject {
  return {
    type: 'object',
    properties: {
      records: { type: 'array', items: record },
      num_records: { type: 'integer', minimum: 0 },
      observed_at: {
        type: 'string',
        format: 'date-time',
        description: 'When records that are observed, not stored, were so.',
      },
      error: schemaReference('error_detail'),
      _links: schemaReference('links'),
    },
  };
}

const linkSchema: JsonObject = {
  type: 'object',
  required: ['href'],
  properties: { href: { type: 'string', description: 'A path from /api/ on.' } },
};

/** The schemas that every resource's refer to. */
export const commonSchemas: Readonly<Record<string, JsonObject>> = {
  links: {
    type: 'object',
    readOnly: true,
    description: 'Absent with `Accept: application/json`, but for `next`.',
    properties: { self: linkSchema, next: linkSchema },
  },
  error_detail: {
    type: 'object',
    required: ['code', 'message'],
    properties: {
      code: { type: 'string', description: 'A number, as a string.' },
      message: { type: 'string' },
      target: { type: 'string', description: 'The field or parameter it is about.' },
      arguments: {
        type: 'array',
        description: 'Whatever else is wrong with the request.',
        items: {
          type: 'object',
          required: ['code', 'message'],
          properties: { code: { type: 'string' }, message: { type: 'string' } },
        },
      },
    },
  },
  error: {
    type: 'object',
    required: ['error'],
    properties: { error: schemaReference('error_detail') },
  },
};

interface ObjectNode {
  readonly members: Map<string, ObjectNode | { readonly leaf: JsonObject }>;
}

function objectSchema(
  schema: Schema,
  includes: (field: Field<unknown>) => boolean,
  hasLinks: (object: string) => boolean,
): JsonObject {
  const root: ObjectNode = { members: new Map() };
  for (const [name, field] of schema.fields) {
    if (!includes(field)) continue;
    const segments = name.split('.');
    const leaf = segments.pop() ?? name;
    let node = root;
    for (const segment of segments) {
      const existing = node.members.get(segment);
      const inner: ObjectNode =
        existing !== undefined && 'members' in existing ? existing : { members: new Map() };
      node.members.set(segment, inner);
      node = inner;
    }
    node.members.set(leaf, { leaf: fieldSchema(field) });
  }
  return plainSchema(root, '', hasLinks);
}

function plainSchema(
  { members }: ObjectNode,
  path: string,
  hasLinks: (object: string) => boolean,
): JsonObject {
  const entries = [...members].map(([name, node]) => {
    const inner = path === '' ? name : `${path}.${name}`;
    return [name, 'leaf' in node ? node.leaf : plainSchema(node, inner, hasLinks)] as const;
  });
  const links = hasLinks(path) ? { _links: schemaReference('links') } : {};
  return { type: 'object', properties: { ...Object.fromEntries(entries), ...links } };
}

/** The schema with the required names of its own level; a dotted one requires its object, and itself in there. */
function requiring(schema: JsonObject, names: readonly string[]): JsonObject {
  if (names.length === 0) return schema;
  const properties: Record<string, unknown> = { ...Object(schema['properties']) };
  const heads = new Map<string, string[]>();
  for (const name of names) {
    const [head = name, ...rest] = name.split('.');
    heads.set(head, [...(heads.get(head) ?? []), ...(rest.length === 0 ? [] : [rest.join('.')])]);
  }
  for (const [head, inner] of heads) properties[head] = requiring(Object(properties[head]), inner);
  return { ...schema, required: [...heads.keys()], properties };
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
  json: { type: 'array', items: { type: 'object' } },
  strings: { type: 'array', items: { type: 'string' } },
};

function membersSchema(members: NonNullable<Field<unknown>['members']>): JsonObject {
  const properties = Object.entries(members).map(([name, type]) => [name, jsonTypes[type]] as const);
  return { type: 'object', properties: Object.fromEntries(properties) };
}

function fieldSchema(field: Field<unknown>): JsonObject {
  const { type, description, enum: values, example, get, writable, members } = field;
  const isNumber = type === 'integer' || type === 'counter';
  const allowed = values === undefined ? {} : { enum: isNumber ? values.map(Number) : values };
  return {
    ...jsonTypes[type],
    ...(type === 'strings' && values !== undefined ? { items: { type: 'string', ...allowed } } : allowed),
    ...(members === undefined ? {} : { items: membersSchema(members) }),
    description,
    ...(example === undefined ? {} : { examples: [jsonValue(field, example)] }),
    ...(get === undefined ? { writeOnly: true } : {}),
    ...(writable === undefined ? { readOnly: true } : {}),
    ...lifeOf(field),
  };
}
