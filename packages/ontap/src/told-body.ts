import { isObject } from './body.ts';
import { parseFieldText } from './field-value.ts';
import { parseJsonBody } from './json-body.ts';
import type { Field } from './resource.ts';
import type { Schema } from './schema.ts';

/** Stands for what no descriptor knows: it may be a secret in the wrong place, so neither name nor value is told. */
export const untold = '…';
/** Stands for the value of a field that can only be written. */
const secret = '***';

const longestTextCharacters = 200;
const mostListed = 20;

/** A body as may be told; nothing of it where there is none. */
export interface ToldBody {
  /** The one record, as JSON with dotted names, or why there is none to tell. */
  readonly body?: string;
  /** The records of a body that has several. */
  readonly records?: readonly string[];
}

/** Tells a body by the fields of `schema`; without one it is only told that there was a body. */
export function toldBody(bytes: Uint8Array, schema: Schema | undefined): ToldBody {
  if (bytes.length === 0) return {};
  if (schema === undefined) return { body: untold };
  const json = parseJsonBody(bytes);
  if (json.kind === 'invalid' || !isObject(json.value)) return { body: untold };
  const { records } = json.value;
  if (!schema.takesRecords || !Array.isArray(records)) return { body: toldRecord(json.value, schema) };
  return { records: records.map((record: unknown) => toldRecord(record, schema)) };
}

/** A text that may be told, cut where it is long; a private key is told in no field, nor who a URL logs in as. */
export function shownText(text: string): string {
  if (text.includes('PRIVATE KEY')) return secret;
  const shown = text.replace(/\/\/[^/?#\s]*@/g, `//${secret}@`);
  return shown.length > longestTextCharacters ? `${shown.slice(0, longestTextCharacters)}${untold}` : shown;
}

function toldRecord(value: unknown, schema: Schema): string {
  if (!isObject(value)) return untold;
  const told = new Map<string, unknown>();
  tellMembers(value, '', schema, told);
  return JSON.stringify(Object.fromEntries(told));
}

function tellMembers(
  object: Readonly<Record<string, unknown>>,
  prefix: string,
  schema: Schema,
  told: Map<string, unknown>,
): void {
  for (const [member, value] of Object.entries(object)) {
    const name = schema.spelled(`${prefix}${member}`);
    const field = schema.fields.get(name);
    if (field !== undefined) told.set(name, toldValue(value, field));
    else if (schema.isObject(name) && isObject(value)) tellMembers(value, `${name}.`, schema, told);
    else told.set(schema.isObject(name) ? name : untold, untold);
  }
}

function toldValue(value: unknown, field: Field<unknown>): unknown {
  if (value === null) return null;
  if (field.get === undefined) return secret;
  if (Array.isArray(value)) {
    const toldItem = field.type === 'json' ? toldMember : toldScalar;
    return field.type === 'json' || field.type === 'strings'
      ? [...value.slice(0, mostListed).map((item: unknown) => toldItem(item, field)), ...more(value)]
      : untold;
  }
  return field.type === 'json' ? untold : toldScalar(value, field);
}

/** An object of a `json` field, with the members that the descriptor names. */
function toldMember(value: unknown, { members = {} }: Field<unknown>): unknown {
  if (!isObject(value)) return untold;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (!Object.hasOwn(members, name)) return [untold, untold];
      if (typeof member === 'string') return [name, shownText(member)];
      const isList = Array.isArray(member) && member.every((each) => typeof each === 'string');
      return [name, isList ? [...member.slice(0, mostListed).map(shownText), ...more(member)] : untold];
    }),
  );
}

/** A value that the field can hold, else nothing of it. */
function toldScalar(value: unknown, { type }: Field<unknown>): unknown {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return untold;
  if (parseFieldText(type, String(value)) === undefined) return untold;
  return typeof value === 'string' ? shownText(value) : value;
}

function more(list: readonly unknown[]): readonly string[] {
  return list.length > mostListed ? [untold] : [];
}
