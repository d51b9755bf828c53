import { expect, test } from 'vitest';
import { BoundedMap } from './bounded-map.ts';

test('a bounded map keeps the latest entries, and makes again what it forgot', () => {
  const map = new BoundedMap<number, string>(2);
  const made: number[] = [];
  const at = (key: number) =>
    map.getOrMake(key, () => {
      made.push(key);
      return `${key}`;
    });
  expect([at(1), at(2), at(1), at(3), at(2), at(1)]).toEqual(['1', '2', '1', '3', '2', '1']);
  expect(made).toEqual([1, 2, 3, 1]);
  expect(map.get(3)).toBe('3');
  expect(map.get(2)).toBeUndefined();
});
