import { describe, expect, it } from 'vitest';
import { describePacket, parseFrame, plaintextOf } from './packet.ts';

const ethernet = (etherType: string): string => `${'00'.repeat(12)}${etherType}`;
const ipv4 = (protocol: string, payload: string, fragment = '0000'): Buffer =>
  Buffer.from(`${ethernet('0800')}4500003c0000${fragment}40${protocol}00000a0900010a090002${payload}`, 'hex');
const fd00 = (last: string): string => `fd000009${'0'.repeat(20)}${last}`;
const ipv6 = (next: string, payload: string): Buffer =>
  Buffer.from(`${ethernet('86dd')}600000000020${next}40${fd00('0001')}${fd00('0002')}${payload}`, 'hex');

describe('a frame', () => {
  it.each([
    ['ESP', ipv4('32', 'c1234567000000070000'), '10.9.0.1 > 10.9.0.2 ESP spi c1234567 seq 7'],
    [
      'ESP in UDP',
      ipv4('11', '1194119400200000c123456700000007'),
      '10.9.0.1 > 10.9.0.2 UDP-encapsulated ESP spi c1234567 seq 7',
    ],
    ['IKE', ipv4('11', '01f401f400200000aabbccdd00000000'), '10.9.0.1 > 10.9.0.2 IKE'],
    ['IKE on the NAT port', ipv4('11', '119411940020000000000000aabbccdd'), '10.9.0.1 > 10.9.0.2 IKE'],
    ['a NAT keepalive', ipv4('11', '1194119400090000ff'), '10.9.0.1 > 10.9.0.2 IKE'],
    ['TCP', ipv4('06', '9c40080100000000'), '10.9.0.1 > 10.9.0.2 PLAIN protocol 6 ports 40000 > 2049'],
    [
      'a later fragment',
      ipv4('06', '9c40080100000000', '0010'),
      '10.9.0.1 > 10.9.0.2 PLAIN protocol 6 ports 0 > 0',
    ],
    ['a ping', ipv4('01', '0800000000000000'), '10.9.0.1 > 10.9.0.2 PLAIN protocol 1 ports 0 > 0'],
    ['ESP over IPv6', ipv6('32', 'c12345670000000900'), 'fd00:9::1 > fd00:9::2 ESP spi c1234567 seq 9'],
    [
      'neighbour solicitation',
      ipv6('3a', '8700000000000000'),
      'fd00:9::1 > fd00:9::2 neighbour discovery 135',
    ],
    [
      'a ping over IPv6',
      ipv6('3a', '8000000000000000'),
      'fd00:9::1 > fd00:9::2 PLAIN protocol 58 ports 0 > 0',
    ],
    [
      'ESP behind hop-by-hop options',
      ipv6('00', `3200${'00'.repeat(6)}c123456700000009`),
      'fd00:9::1 > fd00:9::2 ESP spi c1234567 seq 9',
    ],
    ['ARP', Buffer.from(`${ethernet('0806')}0001`, 'hex'), 'ethertype 0x806'],
  ])('with %s is told apart', (_, frame, description) => {
    expect(describePacket(parseFrame(frame, 0))).toBe(description);
  });
});

describe('plaintext of a conversation', () => {
  const packets = [
    ipv4('06', '9c40080100000000'),
    ipv4('32', 'c1234567000000070000'),
    ipv4('01', '0800000000000000'),
  ].map((frame) => parseFrame(frame, 0));

  it('counts both directions and no ESP', () => {
    expect(plaintextOf(packets, { between: ['10.9.0.2', '10.9.0.1'] })).toHaveLength(2);
  });

  it('is narrowed by protocol and port', () => {
    expect(plaintextOf(packets, { between: ['10.9.0.1', '10.9.0.2'], protocol: 6, port: 2049 })).toHaveLength(
      1,
    );
    expect(plaintextOf(packets, { between: ['10.9.0.1', '10.9.0.2'], protocol: 6, port: 445 })).toHaveLength(
      0,
    );
  });

  it('is only between those addresses', () => {
    expect(plaintextOf(packets, { between: ['10.9.0.1', '10.9.0.3'] })).toHaveLength(0);
  });
});
