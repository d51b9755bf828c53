import { isIP, SocketAddress } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressKey, canonicalAddress } from './address.ts';

describe('addresses', () => {
  test.each([
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::1', '::1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['::FFFF:A00:1', '::ffff:10.0.0.1'],
    ['fe80::', 'fe80::'],
    ['10.0.0.1', '10.0.0.1'],
    ['not:an:address', 'not:an:address'],
  ])('%s is printed %s', (given, printed) => {
    expect(canonicalAddress(given)).toBe(printed);
  });

  test('the same texts are addresses as for Node, and print as its inet_ntop does', () => {
    const digits = fc.constantFrom('', '0', '1', 'ff', 'a0b', '10000', '1.2.3.4', '256.1.1.1');
    const texts = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.array(digits, { maxLength: 10 }).map((all) => all.join(':')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(addressKey(text) !== undefined).toBe(isIP(text) !== 0);
        if (isIP(text) !== 6) return;
        const { address } = new SocketAddress({ address: text, family: 'ipv6' });
        // inet_ntop also prints the deprecated IPv4-compatible form; RFC 5952 does not ask for it.
        if (!/^::\d+\./.test(address)) expect(canonicalAddress(text)).toBe(address);
      }),
      { numRuns: 2000 },
    );
  });
});
