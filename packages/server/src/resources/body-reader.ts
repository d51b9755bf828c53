import type { ParsedBody } from '@esplanade/ontap';

/** The text of a field, `undefined` when it is absent or unset. */
export function textOf(body: ParsedBody, name: string): string | undefined {
  const value = body.get(name);
  return typeof value === 'string' ? value : undefined;
}

/** The texts of a field that holds several, `undefined` when it is absent or unset. */
export function textsOf(body: ParsedBody, name: string): readonly string[] | undefined {
  const value = body.get(name);
  return typeof value === 'object' && value !== null ? value : undefined;
}

/** The truth value of a field, `undefined` when it is absent or unset. */
export function booleanOf(body: ParsedBody, name: string): boolean | undefined {
  const value = body.get(name);
  return typeof value === 'boolean' ? value : undefined;
}

/** The number in a field, `undefined` when it is absent or unset. */
export function numberOf(body: ParsedBody, name: string): number | undefined {
  const value = body.get(name);
  return typeof value === 'number' ? value : undefined;
}

/** A body without the fields that say nothing: on POST, `null` is the same as leaving the field out. */
export function withoutNulls(body: ParsedBody): ParsedBody {
  return new Map([...body].filter(([, value]) => value !== null));
}
