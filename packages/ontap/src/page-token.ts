import type { SortKey } from './field-value.ts';
import type { OrderTerm, Position } from './order.ts';
import type { FieldType } from './resource.ts';

/**
 * The opaque `start` of a `next` link: the position of the last row given, and the order it was counted in. It names no
 * snapshot: the next page starts after that position in whatever the collection then holds, so records that stay where
 * they are in the order are neither skipped nor repeated, whatever comes and goes around them.
 */
export function encodePageToken(position: Position, order: readonly OrderTerm[]): string {
  const keys = position.map((key) => (key === undefined ? null : typeof key === 'bigint' ? `${key}` : key));
  return Buffer.from(JSON.stringify([orderText(order), keys])).toString('base64url');
}

/** The position in a token; undefined when the token was not made for this order. */
export function decodePageToken(token: string, order: readonly OrderTerm[]): Position | undefined {
  const parsed = parseJson(Buffer.from(token, 'base64url').toString());
  if (!Array.isArray(parsed) || parsed[0] !== orderText(order)) return undefined;
  const keys: unknown = parsed[1];
  if (!Array.isArray(keys) || keys.length !== order.length) return undefined;
  const position: (SortKey | undefined)[] = [];
  for (const [index, { field }] of order.entries()) {
    const key = decodeKey(keys[index], field.type);
    if (key === 'invalid') return undefined;
    position.push(key?.key);
  }
  return position;
}

function decodeKey(value: unknown, type: FieldType): { readonly key: SortKey } | undefined | 'invalid' {
  if (value === null) return undefined;
  if (type === 'counter') {
    return typeof value === 'string' && /^-?\d{1,40}$/.test(value) ? { key: BigInt(value) } : 'invalid';
  }
  return typeof value === 'string' || typeof value === 'number' ? { key: value } : 'invalid';
}

function orderText(order: readonly OrderTerm[]): string {
  return order.map(({ name, descending }) => (descending ? `${name} desc` : name)).join(',');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
