import { isObject } from './body.ts';
import { parseFieldText } from './field-value.ts';
import { parseJsonBody } from './json-body.ts';
import type { Field } from './resource.ts';
import type { Schema } from './schema.ts';
import { isKnownValue } from './told-value.ts';

/** Stands for what no descriptor knows: it may be a secret in the wrong place, so neither name nor value is told. */
export const untold = '…';
/** Stands for the value of a field that can only be written. */
const secret = '***';

const longestTextCharacters = 200;
const mostListed = 20;

/**
 * How much of a request is told. `checked`: values that the descriptors tell from all others (`isKnownValue`), of any request.
 * `accepted`: free texts too, of what was carried out, so that each text is what its field is for.
 */
export type Telling = 'checked' | 'accepted';

/** A body as may be told; nothing of it where there is none. */
export interface ToldBody {
  /** The one record, as JSON with dotted names, or why there is none to tell. */
  readonly body?: string;
  /** The records of a body that has several. */
  readonly records?: readonly string[];
}

/** Tells a body by the fields of `schema`; without one it is only told that there was a body. */
export function toldBody(bytes: Uint8Array, schema: Schema | undefined, telling: Telling): ToldBody {
  if (bytes.length === 0) return {};
  if (schema === undefined) return { body: untold };
  const json = parseJsonBody(bytes);
  if (json.kind === 'invalid' || !isObject(json.value)) return { body: untold };
  const { records } = json.value;
  if (!schema.takesRecords || !Array.isArray(records))
    return { body: toldRecord(json.value, schema, telling) };
  return { records: records.map((record: unknown) => toldRecord(record, schema, telling)) };
}

/**
 * A free text that may be told, cut where it is long. A private key is told in no field, and of a URL only where it leads: who
 * it logs in as and what it asks with may be secrets.
 */
export function shownText(text: string): string {
  if (text.includes('PRIVATE KEY')) return secret;
  const shown = shownUrl(text);
  return shown.length > longestTextCharacters ? `${shown.slice(0, longestTextCharacters)}${untold}` : shown;
}

/** What else could be a URL, and cannot be read as one, is not told: nobody knows where in it the password ends. */
function shownUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || url.host === '') return /[/\\]{2}/.test(text) ? untold : text;
  const { protocol, host, pathname } = url;
  if (`${pathname}${url.search}${url.hash}`.includes('@')) return untold;
  const isWhole = url.href === `${protocol}//${host}${pathname}`;
  return `${protocol}//${host}${pathname}${isWhole ? '' : untold}`;
}

function toldRecord(value: unknown, schema: Schema, telling: Telling): string {
  if (!isObject(value)) return untold;
  const told = new Map<string, unknown>();
  const tellMembers = (object: Readonly<Record<string, unknown>>, prefix: string): void => {
    for (const [member, each] of Object.entries(object)) {
      const name = schema.spelled(`${prefix}${member}`);
      const field = schema.fields.get(name);
      if (field !== undefined) told.set(name, toldValue(each, field, telling));
      else if (schema.isObject(name) && isObject(each)) tellMembers(each, `${name}.`);
      else told.set(schema.isObject(name) ? name : untold, untold);
    }
  };
  tellMembers(value, '');
  return JSON.stringify(Object.fromEntries(told));
}

function toldValue(value: unknown, field: Field<unknown>, telling: Telling): unknown {
  if (value === null) return null;
  if (field.get === undefined) return secret;
  if (field.isOpaque === true) return untold;
  if (Array.isArray(value)) {
    if (field.type !== 'json' && field.type !== 'strings') return untold;
    const toldItem = field.type === 'json' ? toldMember : toldScalar;
    return [
      ...value.slice(0, mostListed).map((item: unknown) => toldItem(item, field, telling)),
      ...more(value),
    ];
  }
  return field.type === 'json' ? untold : toldScalar(value, field, telling);
}

/** An object of a `json` field, with the members that the descriptor names; their values are free text. */
function toldMember(value: unknown, { members = {} }: Field<unknown>, telling: Telling): unknown {
  if (!isObject(value)) return untold;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (!Object.hasOwn(members, name)) return [untold, untold];
      if (telling === 'checked') return [name, untold];
      if (typeof member === 'string') return [name, shownText(member)];
      const isList = Array.isArray(member) && member.every((each) => typeof each === 'string');
      return [name, isList ? [...member.slice(0, mostListed).map(shownText), ...more(member)] : untold];
    }),
  );
}

function toldScalar(value: unknown, field: Field<unknown>, telling: Telling): unknown {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return untold;
  if (isKnownValue(String(value), field)) return value;
  const isFree = field.enum === undefined && parseFieldText(field.type, String(value)) !== undefined;
  return isFree && telling === 'accepted' ? shownText(String(value)) : untold;
}

function more(list: readonly unknown[]): readonly string[] {
  return list.length > mostListed ? [untold] : [];
}
