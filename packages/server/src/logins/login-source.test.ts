import { expect, it } from 'vitest';
import { sourceOf } from './login-source.ts';

it.each([
  ['192.0.2.1', '::ffff:192.0.2.1'],
  ['2001:db8::1', '2001:db8:0:0:ffff:ffff:ffff:ffff'],
  ['fe80::1%eth0', 'fe80::2%eth1'],
  [undefined, 'nonsense'],
])('%s and %s are one source', (one, other) => {
  expect(sourceOf(one)).toBe(sourceOf(other));
});

it.each([
  ['192.0.2.1', '192.0.2.2'],
  ['2001:db8::1', '2001:db8:0:1::1'],
  ['0.0.0.1', '0:0:0:1::'],
])('%s and %s are two', (one, other) => {
  expect(sourceOf(one)).not.toBe(sourceOf(other));
});
