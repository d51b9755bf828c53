import { compareSortKeys, type SortKey, sortKey } from './field-value.ts';
import type { NamedField, Schema } from './schema.ts';

/** One term of `order_by`. */
export interface OrderTerm extends NamedField {
  readonly descending: boolean;
}

/** Where a row stands in an order: one key for each term; undefined where the row's field is unset. */
export type Position = readonly (SortKey | undefined)[];

/**
 * Reads `order_by=a[ asc|desc][,b …]`. The keys of the records always end the order, so that it is total and pages
 * neither skip nor repeat. Returns the offending term where one cannot be read or sorted by, or contradicts another.
 */
export function parseOrderBy(
  text: string,
  schema: Schema,
): readonly OrderTerm[] | { readonly invalid: string } {
  const terms: OrderTerm[] = [];
  for (const entry of text.split(',')) {
    const trimmed = entry.trim();
    if (trimmed === '') continue;
    const [name = '', direction = 'asc', ...surplus] = trimmed.split(/\s+/);
    const named = schema.resolve(name);
    const isDirection = /^(asc|desc)$/i.test(direction) && surplus.length === 0;
    if (named?.field.get === undefined || !isDirection) return { invalid: trimmed };
    const descending = direction.toLowerCase() === 'desc';
    const earlier = terms.find((term) => term.name === named.name);
    if (earlier === undefined) terms.push({ ...named, descending });
    else if (earlier.descending !== descending) return { invalid: trimmed };
  }
  return withKeys(terms, schema);
}

/** Tells an order from the term that spoiled it. */
export function isOrder(
  order: readonly OrderTerm[] | { readonly invalid: string },
): order is readonly OrderTerm[] {
  return !('invalid' in order);
}

/** The position of a row. */
export function positionOf(row: unknown, order: readonly OrderTerm[]): Position {
  return order.map(({ field }) => sortKey(field.type, field.get?.(row)));
}

/** Negative, 0 or positive as `a` comes before, with or after `b`. Unset values come last in either direction. */
export function comparePositions(a: Position, b: Position, order: readonly OrderTerm[]): number {
  let index = 0;
  for (const term of order) {
    const difference = compareKeys(a[index], b[index], term);
    if (difference !== 0) return difference;
    index += 1;
  }
  return 0;
}

/** The same for a row and a position, looking at no more of the row than it takes to tell. */
export function compareRow(row: unknown, position: Position, order: readonly OrderTerm[]): number {
  let index = 0;
  for (const term of order) {
    const { field } = term;
    const difference = compareKeys(sortKey(field.type, field.get?.(row)), position[index], term);
    if (difference !== 0) return difference;
    index += 1;
  }
  return 0;
}

function compareKeys(
  left: SortKey | undefined,
  right: SortKey | undefined,
  { descending }: OrderTerm,
): number {
  if (left === undefined || right === undefined) {
    if (left === right) return 0;
    return left === undefined ? 1 : -1;
  }
  const difference = compareSortKeys(left, right);
  return descending ? -difference : difference;
}

/** Whether the order is by ascending keys alone. */
export function isKeyOrder(order: readonly OrderTerm[], schema: Schema): boolean {
  return isByKeys(order, schema) && order.every(({ descending }) => !descending);
}

/** Whether the order is by keys alone, all of them descending. */
export function isReverseKeyOrder(order: readonly OrderTerm[], schema: Schema): boolean {
  return isByKeys(order, schema) && order.every(({ descending }) => descending);
}

function isByKeys(order: readonly OrderTerm[], { keys }: Schema): boolean {
  return order.length === keys.length && order.every(({ name }, index) => name === keys[index]);
}

function withKeys(terms: readonly OrderTerm[], schema: Schema): readonly OrderTerm[] {
  const keys = schema.keys.flatMap((key) => schema.resolve(key) ?? []);
  const missing = keys.filter((key) => !terms.some(({ name }) => name === key.name));
  return [...terms, ...missing.map((key) => ({ ...key, descending: false }))];
}
