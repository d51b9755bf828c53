import { compareSortKeys, keyword, parseFieldText, type SortKey, sortKey, wireText } from '../field-value.ts';
import type { Field, FieldType, FieldValue } from '../resource.ts';
import type { Comparison, Expression, Test } from './expression.ts';

/** Whether a field's value passes; an unset value (`undefined`) only passes `null`. */
export type Predicate = (value: FieldValue) => boolean;

/** A literal that is no value of the field; `expected` says what would be. */
export interface InvalidLiteral {
  readonly kind: 'invalid-literal';
  readonly literal: string;
  readonly expected: string;
}

/** What of a field decides how it is compared. */
type FilterField = Pick<Field<unknown>, 'type' | 'enum' | 'canonical'>;

type SetValue = Exclude<FieldValue, undefined>;
type SetPredicate = (value: SetValue) => boolean;

/**
 * Reads an expression's literals as the field's type and returns the one matcher that every collection uses, stored or
 * observed (decision 7). Addresses, dates, counters and ranges compare by what they mean, wildcards by printed text;
 * enumerations order alphabetically. An array passes when one of its elements does.
 */
export function bindExpression(expression: Expression, field: FilterField): Predicate | InvalidLiteral {
  const predicates: Predicate[] = [];
  for (const { negated, test } of expression) {
    const predicate = bindTest(test, field);
    if (typeof predicate !== 'function') return predicate;
    predicates.push(
      test.kind === 'unset'
        ? (value) => (value === undefined) !== negated
        : (value) => value !== undefined && predicate(value) !== negated,
    );
  }
  const [only, ...others] = predicates;
  if (only !== undefined && others.length === 0) return only;
  return (value) => predicates.some((predicate) => predicate(value));
}

function bindTest(test: Test, field: FilterField): SetPredicate | InvalidLiteral {
  const elementType: FieldType = field.type === 'strings' ? 'string' : field.type;
  const predicate = bindElementTest(test, { ...field, type: elementType });
  if (typeof predicate !== 'function') return predicate;
  return field.type === 'strings'
    ? (value) => (isList(value) ? value.some(predicate) : predicate(value))
    : predicate;
}

function bindElementTest(test: Test, field: FilterField): SetPredicate | InvalidLiteral {
  const { type, canonical = (text) => text } = field;
  switch (test.kind) {
    case 'unset':
      return () => false;
    case 'equals': {
      const literal = canonical(test.literal);
      if (field.enum !== undefined && !field.enum.includes(String(parseFieldText(type, literal)))) {
        return { kind: 'invalid-literal', literal, expected: field.enum.join('|') };
      }
      return compareWith(type, literal, (order) => order === 0);
    }
    case 'compares':
      return compareWith(type, canonical(test.literal), comparisons[test.operator]);
    case 'within':
      return within(type, canonical(test.low), canonical(test.high));
    case 'like': {
      const parts = type === 'keyword' ? test.parts.map(keyword) : test.parts;
      return (value) => isLike(wireText(type, value), parts);
    }
  }
}

const comparisons: Readonly<Record<Comparison, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function compareWith(
  type: FieldType,
  literal: string,
  accepts: (order: number) => boolean,
): SetPredicate | InvalidLiteral {
  const bound = literalKey(type, literal);
  if (isInvalid(bound)) return bound;
  return (value) => {
    const key = sortKey(type, value);
    return key !== undefined && accepts(compareSortKeys(key, bound));
  };
}

function within(type: FieldType, low: string, high: string): SetPredicate | InvalidLiteral {
  const least = literalKey(type, low);
  const most = literalKey(type, high);
  if (isInvalid(least)) return least;
  if (isInvalid(most)) return most;
  return (value) => {
    const key = sortKey(type, value);
    return key !== undefined && compareSortKeys(key, least) >= 0 && compareSortKeys(key, most) <= 0;
  };
}

function literalKey(type: FieldType, literal: string): SortKey | InvalidLiteral {
  const key = sortKey(type, parseFieldText(type, literal));
  // As a value any text is let stand, but to compare a range with what is none has no meaning.
  const isMeant = key !== undefined && (type !== 'range' || typeof key === 'number');
  return isMeant ? key : { kind: 'invalid-literal', literal, expected: type };
}

function isInvalid(key: SortKey | InvalidLiteral): key is InvalidLiteral {
  return typeof key === 'object';
}

function isLike(text: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false;
  let position = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return position <= text.length - last.length;
}

function isList(value: SetValue): value is readonly string[] {
  return typeof value === 'object';
}
