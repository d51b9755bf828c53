import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alternative, Expression, Test } from './expression.ts';
import { formatExpression } from './format.ts';
import { isSyntaxFault, parseExpression } from './parse.ts';

/** Texts made of what the grammar treats specially. */
const literal = fc.oneof(
  fc.string(),
  fc
    .array(fc.constantFrom('"', '{', '}', '*', '|', '!', '<', '>', '=', '..', '.', ',', 'null', 'a', ' '))
    .map((pieces) => pieces.join('')),
);
const nonEmpty = literal.filter((text) => text !== '');

const testArbitrary: fc.Arbitrary<Test> = fc.oneof(
  fc.constant<Test>({ kind: 'unset' }),
  literal.map((text): Test => ({ kind: 'equals', literal: text })),
  fc
    .tuple(fc.constantFrom('<', '<=', '>', '>='), literal)
    .map(([operator, text]): Test => ({ kind: 'compares', operator, literal: text })),
  fc.tuple(literal, literal).map(([low, high]): Test => ({ kind: 'within', low, high })),
  fc
    .tuple(literal, fc.array(nonEmpty, { maxLength: 3 }), literal)
    .map(([first, inner, last]): Test => ({ kind: 'like', parts: [first, ...inner, last] })),
);

const expressionArbitrary: fc.Arbitrary<Expression> = fc
  .array(fc.record({ negated: fc.boolean(), test: testArbitrary }), { minLength: 1, maxLength: 4 })
  .map((alternatives): Expression => {
    const [first, ...others] = alternatives;
    const fallback: Alternative = { negated: false, test: { kind: 'unset' } };
    return [first ?? fallback, ...others];
  });

describe('the query language', () => {
  const plain = (parsed: Test) => [{ negated: false, test: parsed }];

  test.each<[string, readonly Alternative[]]>([
    ['abc', plain({ kind: 'equals', literal: 'abc' })],
    ['a=b', plain({ kind: 'equals', literal: 'a=b' })],
    ['=b', plain({ kind: 'equals', literal: '=b' })],
    ['CN=a, O=b', plain({ kind: 'equals', literal: 'CN=a, O=b' })],
    ['2001:db8::1', plain({ kind: 'equals', literal: '2001:db8::1' })],
    ['<5', plain({ kind: 'compares', operator: '<', literal: '5' })],
    ['<=5', plain({ kind: 'compares', operator: '<=', literal: '5' })],
    ['>=5', plain({ kind: 'compares', operator: '>=', literal: '5' })],
    ['5..9', plain({ kind: 'within', low: '5', high: '9' })],
    ['abc*xyz', plain({ kind: 'like', parts: ['abc', 'xyz'] })],
    ['*a**b*', plain({ kind: 'like', parts: ['', 'a', 'b', ''] })],
    ['*', plain({ kind: 'like', parts: ['', ''] })],
    ['null', plain({ kind: 'unset' })],
    ['"null"', plain({ kind: 'equals', literal: 'null' })],
    ['""', plain({ kind: 'equals', literal: '' })],
    ['"joe*"', plain({ kind: 'equals', literal: 'joe*' })],
    ['{a|b}', plain({ kind: 'equals', literal: 'a|b' })],
    ['"a|b"c{"}', plain({ kind: 'equals', literal: 'a|bc"' })],
    ['"10*"*', plain({ kind: 'like', parts: ['10*', ''] })],
    ['!null', [{ negated: true, test: { kind: 'unset' } }]],
    ['!!a', plain({ kind: 'equals', literal: 'a' })],
    ['a!', plain({ kind: 'equals', literal: 'a!' })],
    [
      'a|!5..9|>100',
      [
        { negated: false, test: { kind: 'equals', literal: 'a' } },
        { negated: true, test: { kind: 'within', low: '5', high: '9' } },
        { negated: false, test: { kind: 'compares', operator: '>', literal: '100' } },
      ],
    ],
  ])('reads %s', (text, expected) => {
    expect(parseExpression(text)).toEqual(expected);
  });

  test.each([
    ['', 'missing-value'],
    ['!', 'missing-value'],
    ['a|', 'missing-value'],
    ['|a', 'missing-value'],
    ['<', 'missing-value'],
    ['..5', 'missing-value'],
    ['5..', 'missing-value'],
    ['"a', 'unreadable'],
    ['a|{b', 'unreadable'],
    ['<a*', 'unreadable'],
    ['<1..2', 'unreadable'],
    ['a*..b', 'unreadable'],
    ['1..2..3', 'unreadable'],
  ])('refuses "%s" as %s', (text, fault) => {
    expect(parseExpression(text)).toMatchObject({ kind: 'fault', fault });
  });

  test('formatting is the inverse of parsing', () => {
    fc.assert(
      fc.property(expressionArbitrary, (expression) => {
        expect(parseExpression(formatExpression(expression))).toEqual(expression);
      }),
      { numRuns: 2000 },
    );
  });

  test('any text is read the same after formatting, or refused', () => {
    fc.assert(
      fc.property(literal, (text) => {
        const expression = parseExpression(text);
        if (isSyntaxFault(expression)) return;
        expect(parseExpression(formatExpression(expression))).toEqual(expression);
      }),
      { numRuns: 2000 },
    );
  });
});
