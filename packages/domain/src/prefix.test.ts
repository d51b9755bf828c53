import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress, parseAddress } from './ip-address.ts';
import {
  addressOf,
  containsAddress,
  formatPrefix,
  hostPrefix,
  isHostPrefix,
  networkOf,
  overlaps,
  parseNetmask,
  parsePrefix,
  prefixesEqual,
} from './prefix.ts';
import { anyPrefix } from './testing/arbitraries.ts';
import { prefix } from './testing/policies.ts';

describe('addresses', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['2402:0940::45', '2402:940::45'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::', '::'],
    ['::1', '::1'],
    ['::10.0.0.1', '::a00:1'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['::FFFF:a00:1', '::ffff:10.0.0.1'],
  ])('%s reads back as %s', (given, formatted) => {
    const address = parseAddress(given);
    expect(address && formatAddress(address)).toBe(formatted);
  });

  test.each([
    '',
    '010.1.1.1',
    '10.1.1',
    '10.1.1.256',
    '10.1.1.1 ',
    '0x0a.1.1.1',
    '10.1.1.1/24',
    'fe80::1%eth0',
    ':::',
    '1::2::3',
    'host',
  ])('%j is not an address', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

describe('prefixes', () => {
  test.each([
    '10.0.0.1',
    '/24',
    '10.0.0.1/',
    '10.0.0.1/33',
    '10.0.0.1/024',
    '10.0.0.1/-1',
    '::/129',
    '10.0.0.1/2/4',
  ])('%j is not a prefix', (text) => {
    expect(parsePrefix(text)).toBeUndefined();
  });

  test('a formatted prefix parses back to itself, host bits included', () => {
    fc.assert(
      fc.property(anyPrefix, (one) => {
        expect(parsePrefix(formatPrefix(one))).toEqual(one);
      }),
    );
  });

  test('host bits are cleared in the network and do not count in comparisons', () => {
    expect(formatPrefix(networkOf(prefix('192.168.0.63/24')))).toBe('192.168.0.0/24');
    expect(formatPrefix(networkOf(prefix('2001:db8::1/0')))).toBe('::/0');
    expect(prefixesEqual(prefix('192.168.0.63/24'), prefix('192.168.0.1/24'))).toBe(true);
    expect(prefixesEqual(prefix('192.168.0.0/24'), prefix('192.168.0.0/25'))).toBe(false);
    expect(prefixesEqual(prefix('0.0.0.0/0'), prefix('::/0'))).toBe(false);
  });

  test('two prefixes overlap exactly when one holds the network of the other, whichever comes first', () => {
    fc.assert(
      fc.property(anyPrefix, anyPrefix, fc.boolean(), (a, given, isNear) => {
        const b = isNear ? { ...a, length: Math.min(given.length, a.length) } : given;
        const contained =
          containsAddress(a, addressOf(networkOf(b))) || containsAddress(b, addressOf(networkOf(a)));
        expect(overlaps(a, b)).toBe(contained);
        expect(overlaps(b, a)).toBe(contained);
      }),
    );
  });

  test('a host prefix holds its address and not the next', () => {
    const host = hostPrefix(addressOf(prefix('10.0.0.1/24')));
    expect(isHostPrefix(host)).toBe(true);
    expect(containsAddress(host, addressOf(prefix('10.0.0.1/32')))).toBe(true);
    expect(containsAddress(host, addressOf(prefix('10.0.0.2/32')))).toBe(false);
    expect(containsAddress(host, addressOf(prefix('::a00:1/128')))).toBe(false);
  });
});

describe('netmasks', () => {
  test.each([
    ['24', 'ipv4', 24],
    ['0', 'ipv4', 0],
    ['32', 'ipv4', 32],
    ['255.255.0.0', 'ipv4', 16],
    ['255.255.255.255', 'ipv4', 32],
    ['0.0.0.0', 'ipv4', 0],
    ['128', 'ipv6', 128],
    ['64', 'ipv6', 64],
  ] as const)('%s for %s is a length of %i', (text, family, length) => {
    expect(parseNetmask(text, family)).toBe(length);
  });

  test.each([
    ['33', 'ipv4'],
    ['255.0.255.0', 'ipv4'],
    ['0.255.255.255', 'ipv4'],
    ['255.255.0', 'ipv4'],
    ['/24', 'ipv4'],
    ['', 'ipv4'],
    ['024', 'ipv4'],
    ['129', 'ipv6'],
    ['255.255.0.0', 'ipv6'],
    ['ffff::', 'ipv6'],
  ] as const)('%j for %s is refused', (text, family) => {
    expect(parseNetmask(text, family)).toBeUndefined();
  });
});
