import type { Family, IpAddress } from './ip-address.ts';
import { containsAddress, formatPrefix, networkOf, overlaps, type Prefix } from './prefix.ts';
import { protocols } from './protocol.ts';

/**
 * What a policy is about (RFC 4301 4.4.1.1): one family, a prefix on each side, one IP protocol or any (0), and one
 * port or any (0) on each side. A port with protocol `any` means TCP and UDP on that port, never protocol 0 with a port.
 */
export interface TrafficSelector {
  readonly family: Family;
  readonly local: Prefix;
  readonly remote: Prefix;
  /** IP protocol number; 0 is any. */
  readonly protocol: number;
  /** 0 is any. */
  readonly localPort: number;
  /** 0 is any. */
  readonly remotePort: number;
}

/**
 * A packet as the SPD sees it: by role, so one value stands for what we send and for what we receive. Ports are absent
 * where the protocol has none; `icmpType` is present for ICMP and ICMPv6.
 */
export interface Packet {
  readonly localAddress: IpAddress;
  readonly remoteAddress: IpAddress;
  /** IP protocol number. */
  readonly protocol: number;
  readonly localPort?: number;
  readonly remotePort?: number;
  readonly icmpType?: number;
}

/** The part of a selector that a packet may fail. */
export type SelectorField =
  | 'local address'
  | 'remote address'
  | 'protocol'
  | 'local port'
  | 'remote port'
  | 'icmp type';

/**
 * Canonical text of a selector, prefixes masked: equal exactly for selectors that match the same packets. For maps and
 * uniqueness, not for people.
 */
export function selectorKey(selector: TrafficSelector): string {
  const local = formatPrefix(networkOf(selector.local));
  const remote = formatPrefix(networkOf(selector.remote));
  return `${local} ${selector.localPort} ${remote} ${selector.remotePort} ${selector.protocol}`;
}

/** Whether some packet matches both. */
export function selectorsOverlap(a: TrafficSelector, b: TrafficSelector): boolean {
  return (
    overlaps(a.local, b.local) &&
    overlaps(a.remote, b.remote) &&
    protocolsOverlap(a, b) &&
    numbersOverlap(a.localPort, b.localPort) &&
    numbersOverlap(a.remotePort, b.remotePort)
  );
}

/** Whether the packet is what the selector is about. */
export function matchesPacket(selector: TrafficSelector, packet: Packet): boolean {
  return mismatchedField(selector, packet) === undefined;
}

/**
 * The first part of the selector that the packet fails, `undefined` when it matches. A port we do not know fails a
 * named one.
 */
export function mismatchedField(selector: TrafficSelector, packet: Packet): SelectorField | undefined {
  if (!containsAddress(selector.local, packet.localAddress)) return 'local address';
  if (!containsAddress(selector.remote, packet.remoteAddress)) return 'remote address';
  if (!protocolMatches(selector, packet.protocol)) return 'protocol';
  if (selector.localPort !== 0 && selector.localPort !== packet.localPort) return 'local port';
  if (selector.remotePort !== 0 && selector.remotePort !== packet.remotePort) return 'remote port';
  return undefined;
}

/**
 * The single protocols that kernel entries for this selector must name: TCP and UDP for a port with protocol any
 * (a protocol-0 entry with a port would take ICMP types for ports), else the selector's own, where 0 is any.
 */
export function protocolsOf(selector: TrafficSelector): readonly number[] {
  const namesPort = selector.localPort !== 0 || selector.remotePort !== 0;
  if (selector.protocol === protocols.any && namesPort) return [protocols.tcp, protocols.udp];
  return [selector.protocol];
}

function protocolMatches(selector: TrafficSelector, protocol: number): boolean {
  return protocolsOf(selector).some((one) => one === protocols.any || one === protocol);
}

function protocolsOverlap(a: TrafficSelector, b: TrafficSelector): boolean {
  return protocolsOf(a).some((one) => protocolsOf(b).some((other) => numbersOverlap(one, other)));
}

function numbersOverlap(a: number, b: number): boolean {
  return a === 0 || b === 0 || a === b;
}
