import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FieldType, FieldValue } from '../resource.ts';
import { bindExpression } from './evaluate.ts';
import type { Expression } from './expression.ts';
import { formatExpression } from './format.ts';
import { isSyntaxFault, parseExpression } from './parse.ts';

function matches(type: FieldType, text: string, value: FieldValue): boolean {
  const expression = parseExpression(text);
  if (isSyntaxFault(expression)) throw new Error(`cannot read ${text}`);
  const predicate = bindExpression(expression, { type });
  if (typeof predicate !== 'function') throw new Error(`${predicate.literal} is no ${type}`);
  return predicate(value);
}

describe('one evaluator', () => {
  test.each<[FieldType, string, FieldValue, boolean]>([
    ['string', 'abc', 'abc', true],
    ['string', 'abc', 'ABC', false],
    ['string', 'ab', 'abc', false],
    ['string', 'a*c', 'ac', true],
    ['string', 'ab*bc', 'abc', false],
    ['string', 'a*b*c', 'a-c-b-c', true],
    ['string', '*b', 'ab', true],
    ['string', '>b', 'c', true],
    ['string', 'b..d', 'd', true],
    ['string', '!a*', 'b', true],
    ['string', 'x|y|a*', 'abc', true],
    ['integer', '064', 64, true],
    ['integer', '>9', 10, true],
    ['integer', '1KB', 1024, true],
    ['integer', '<=1kb', 1025, false],
    ['integer', '10..20', 20, true],
    ['integer', '-5..-1', -3, true],
    ['integer', '1*', 128, true],
    ['boolean', 'yes', true, true],
    ['boolean', 'OFF', false, true],
    ['boolean', '!true', false, true],
    ['counter', '9007199254740993', 9_007_199_254_740_993n, true],
    ['counter', '9007199254740992', 9_007_199_254_740_993n, false],
    ['counter', '>1PB', 2n ** 50n + 1n, true],
    ['address', '2001:DB8:0::1', '2001:db8::1', true],
    ['address', '::ffff:10.0.0.1', '::ffff:a00:1', true],
    ['address', '10.0.0.1', '::ffff:10.0.0.1', false],
    ['address', '>10.0.0.9', '10.0.0.10', true],
    ['address', '10.0.0.0..10.0.0.255', '10.0.0.77', true],
    ['address', '10.0.0.0..10.0.0.255', '10.0.1.0', false],
    ['address', '2001:db8::*', '2001:DB8:0:0::7', true],
    ['datetime', '2024-01-01T00:00:00Z', '2024-01-01T01:00:00+01:00', true],
    ['datetime', '>2024-01-01', '2024-01-01T00:00:01Z', true],
    ['datetime', '2024-01-01..2024-02-01', '2024-03-01T00:00:00Z', false],
    ['datetime', '2024-01-01T00:00', '2024-01-01T00:00:00Z', true],
    ['range', '201', '201-201', true],
    ['range', '201-201', '201-201', true],
    ['range', '0', '0-0', true],
    ['range', '>99', '201-201', true],
    ['range', '9..100', '24', true],
    ['strings', 'red', ['white', 'red'], true],
    ['strings', '!red', ['white', 'red'], false],
    ['strings', 'r*', ['white'], false],
  ])('%s field: %s against %o is %s', (type, text, value, expected) => {
    expect(matches(type, text, value)).toBe(expected);
  });

  test.each(['x', '!x', '*', '<x', '>x', 'a..z', '!null', '""', '!x|y'])(
    '%s passes no unset value',
    (text) => {
      expect(matches('string', text, undefined)).toBe(false);
    },
  );

  test.each(['null', '<x|null', '!!null'])('%s passes an unset value', (text) => {
    expect(matches('string', text, undefined)).toBe(true);
    expect(matches('string', 'null', 'x')).toBe(false);
  });

  test.each<[FieldType, string]>([
    ['range', 'abc'],
    ['range', '<abc'],
    ['range', '1..x'],
    ['datetime', '2024-02-30'],
    ['datetime', '2023-02-29T00:00:00Z'],
    ['datetime', '2024-13-01'],
    ['integer', '9007199254740992'],
    ['address', '>10.0.0.0/8'],
  ])('%s field: %s is no value of it', (type, text) => {
    expect(() => matches(type, text, undefined)).toThrow(`is no ${type}`);
  });

  test('an enumeration takes only its own values for equality, any text for order', () => {
    const bind = (text: string) => {
      const expression = parseExpression(text);
      return isSyntaxFault(expression)
        ? expression
        : bindExpression(expression, { type: 'string', enum: ['a', 'b'] });
    };
    expect(bind('c')).toEqual({ kind: 'invalid-literal', literal: 'c', expected: 'a|b' });
    expect(typeof bind('>c')).toBe('function');
  });
});

describe('against a naive model', () => {
  /** What the grammar says, said again without any of the evaluator's machinery. */
  function naive(expression: Expression, value: number | undefined): boolean {
    return expression.some(({ negated, test: one }) => {
      if (one.kind === 'unset') return (value === undefined) !== negated;
      if (value === undefined) return false;
      const holds = {
        equals: () => one.kind === 'equals' && value === Number(one.literal),
        compares: () => {
          if (one.kind !== 'compares') return false;
          const bound = Number(one.literal);
          if (one.operator === '<') return value < bound;
          if (one.operator === '<=') return value <= bound;
          return one.operator === '>' ? value > bound : value >= bound;
        },
        within: () => one.kind === 'within' && Number(one.low) <= value && value <= Number(one.high),
        like: () =>
          one.kind === 'like' &&
          new RegExp(`^${one.parts.map((part) => part.replace(/\W/g, '\\$&')).join('.*')}$`).test(`${value}`),
      };
      return holds[one.kind]() !== negated;
    });
  }

  const number = fc.integer({ min: -3, max: 12 });
  const text = number.map(String);
  const one = fc.oneof(
    fc.constant({ kind: 'unset' } as const),
    text.map((literal) => ({ kind: 'equals', literal }) as const),
    fc
      .tuple(fc.constantFrom('<', '<=', '>', '>='), text)
      .map(([operator, literal]) => ({ kind: 'compares', operator, literal }) as const),
    fc.tuple(text, text).map(([low, high]) => ({ kind: 'within', low, high }) as const),
    fc
      .tuple(fc.constantFrom('', '-', '1'), fc.constantFrom('', '1', '2'))
      .map((parts) => ({ kind: 'like', parts }) as const),
  );

  test('integers, counters, addresses and dates answer as plain numbers do', () => {
    const alternative = fc.record({ negated: fc.boolean(), test: one });
    fc.assert(
      fc.property(
        alternative,
        fc.array(alternative, { maxLength: 3 }),
        fc.option(number, { nil: undefined }),
        (first, others, value) => {
          const expression: Expression = [first, ...others];
          const written = formatExpression(expression);
          const expected = naive(expression, value);
          expect(matches('integer', written, value)).toBe(expected);
          expect(matches('counter', written, value === undefined ? undefined : BigInt(value))).toBe(expected);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

test.each(['C4C5', 'c4c5', '0xC4c5', 'c4*C5', 'C4C4..C4C5', '<=C4c5', '!C4c6'])(
  'letters that are printed in one case are found in either: %s',
  (text) => {
    const expression = parseExpression(text);
    if (isSyntaxFault(expression)) throw new Error(`cannot read ${text}`);
    const canonical = (literal: string) => literal.replace(/^0x/, '');
    for (const [letterCase, value, other] of [
      ['lower', 'c4c5', 'c4c6'],
      ['upper', 'C4C5', 'C4C6'],
    ] as const) {
      const predicate = bindExpression(expression, { type: 'string', canonical, letterCase });
      if (typeof predicate !== 'function') throw new Error(`${predicate.literal} is none`);
      expect(predicate(value)).toBe(true);
      expect(predicate(other)).toBe(false);
    }
  },
);
