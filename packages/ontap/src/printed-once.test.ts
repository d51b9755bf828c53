import { expect, test } from 'vitest';
import { printedOnce } from './printed-once.ts';

function printer() {
  const printed: string[] = [];
  const print = printedOnce(
    ({ name, owner }: { readonly name: object; readonly owner: object | undefined }) => {
      printed.push('again');
      return JSON.stringify({ name, owner });
    },
    ({ name, owner }) => [name, owner],
  );
  return { print, printed };
}

test('a row is printed once, and again as soon as any of its parts is another object', () => {
  const { print, printed } = printer();
  const name = { is: 'a' };
  const owner = { is: 'x' };
  expect(print({ name, owner })).toBe('{"name":{"is":"a"},"owner":{"is":"x"}}');
  expect(print({ name, owner })).toBe('{"name":{"is":"a"},"owner":{"is":"x"}}');
  expect(printed).toHaveLength(1);
  expect(print({ name, owner: undefined })).toBe('{"name":{"is":"a"}}');
  expect(print({ name, owner: { is: 'y' } })).toBe('{"name":{"is":"a"},"owner":{"is":"y"}}');
  expect(print({ name: { is: 'a' }, owner })).toBe('{"name":{"is":"a"},"owner":{"is":"x"}}');
  expect(printed).toHaveLength(4);
});

test('what was printed long ago is forgotten, not kept for ever', () => {
  const { print, printed } = printer();
  const rows = Array.from({ length: 10_000 }, (_, index) => ({ name: { index }, owner: undefined }));
  for (const row of rows) print(row);
  printed.length = 0;
  for (const row of rows) print(row);
  expect(printed).toHaveLength(rows.length);
});
