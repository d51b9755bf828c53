import type { JsonObject, OpenApiDocument } from '@esplanade/ontap';

/** What a value may be used for: `readOnly` fields belong in no request, `writeOnly` ones in no answer. */
export type Direction = 'request' | 'answer';

/** Where a value is not what the schema says, members that it does not name included; empty when all is well. */
export function schemaViolations(
  document: OpenApiDocument,
  schema: JsonObject,
  value: unknown,
  direction: Direction,
): readonly string[] {
  return violations({ document, direction }, schema, value, '$');
}

interface Check {
  readonly document: OpenApiDocument;
  readonly direction: Direction;
}

type Members = Readonly<Record<string, unknown>>;

function violations(check: Check, given: JsonObject, value: unknown, place: string): readonly string[] {
  const schema = resolved(check.document, given);
  const parts = schemasIn(schema['allOf']);
  if (parts.length > 0) return violations(check, merged(check.document, parts), value, place);
  const choices = schemasIn(schema['anyOf']).map((each) => violations(check, each, value, place));
  if (choices.length > 0) return choices.some((each) => each.length === 0) ? [] : choices.flat();
  const forbidden = check.direction === 'answer' ? 'writeOnly' : 'readOnly';
  if (schema[forbidden] === true) return [`${place} is ${forbidden}`];
  const { type, enum: values } = schema;
  if (!isOfType(type, value)) return [`${place} is no ${type}: ${JSON.stringify(value)}`];
  if (Array.isArray(values) && !values.includes(value)) return [`${place} is none of ${values.join(', ')}`];
  if (schema['format'] === 'date-time' && Number.isNaN(Date.parse(String(value))))
    return [`${place} is no time`];
  if (Array.isArray(value)) {
    const items = resolved(check.document, membersOf(schema['items']));
    return value.flatMap((item, index) => violations(check, items, item, `${place}[${index}]`));
  }
  return type === 'object' ? objectViolations(check, schema, membersOf(value), place) : [];
}

function objectViolations(
  check: Check,
  schema: JsonObject,
  value: Members,
  place: string,
): readonly string[] {
  const properties = membersOf(schema['properties']);
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const lacking = required.filter((name) => !(name in value)).map((name) => `${place}.${name} is missing`);
  const found = Object.entries(value).flatMap(([name, member]) =>
    name in properties
      ? violations(check, membersOf(properties[name]), member, `${place}.${name}`)
      : [`${place}.${name} is not described`],
  );
  return [...lacking, ...found];
}

function merged(document: OpenApiDocument, parts: readonly JsonObject[]): JsonObject {
  const all = parts.map((part) => resolved(document, part));
  return {
    type: 'object',
    required: all.flatMap(({ required }) => (Array.isArray(required) ? required : [])),
    properties: Object.assign({}, ...all.map(({ properties }) => properties)),
  };
}

function resolved(document: OpenApiDocument, schema: JsonObject): JsonObject {
  const { $ref } = schema;
  if ($ref === undefined) return schema;
  const name = String($ref).split('/').at(-1) ?? '';
  const found = document.components.schemas[name];
  if (found === undefined) throw new Error(`there is no schema ${String($ref)}`);
  return found;
}

function schemasIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.map(membersOf) : [];
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function isOfType(type: unknown, value: unknown): boolean {
  switch (type) {
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
