import {
  compareSortKeys,
  expectedValue,
  keyword,
  parseFieldText,
  type SortKey,
  sortKey,
  wireText,
} from '../field-value.ts';
import type { Field, FieldType, FieldValue, LetterCase } from '../resource.ts';
import type { Alternative, Comparison, Expression, Test } from './expression.ts';
import { formatExpression } from './format.ts';

/** Whether a field's value passes; an unset value (`undefined`) only passes `null`. */
export type Predicate = (value: FieldValue) => boolean;

/** A literal that is no value of the field; `expected` says what would be. */
export interface InvalidLiteral {
  readonly kind: 'invalid-literal';
  readonly literal: string;
  readonly expected: string;
}

/** What of a field decides how it is compared. */
type FilterField = Pick<Field<unknown>, 'type' | 'enum' | 'canonical' | 'letterCase'>;

type SetValue = Exclude<FieldValue, undefined>;

/** A test of one value: by its key, or by its printed text. */
type Check =
  | { readonly kind: 'key'; passes(key: SortKey): boolean }
  | { readonly kind: 'text'; passes(text: string): boolean };

/** The alternatives of an expression, by what it takes to tell whether a value passes. */
interface Checks {
  readonly passesUnset: boolean;
  readonly passesSet: boolean;
  /** Keys of which one suffices: any number of them costs what one does. */
  readonly equals: ReadonlySet<SortKey>;
  /** Checks of which one suffices. */
  readonly any: readonly Check[];
  /** Checks of which one that fails suffices. */
  readonly anyFailing: readonly Check[];
}

/**
 * Reads an expression's literals as the field's type and returns the one matcher that every collection uses, stored or
 * observed (decision 7). Addresses, dates, counters and ranges compare by what they mean, wildcards by printed text;
 * enumerations order alphabetically. An array passes when one of its elements does.
 */
export function bindExpression(expression: Expression, field: FilterField): Predicate | InvalidLiteral {
  const type: FieldType = field.type === 'strings' ? 'string' : field.type;
  const checks = bindChecks(expression, { ...field, type });
  if ('kind' in checks) return checks;
  const look = lookFor(checks, type);
  return (value) => {
    if (value === undefined) return checks.passesUnset;
    if (checks.passesSet) return true;
    return isList(value)
      ? passesList(checks, look, value)
      : passesOne(checks, look.key(value), look.text(value));
  };
}

function bindChecks(expression: Expression, field: FilterField): Checks | InvalidLiteral {
  const equals = new Set<SortKey>();
  const any: Check[] = [];
  const anyFailing: Check[] = [];
  const isUnset = ({ test }: Alternative): boolean => test.kind === 'unset';
  // The same alternative again and again would be work for every row.
  const different = new Map(expression.map((alternative) => [formatExpression([alternative]), alternative]));
  for (const { negated, test } of different.values()) {
    if (test.kind === 'unset') continue;
    if (test.kind === 'equals') {
      const key = equalKey(test.literal, field);
      if (isInvalid(key)) return key;
      if (negated) anyFailing.push({ kind: 'key', passes: (other) => other === key });
      else equals.add(key);
      continue;
    }
    const check = bindCheck(test, field);
    if (check.kind === 'invalid-literal') return check;
    (negated ? anyFailing : any).push(check);
  }
  return {
    passesUnset: expression.some((alternative) => isUnset(alternative) && !alternative.negated),
    passesSet: expression.some((alternative) => isUnset(alternative) && alternative.negated),
    equals,
    any,
    anyFailing,
  };
}

/** Makes of a value what the checks look at, once however many there are. */
interface Look {
  key(value: SetValue): SortKey;
  text(value: SetValue): string;
}

function lookFor({ equals, any, anyFailing }: Checks, type: FieldType): Look {
  const all = [...any, ...anyFailing];
  const needsKey = equals.size > 0 || all.some(({ kind }) => kind === 'key');
  const needsText = all.some(({ kind }) => kind === 'text');
  return {
    key: (value) => (needsKey ? (sortKey(type, value) ?? '') : ''),
    text: (value) => (needsText ? wireText(type, value) : ''),
  };
}

function passesOne({ equals, any, anyFailing }: Checks, key: SortKey, text: string): boolean {
  if (equals.has(key)) return true;
  for (const check of any) if (holds(check, key, text)) return true;
  for (const check of anyFailing) if (!holds(check, key, text)) return true;
  return false;
}

function passesList({ equals, any, anyFailing }: Checks, look: Look, values: readonly string[]): boolean {
  const subjects = values.map((value) => ({ key: look.key(value), text: look.text(value) }));
  const holdsForOne = (check: Check): boolean => subjects.some(({ key, text }) => holds(check, key, text));
  return (
    subjects.some(({ key }) => equals.has(key)) ||
    any.some(holdsForOne) ||
    anyFailing.some((check) => !holdsForOne(check))
  );
}

function holds(check: Check, key: SortKey, text: string): boolean {
  return check.kind === 'key' ? check.passes(key) : check.passes(text);
}

function equalKey(literal: string, field: FilterField): SortKey | InvalidLiteral {
  const { type } = field;
  const meant = meantBy(literal, field);
  if (field.enum !== undefined && !field.enum.includes(String(parseFieldText(type, meant)))) {
    return { kind: 'invalid-literal', literal: meant, expected: field.enum.join('|') };
  }
  return literalKey(type, meant);
}

function bindCheck(
  test: Exclude<Test, { readonly kind: 'unset' | 'equals' }>,
  field: FilterField,
): Check | InvalidLiteral {
  const { type, letterCase } = field;
  switch (test.kind) {
    case 'compares': {
      const bound = literalKey(type, meantBy(test.literal, field));
      if (isInvalid(bound)) return bound;
      const accepts = comparisons[test.operator];
      return { kind: 'key', passes: (key) => accepts(compareSortKeys(key, bound)) };
    }
    case 'within': {
      const least = literalKey(type, meantBy(test.low, field));
      const most = literalKey(type, meantBy(test.high, field));
      if (isInvalid(least)) return least;
      if (isInvalid(most)) return most;
      return {
        kind: 'key',
        passes: (key) => compareSortKeys(key, least) >= 0 && compareSortKeys(key, most) <= 0,
      };
    }
    case 'like': {
      const parts =
        type === 'keyword' ? test.parts.map(keyword) : test.parts.map((part) => inCase(part, letterCase));
      return { kind: 'text', passes: (text) => isLike(text, parts) };
    }
  }
}

/** The literal in the spelling in which the field's values are printed. */
function meantBy(literal: string, { canonical = (text) => text, letterCase }: FilterField): string {
  return inCase(canonical(literal), letterCase);
}

function inCase(text: string, letterCase: LetterCase | undefined): string {
  if (letterCase === undefined) return text;
  return letterCase === 'lower' ? text.toLowerCase() : text.toUpperCase();
}

const comparisons: Readonly<Record<Comparison, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function literalKey(type: FieldType, literal: string): SortKey | InvalidLiteral {
  const key = sortKey(type, parseFieldText(type, literal));
  // As a value any text is let stand, but to compare a range with what is none has no meaning.
  const isMeant = key !== undefined && (type !== 'range' || typeof key === 'number');
  return isMeant ? key : { kind: 'invalid-literal', literal, expected: expectedValue[type] };
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
