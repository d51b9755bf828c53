import type { Column } from './column.ts';
import type { ApiRecord } from './output.ts';
import { bytesText, countText, durationText, timeText } from './quantities.ts';

/** What stands where there is no value, as in ONTAP's CLI. */
export const absent = '-';

/** The member of a record by its dotted path; undefined where the record does not have it. */
export function member(record: ApiRecord, path: string): unknown {
  if (Object.hasOwn(record, path)) return record[path];
  let value: unknown = record;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** A value as people read it. It may still hold characters that no terminal should get. */
export function valueText({ shown, ...column }: Column, value: unknown): string {
  if (value === undefined || value === null || value === '') return absent;
  if (shown !== undefined) return valueText(column, shown(value));
  if (Array.isArray(value)) {
    return value.length === 0 ? absent : value.map((item) => valueText(column, item)).join(', ');
  }
  if (typeof value === 'object') return JSON.stringify(value);
  const text = String(value);
  if (column.words && Object.hasOwn(column.words, text)) return column.words[text] ?? text;
  if (column.isUpperCase) return text.toUpperCase();
  const number = Number(text);
  switch (column.format) {
    case 'bytes':
      return Number.isFinite(number) ? bytesText(number) : text;
    case 'count':
      return Number.isFinite(number) ? countText(number) : text;
    case 'seconds':
      return Number.isFinite(number) ? durationText(number) : text;
    case 'time':
      return timeText(text);
    default:
      return text;
  }
}

/** A value as programs read it from one field of a row: exact, lists with commas between, those of objects as JSON, nothing where there is none. */
export function exactText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value) && !value.some(isObject)) return value.map(exactText).join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** Whether values stand at the right of a column, so that their digits do. */
export function isRightAligned({ format }: Column): boolean {
  return format === 'bytes' || format === 'count' || format === 'integer' || format === 'seconds';
}
