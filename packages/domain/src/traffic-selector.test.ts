import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { networkOf } from './prefix.ts';
import { formatPort, formatProtocol } from './protocol.ts';
import { anySelector, smallWorldPackets, smallWorldSelectors } from './testing/arbitraries.ts';
import { packet, selector } from './testing/policies.ts';
import {
  matchesPacket,
  mismatchedField,
  protocolsOf,
  selectorKey,
  selectorsOverlap,
} from './traffic-selector.ts';

describe('matching', () => {
  const nfs = selector('10.0.0.0/24', '10.1.0.0/16', { protocol: 6, remotePort: 2049 });
  const tcp = { protocol: 6, localPort: 700, remotePort: 2049 };

  test.each([
    ['nothing', packet('10.0.0.9', '10.1.2.3', tcp), undefined],
    ['the local address', packet('10.0.1.9', '10.1.2.3', tcp), 'local address'],
    ['the remote address', packet('10.0.0.9', '10.2.2.3', tcp), 'remote address'],
    ['the protocol', packet('10.0.0.9', '10.1.2.3', { ...tcp, protocol: 17 }), 'protocol'],
    ['the remote port', packet('10.0.0.9', '10.1.2.3', { ...tcp, remotePort: 80 }), 'remote port'],
    ['a port nobody knows', packet('10.0.0.9', '10.1.2.3', { protocol: 6 }), 'remote port'],
    ['the family', packet('2001:db8::9', '2001:db8::1', tcp), 'local address'],
  ])('a packet may differ in %s', (_what, given, field) => {
    expect(mismatchedField(nfs, given)).toBe(field);
    expect(matchesPacket(nfs, given)).toBe(field === undefined);
  });

  test('sides go by role: swapped addresses are another packet', () => {
    expect(matchesPacket(nfs, packet('10.1.2.3', '10.0.0.9', tcp))).toBe(false);
  });

  test('a port with protocol any means TCP and UDP on that port, and nothing else', () => {
    const port80 = selector('10.0.0.1/32', '10.0.0.2/32', { localPort: 80 });
    const matched = [1, 6, 17, 132].filter((protocol) =>
      matchesPacket(port80, packet('10.0.0.1', '10.0.0.2', { protocol, localPort: 80, remotePort: 9 })),
    );
    expect(matched).toEqual([6, 17]);
    expect(protocolsOf(port80)).toEqual([6, 17]);
    expect(protocolsOf(selector('10.0.0.1/32', '10.0.0.2/32'))).toEqual([0]);
  });
});

describe('identity and overlap of selectors', () => {
  /** Which packets of the small world a selector matches, one bit each. */
  const packets = smallWorldPackets();
  const world = smallWorldSelectors().map((one) => ({
    selector: one,
    key: selectorKey(one),
    matched: packets.reduce((bits, given) => (bits << 1n) | BigInt(matchesPacket(one, given)), 0n),
  }));

  test('keys are equal exactly when the same packets match, for every pair of a small world', () => {
    const wrong = world.flatMap((a) => world.filter((b) => (a.key === b.key) !== (a.matched === b.matched)));
    expect(wrong).toEqual([]);
  });

  test('selectors overlap exactly when some packet matches both, for every pair of a small world', () => {
    const wrong = world.flatMap((a) =>
      world.filter((b) => selectorsOverlap(a.selector, b.selector) !== ((a.matched & b.matched) !== 0n)),
    );
    expect(wrong).toEqual([]);
  });

  test('host bits change neither the key nor what matches', () => {
    fc.assert(
      fc.property(anySelector, (one) => {
        const masked = { ...one, local: networkOf(one.local), remote: networkOf(one.remote) };
        expect(selectorKey(masked)).toBe(selectorKey(one));
        expect(selectorsOverlap(one, masked)).toBe(true);
      }),
    );
  });

  test('overlap is symmetric', () => {
    fc.assert(
      fc.property(anySelector, anySelector, (a, b) => selectorsOverlap(a, b) === selectorsOverlap(b, a)),
    );
  });
});

test('ports and protocols have one wire form each', () => {
  expect([0, 201].map(formatPort)).toEqual(['0-0', '201-201']);
  expect([0, 6, 17, 1, 58, 132].map(formatProtocol)).toEqual(['any', 'tcp', 'udp', '1', '58', '132']);
});
