import { expect, it } from 'vitest';
import { networkOf, sourceOf } from './login-source.ts';

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

it('all sources of a /48 are of one network, and each IPv4 address is one', () => {
  expect(networkOf('2001:db8:0:1::1')).toBe(networkOf('2001:db8:0:ffff::1'));
  expect(networkOf('2001:db8:1::1')).not.toBe(networkOf('2001:db8::1'));
  expect(networkOf('::ffff:192.0.2.1')).toBe(sourceOf('192.0.2.1'));
});
