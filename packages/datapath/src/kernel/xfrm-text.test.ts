import { describe, expect, it } from 'vitest';
import { parseKernelPolicy, parseKernelState, parseProtocolNames, xfrmRecords } from './xfrm-text.ts';

/** What iproute2 6.1 printed. */
const printed = `src fd00::/64 dst ::/0 proto 99 
	dir out action block priority 80000 ptype main 
src 10.9.3.0/24 dst 10.9.0.1/32 proto udplite dport 9 
	dir fwd action block priority 80000 ptype main 
src 10.9.0.1/32 dst 10.9.0.2/32 proto udp dport 201 
	dir out priority 90000 ptype main 
	tmpl src 0.0.0.0 dst 0.0.0.0
		proto esp reqid 1 mode transport
src ::/0 dst ::/0 proto ipv6-icmp type 135 
	dir in priority 1 ptype main 
	mark 0/0x80000000 
`;
const withStatistics = `src 10.9.0.1/32 dst 10.9.3.0/24 proto sctp sport 77 uid 0
	dir out action block index 297 priority 80000 ptype main share any flag  (0x00000000)
	lifetime config:
	  limit: soft (INF)(bytes), hard (INF)(bytes)
`;
const names = parseProtocolNames(`ip	0	IP		# internet protocol, pseudo protocol number
udp	17	UDP
# a comment
ipv6-icmp 58	IPv6-ICMP
sctp	132	SCTP		# Stream Control Transmission Protocol
udplite	136	UDPLite
`);

describe('a policy as ip xfrm prints it', () => {
  it('is read with its selector, priority, action and mark', () => {
    expect(xfrmRecords(printed).map((record) => parseKernelPolicy(record, names))).toEqual([
      {
        direction: 'out',
        source: 'fd00::/64',
        destination: '::/0',
        protocol: 99,
        priority: 80_000,
        action: 'block',
        isProtect: false,
      },
      {
        direction: 'fwd',
        source: '10.9.3.0/24',
        destination: '10.9.0.1/32',
        protocol: 136,
        destinationPort: 9,
        priority: 80_000,
        action: 'block',
        isProtect: false,
      },
      {
        direction: 'out',
        source: '10.9.0.1/32',
        destination: '10.9.0.2/32',
        protocol: 17,
        destinationPort: 201,
        priority: 90_000,
        action: 'allow',
        isProtect: true,
      },
      {
        direction: 'in',
        source: '::/0',
        destination: '::/0',
        protocol: 58,
        sourcePort: 135,
        priority: 1,
        action: 'allow',
        isProtect: false,
        mark: '0/0x80000000',
      },
    ]);
  });

  it('is read with statistics too', () => {
    expect(xfrmRecords(withStatistics).map((record) => parseKernelPolicy(record, names))).toMatchObject([
      { direction: 'out', protocol: 132, sourcePort: 77, priority: 80_000, action: 'block' },
    ]);
  });

  it('is refused when its protocol has a name that nobody knows', () => {
    expect(() => parseKernelPolicy(printed, new Map())).not.toThrow();
    expect(() => parseKernelPolicy(withStatistics, new Map())).toThrow(TypeError);
  });
});

describe('an SA as ip xfrm prints it', () => {
  it('is read without anything of its keys, also where they are printed', () => {
    const state = `src 10.9.0.1 dst 10.9.0.2
	proto esp spi 0xc1234567 reqid 1 mode transport
	replay-window 0 
	aead rfc4106(gcm(aes)) 0x00112233445566778899aabbccddeeff00112233 128
`;
    expect(xfrmRecords(state).map(parseKernelState)).toEqual([
      { source: '10.9.0.1', destination: '10.9.0.2', protocol: 'esp', spi: 'c1234567', isLarval: false },
    ]);
  });

  it('is told from a larval one, also where that has the SPI of an SA that is gone', () => {
    const state = `src 10.9.0.1 dst 10.9.0.2
	proto esp spi 0xc1234567 reqid 1 mode transport
	replay-window 0 
	sel src 10.9.0.1/32 dst 10.9.0.2/32 proto udp sport 52384 dport 4001 
`;
    expect(xfrmRecords(state).map(parseKernelState)).toMatchObject([{ spi: 'c1234567', isLarval: true }]);
  });
});
