import { expect, it } from 'vitest';
import { takeExtendedQuery } from './extended-query.ts';

it.each([
  ['{-action BYPASS} -force', ['-action', 'BYPASS'], ['-force']],
  ['{ -action BYPASS } -force', ['-action', 'BYPASS'], ['-force']],
  ['{-name {a*}|b -is-enabled false} x', ['-name', '{a*}|b', '-is-enabled', 'false'], ['x']],
  ['{}', [], []],
  ['{-action ?', ['-action', '?'], []],
])('%s is a query and what comes behind it', (line, query, rest) => {
  expect(takeExtendedQuery(line.split(' '))).toEqual([query, rest]);
});

it.each(['{-action', '{-action BYPASS -force', '{-action BYPASS}x'])('%s is none', (line) => {
  expect(() => takeExtendedQuery(line.split(' '))).toThrow(/brace|braces/);
});

it.each([
  ['{-action BYPASS}', ['-action', 'BYPASS']],
  ['{ -name "a b" -action BYPASS }', ['-name', 'a b', '-action', 'BYPASS']],
])('%s may be one word, as in quotes of a shell', (word, query) => {
  expect(takeExtendedQuery([word, '-force'])).toEqual([query, ['-force']]);
});

it('of one word has its quotes closed', () => {
  expect(() => takeExtendedQuery(['{-name "a b}'])).toThrow(
    'A quote in the braces of the query is not closed.',
  );
});
