import { type AddressKey, addressKey, canonicalAddress } from './address.ts';
import type { FieldType, FieldValue } from './resource.ts';

/** What values of one field compare and sort by. All keys of a field that are of one JavaScript type are comparable. */
export type SortKey = AddressKey | bigint;

/** What a value of each type is, for people. */
export const expectedValue: Readonly<Record<FieldType, string>> = {
  string: 'string',
  integer: 'integer',
  boolean: 'boolean',
  datetime: 'ISO 8601 date and time',
  address: 'IP address',
  counter: 'integer',
  range: 'number, or range such as 201-201',
  keyword: 'word',
  json: 'array',
  strings: 'string',
};

const sizeUnits: Readonly<Record<string, bigint>> = {
  KB: 1n << 10n,
  MB: 1n << 20n,
  GB: 1n << 30n,
  TB: 1n << 40n,
  PB: 1n << 50n,
};

const booleanSpellings: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['0', false],
]);

/** Year, month, day, time if there is one, its zone if it has one. */
const isoDate = /^(\d{4})-(\d\d)-(\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/**
 * Reads text from a query or a body as a value of the type, leniently as ONTAP does (`yes`, `64`, `10KB`); undefined
 * when the text is not of that type.
 */
export function parseFieldText(type: FieldType, text: string): FieldValue {
  switch (type) {
    case 'string':
    case 'range':
    case 'json':
      return text;
    case 'keyword':
      return keyword(text);
    case 'strings':
      return [text];
    case 'integer': {
      const number = Number(parseWhole(text) ?? Number.NaN);
      return Number.isSafeInteger(number) ? number : undefined;
    }
    case 'counter':
      return parseWhole(text);
    case 'boolean':
      return booleanSpellings.get(text.toLowerCase());
    case 'datetime':
      return dateMs(text) === undefined ? undefined : text;
    case 'address':
      return addressKey(text) === undefined ? undefined : canonicalAddress(text);
  }
}

/** A word of the CLI in its one form: `ESP-UDP` is `esp_udp`. */
export function keyword(text: string): string {
  return text.toLowerCase().replaceAll('-', '_');
}

/** The key a value compares and sorts by; undefined for an unset value. */
export function sortKey(type: FieldType, value: FieldValue): SortKey | undefined {
  switch (typeof value) {
    case 'undefined':
    case 'bigint':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    case 'number':
      return type === 'counter' ? BigInt(value) : value;
    case 'string':
      return textKey(type, value);
    case 'object':
      return value.join('\n');
  }
}

/** Negative, 0 or positive as `a` sorts before, with or after `b`; numbers come before texts. */
export function compareSortKeys(a: SortKey, b: SortKey): number {
  if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
  return typeof a === 'string' ? 1 : -1;
}

/** The value as it is printed, IPv6 addresses compressed; what wildcards are held against. */
export function wireText(type: FieldType, value: Exclude<FieldValue, undefined>): string {
  return type === 'address' ? canonicalAddress(String(value)) : String(value);
}

function textKey(type: FieldType, text: string): SortKey {
  if (type === 'address') return addressKey(text) ?? text;
  if (type === 'datetime') return dateMs(text) ?? text;
  if (type === 'range') return rangeKey(text) ?? text;
  return text;
}

function parseWhole(text: string): bigint | undefined {
  const match = /^([+-]?\d{1,30})(KB|MB|GB|TB|PB)?$/i.exec(text);
  if (match === null) return undefined;
  const [, digits = '', unit = ''] = match;
  return BigInt(digits.replace('+', '')) * (sizeUnits[unit.toUpperCase()] ?? 1n);
}

/**
 * Reads a date, or a date and time, of ISO 8601; without a zone it is UTC, so that the answer does not hang on the host.
 * `undefined` for other texts and for days that there are not, such as 30 February.
 */
export function parseDate(text: string): Date | undefined {
  const milliseconds = dateMs(text);
  return milliseconds === undefined ? undefined : new Date(milliseconds);
}

/** As `parseDate`, in milliseconds since 1970. */
function dateMs(text: string): number | undefined {
  const match = isoDate.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, time, zone] = match;
  // V8 takes 30 February for 1 March.
  if (Number(day) > daysOf(Number(month), Number(year))) return undefined;
  const milliseconds = Date.parse(time === undefined || zone !== undefined ? text : `${text}Z`);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

function daysOf(month: number, year: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Low bound first, then high: `24` and `24-24` are one key. */
function rangeKey(text: string): number | undefined {
  const match = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(text);
  if (match === null) return undefined;
  const low = Number(match[1]);
  return low * 2 ** 24 + Number(match[2] ?? low);
}
