import type { Family } from './ip-address.ts';
import { neighbourDiscoveryPriority } from './priority.ts';
import { protocols } from './protocol.ts';
import { isToOneself } from './to-oneself.ts';
import type { Packet, SelectorField } from './traffic-selector.ts';

/** A bypass that stands above all policies of every IPspace, whatever the user wrote: IPsec needs it, or Linux is so. */
export interface ImpliedEntry {
  readonly name: 'ike' | 'ipv4-to-oneself' | 'ipv6-neighbour-discovery';
  readonly priority: number;
  readonly family: Family | 'any';
  readonly protocol: number | 'any';
  /** Only packets that a host sends to itself. */
  readonly toOneself?: true;
  /** Ports of ours it is about; absent is any. */
  readonly localPorts?: readonly number[];
  readonly icmpTypes?: readonly number[];
}

/** IKE's own UDP ports (RFC 7296 2): plain, and with NAT traversal or UDP-encapsulated ESP (RFC 3948). */
export const ikePorts = [500, 4500] as const;

/** Router and neighbour solicitations and advertisements, and redirect (RFC 4861). */
export const neighbourDiscoveryTypes = [133, 134, 135, 136, 137] as const;

/**
 * The entries above all policies, in order. IKE's comes from a policy on the daemon's own sockets, which the kernel
 * asks before its SPD, hence 0; the loopback device, over which a host's own packets go, has IPv4's SPD turned off
 * (`disable_xfrm`, `disable_policy`), hence 0 too. IPv6 has no such setting, and its policies are asked.
 */
export const impliedEntries: readonly ImpliedEntry[] = [
  { name: 'ike', priority: 0, family: 'any', protocol: protocols.udp, localPorts: ikePorts },
  { name: 'ipv4-to-oneself', priority: 0, family: 'ipv4', protocol: 'any', toOneself: true },
  {
    name: 'ipv6-neighbour-discovery',
    priority: neighbourDiscoveryPriority,
    family: 'ipv6',
    protocol: protocols.icmpv6,
    icmpTypes: neighbourDiscoveryTypes,
  },
];

/** The first part of the implied entry that the packet fails, `undefined` when it matches. */
export function impliedMismatch(entry: ImpliedEntry, packet: Packet): SelectorField | undefined {
  if (entry.family !== 'any' && entry.family !== packet.localAddress.family) return 'local address';
  if (entry.toOneself && !isToOneself(packet)) return 'remote address';
  if (entry.protocol !== 'any' && entry.protocol !== packet.protocol) return 'protocol';
  if (!isAmong(entry.localPorts, packet.localPort)) return 'local port';
  if (!isAmong(entry.icmpTypes, packet.icmpType)) return 'icmp type';
  return undefined;
}

function isAmong(wanted: readonly number[] | undefined, given: number | undefined): boolean {
  return wanted === undefined || (given !== undefined && wanted.includes(given));
}
