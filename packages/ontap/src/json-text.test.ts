import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonText, jsonLayout, printJson } from './json-text.ts';

const pretty = jsonLayout(true);
const oneLine = jsonLayout(false);

test('values are printed as JSON.stringify does, for people and on one line', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(printJson(value, oneLine)).toBe(JSON.stringify(value));
      expect(printJson(value, pretty)).toBe(JSON.stringify(value, undefined, 2));
    }),
  );
});

test('members that are undefined are left out', () => {
  expect(printJson({ a: undefined, b: 1 }, oneLine)).toBe('{"b":1}');
});

test('64 bits are printed digit by digit, and what is printed already as it is', () => {
  const value = { count: 18446744073709551615n, record: new JsonText('{"a":1}') };
  expect(printJson(value, oneLine)).toBe('{"count":18446744073709551615,"record":{"a":1}}');
});
