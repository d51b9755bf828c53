import { genericErrors, problem } from './error-codes.ts';
import type { ApiProblem } from './errors.ts';
import { expectedValue, parseFieldText } from './field-value.ts';
import type { Field, FieldValue, ParsedBody } from './resource.ts';
import type { Schema } from './schema.ts';

/** What a body is for: which fields it may carry. `key` bodies only name a record. */
export type BodyUse = 'post' | 'patch' | 'key';

/** A body with everything that is wrong with it. */
export interface BodyReading {
  readonly body: ParsedBody;
  /** The record's key, where the body named it and `allowsKey` was set. */
  readonly key: string | undefined;
  readonly problems: readonly ApiProblem[];
}

interface Reader {
  readonly schema: Schema;
  readonly use: BodyUse;
  readonly allowsKey: boolean;
  readonly values: Map<string, FieldValue | null>;
  readonly problems: ApiProblem[];
}

/**
 * Reads one record from a body. Nested objects and dotted keys mean the same and may be mixed; `_links` are ignored;
 * scalars are taken leniently (`"64"` for 64, `201` for `"201"`), but write-only texts only as strings; `null` unsets.
 * Values of write-only fields never appear in a problem.
 */
export function readBody(value: unknown, schema: Schema, use: BodyUse, allowsKey = false): BodyReading {
  const reader: Reader = { schema, use, allowsKey, values: new Map(), problems: [] };
  if (Array.isArray(value)) reader.problems.push(problem(genericErrors.unexpectedBodyArray, {}));
  else if (isObject(value)) readMembers(reader, value, '');
  else reader.problems.push(problem(genericErrors.notAnObject, {}));
  return { key: allowsKey ? takeKey(reader) : undefined, body: reader.values, problems: reader.problems };
}

/** The key that the body names, which is no part of what it changes; undefined unless it is whole. */
function takeKey({ schema, values }: Reader): string | undefined {
  const texts = schema.path.map((name) => values.get(name) ?? undefined);
  for (const name of schema.path) values.delete(name);
  return texts.length === 0 || texts.includes(undefined) ? undefined : texts.map(String).join('/');
}

/** Whether a JSON value is an object that is no array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readMembers(reader: Reader, object: Readonly<Record<string, unknown>>, prefix: string): void {
  const { schema, problems } = reader;
  for (const [member, value] of Object.entries(object)) {
    if (member === '_links' || member.endsWith('._links')) continue;
    const name = schema.spelled(`${prefix}${member}`);
    const field = schema.fields.get(name);
    if (field !== undefined) readField(reader, name, field, value);
    else if (!schema.isObject(name)) {
      problems.push(problem(genericErrors.unexpectedArgument, { argument: name }, name));
    } else if (isObject(value)) readMembers(reader, value, `${name}.`);
    else if (value === null) unsetMembers(reader, name);
    else if (Array.isArray(value))
      problems.push(problem(genericErrors.unexpectedArray, { field: name }, name));
    else problems.push(problem(genericErrors.invalidSecretValue, { field: name, expected: 'object' }, name));
  }
}

/** `"object": null` unsets what of the object may be written at all. */
function unsetMembers(reader: Reader, name: string): void {
  const writable = reader.schema
    .expand(name)
    .filter((member) => isWritable(reader, member.name, member.field));
  if (writable.length === 0) {
    reader.problems.push(problem(genericErrors.notWritable, { field: name }, name));
  }
  for (const member of writable) setValue(reader, member.name, null);
}

function readField(reader: Reader, name: string, field: Field<unknown>, value: unknown): void {
  if (!isWritable(reader, name, field)) {
    reader.problems.push(problem(genericErrors.notWritable, { field: name }, name));
    return;
  }
  if (value === null) {
    setValue(reader, name, null);
    return;
  }
  if (Array.isArray(value) && field.type !== 'strings' && field.type !== 'json') {
    reader.problems.push(problem(genericErrors.unexpectedArray, { field: name }, name));
    return;
  }
  const read = readValue(field, value);
  if (read === undefined) {
    reader.problems.push(invalidValue(name, field, value));
    return;
  }
  const stray =
    field.enum === undefined || field.isReadByResource === true
      ? undefined
      : textsOf(read).find((text) => !field.enum?.includes(text));
  if (stray !== undefined) {
    const values = (field.enum ?? []).join(', ');
    reader.problems.push(problem(genericErrors.notAmongValues, { value: stray, field: name, values }, name));
    return;
  }
  setValue(reader, name, read);
}

function isWritable(reader: Reader, name: string, field: Field<unknown>): boolean {
  if (reader.allowsKey && reader.schema.path.includes(name)) return true;
  return reader.use !== 'key' && field.writable?.includes(reader.use) === true;
}

function setValue(reader: Reader, name: string, value: FieldValue | null): void {
  const isSecond = reader.values.has(name);
  if (isSecond && !isSame(reader.values.get(name), value)) {
    reader.problems.push(problem(genericErrors.specifiedTwice, { field: name }, name));
  }
  reader.values.set(name, value);
}

function readValue(field: Field<unknown>, value: unknown): FieldValue {
  if (field.type === 'strings' && Array.isArray(value)) {
    const texts = value.map((item: unknown) => (isScalar(item) ? String(item) : undefined));
    return texts.every((text) => text !== undefined) ? texts : undefined;
  }
  if (field.type === 'json') return isScalar(value) ? undefined : JSON.stringify(value);
  if (!isScalar(value)) return undefined;
  // A secret has to be what the sender meant to the last character, and JSON numbers are rounded when parsed.
  if (field.get === undefined && field.type === 'string' && typeof value !== 'string') return undefined;
  return field.isReadByResource ? String(value) : parseFieldText(field.type, String(value));
}

function invalidValue(name: string, { type, get }: Field<unknown>, value: unknown): ApiProblem {
  const expected = expectedValue[type];
  if (get === undefined || !isScalar(value)) {
    return problem(genericErrors.invalidSecretValue, { field: name, expected }, name);
  }
  return problem(genericErrors.invalidValue, { value: String(value), field: name, expected }, name);
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function textsOf(value: FieldValue): readonly string[] {
  return typeof value === 'object' ? value : [String(value)];
}

function isSame(a: FieldValue | null, b: FieldValue | null): boolean {
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    return a.length === b.length && a.every((item, index) => item === b[index]);
  }
  return a === b;
}
