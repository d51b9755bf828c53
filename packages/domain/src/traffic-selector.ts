import type { Family, Prefix } from './prefix.ts';

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
