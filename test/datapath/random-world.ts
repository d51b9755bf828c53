import type { Family } from '@esplanade/domain';

/** A small world, in which prefixes nest, touch and miss and most policies overlap with others. */
interface RandomWorld {
  /** Ours. */
  readonly locals: readonly string[];
  readonly remotes: readonly string[];
  readonly localLengths: readonly number[];
  readonly remoteLengths: readonly number[];
  readonly wildcard: string;
  readonly icmpProtocol: number;
  /** Echo and, for IPv6, neighbour discovery. */
  readonly icmpTypes: readonly number[];
}

/** Hosts come up more often than networks. The last remote is in no network but the wildcard. */
export const worlds: Readonly<Record<Family, RandomWorld>> = {
  ipv4: {
    locals: ['10.30.0.1', '10.30.0.2', '10.30.1.1'],
    remotes: ['10.30.0.66', '10.40.0.2', '10.40.0.3', '10.40.0.130', '192.0.2.9'],
    localLengths: [32, 32, 30, 24, 16, 8],
    remoteLengths: [32, 32, 32, 31, 25, 24, 16, 8],
    wildcard: '0.0.0.0',
    icmpProtocol: 1,
    icmpTypes: [0, 8, 13],
  },
  ipv6: {
    locals: ['fd30::1', 'fd30::2', 'fd30:0:0:1::1'],
    remotes: ['fd30::66', 'fd40::2', 'fd40::3', 'fd40::82', '2001:db8::9'],
    localLengths: [128, 128, 126, 64, 16, 8],
    remoteLengths: [128, 128, 128, 127, 121, 64, 16, 8],
    wildcard: '::',
    icmpProtocol: 58,
    icmpTypes: [128, 129, 133, 134, 135, 136, 137],
  },
};

/** Among them an ICMP and an ICMPv6 type, which the kernel keeps where ports are. */
export const selectorPorts = [8, 135, 445, 2049];

/** Ports of selectors, one that no selector names, and IKE's own. */
export const packetPorts = [...selectorPorts, 40_000, 500, 4500];
