import type { Document } from '@esplanade/store';
import { MalformedDocumentError } from './fields.ts';
import { type DocumentKind, keys, parseKey } from './keys.ts';

/** Makes another sealed value of one; `place` is what it is sealed to (the associated data). */
type SealedMapping = (sealed: string, place: string) => string;

/** Members that are sealed, in the kinds of documents that have any, and the name of the field that they are sealed to. */
const sealedMembers: Partial<Record<DocumentKind, readonly { path: readonly string[]; field: string }[]>> = {
  policies: [
    { path: ['psk'], field: 'psk' },
    { path: ['replaced', '*', 'psk'], field: 'replaced' },
    { path: ['postquantumKey', 'key'], field: 'postquantumKey' },
  ],
  certificates: [{ path: ['privateKey'], field: 'privateKey' }],
};

/** The kinds of documents that sealed values are in, one document of each key below; the durable keys besides. */
export const sealedPrefixes: readonly string[] = Object.keys(sealedMembers).map((kind) => `${kind}/`);

/** The text of a document with each sealed value replaced; all else stays, the order too. */
export function mapSealedValues({ key, value }: Pick<Document, 'key' | 'value'>, map: SealedMapping): string {
  if (key === keys.durableKeys) return map(value, key);
  const kind = parseKey(key)?.kind;
  const members = kind && sealedMembers[kind];
  if (members === undefined) return value;
  const mapped = members.reduce<unknown>(
    (object, { path, field }) => mapAt(object, path, (sealed) => map(sealed, `${key} ${field}`)),
    parse(key, value),
  );
  return JSON.stringify(mapped);
}

function mapAt(value: unknown, path: readonly string[], map: (sealed: string) => string): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return typeof value === 'string' ? map(value) : value;
  if (step === '*') return Array.isArray(value) ? value.map((one) => mapAt(one, rest, map)) : value;
  if (!isObject(value) || !Object.hasOwn(value, step)) return value;
  return { ...value, [step]: mapAt(value[step], rest, map) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // JSON.parse quotes the text it stumbles over; no part of a document goes into an error.
    throw new MalformedDocumentError(`${key} is not JSON`);
  }
}
