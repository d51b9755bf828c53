import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseExpression } from '../../ontap/src/query/parse.ts';
import { conditionText } from './condition.ts';

it('any text stands for itself, whatever of it means something in queries', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab*|,!<>="{}.. ,null') }), (text) => {
      const equals = { kind: 'equals', literal: text };
      expect(parseExpression(conditionText('=', text))).toEqual([{ negated: false, test: equals }]);
      expect(parseExpression(conditionText('!=', text))).toEqual([{ negated: true, test: equals }]);
      const compares = { kind: 'compares', operator: '<=', literal: text };
      expect(parseExpression(conditionText('<=', text))).toEqual([{ negated: false, test: compares }]);
      const both = [equals, { kind: 'equals', literal: 'x' }].map((test) => ({ negated: false, test }));
      expect(parseExpression(conditionText('in', [text, 'x']))).toEqual(both);
      const within = { kind: 'within', low: text, high: '9' };
      expect(parseExpression(conditionText('between', [text, 9]))).toEqual([
        { negated: false, test: within },
      ]);
    }),
  );
});

it('only the star means something in a pattern', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom(...'ab|,!<>="{}.'), minLength: 1 })), (parts) => {
      const [parsed, ...more] = Array.from(
        Object.values(parseExpression(conditionText('like', ['', ...parts, 'z'].join('*')))),
      );
      expect(more).toEqual([]);
      expect(parsed).toEqual({ negated: false, test: { kind: 'like', parts: ['', ...parts, 'z'] } });
    }),
  );
});

it('dates are told in UTC, null as null, and nothing at all not', () => {
  expect(conditionText('<', new Date(0))).toBe('<1970-01-01T00:00:00.000Z');
  expect(conditionText('!=', null)).toBe('!null');
  expect(conditionText('=', 'null')).toBe('"null"');
  expect(conditionText('not like', 'nfs*')).toBe('!nfs*');
  expect(() => conditionText('in', [])).toThrow(TypeError);
});
