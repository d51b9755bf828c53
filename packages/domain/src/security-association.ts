import type { CipherSuite, PolicyUuid } from './policy.ts';

declare const spi: unique symbol;
/** Lower-case hex without prefix: 16 digits for IKE (RFC 7296 3.1), 8 for ESP (RFC 4303 2.1). */
export type Spi = string & { readonly [spi]: true };

export type IkeSaState = 'none' | 'connecting' | 'established' | 'dead_peer_probe';

/** States of a CHILD SA as ONTAP's CLI words them in lower case; `unknown` is what we could not map. */
export type ChildSaState =
  | 'created'
  | 'routed'
  | 'installing'
  | 'installed'
  | 'updating'
  | 'rekeying'
  | 'rekeyed'
  | 'retrying'
  | 'deleting'
  | 'deleted'
  | 'destroying'
  | 'unknown';

interface SecurityAssociationBase {
  /** Name-based on node, IPspace, kind, our address and our SPI: stable across our restarts. */
  readonly uuid: string;
  /** The policy it carries (IKE: the policy that brought it up); absent when none of ours is known for it. */
  readonly policyUuid?: PolicyUuid;
  /** Name of the charon connection or child when the SA is not one of ours. */
  readonly foreignName?: string;
  readonly localAddress: string;
  readonly remoteAddress: string;
  /** Configured lifetime in seconds, where the configuration is known; else what remained at observation. */
  readonly lifetimeSeconds: number;
  readonly cipherSuite?: CipherSuite;
}

/** One IKE SA (RFC 7296). */
export interface IkeSa extends SecurityAssociationBase {
  readonly kind: 'ike';
  readonly ikeVersion: number;
  readonly state: IkeSaState;
  readonly authentication: 'none' | 'psk' | 'cert';
  readonly isInitiator: boolean;
  readonly initiatorSpi: Spi;
  readonly responderSpi: Spi;
  readonly localIdentity?: string;
  readonly remoteIdentity?: string;
}

/** One direction of a CHILD SA (RFC 4301 4.1: an SA is simplex). */
export interface SaDirection {
  readonly spi: Spi;
  readonly bytes: bigint;
  readonly packets: bigint;
}

/** A CHILD SA: the pair of one-way ESP SAs that one negotiation made (RFC 7296 1.3). */
export interface ChildSa extends SecurityAssociationBase {
  readonly kind: 'ipsec';
  readonly state: ChildSaState;
  readonly action: 'esp_transport' | 'esp_udp';
  readonly mode: 'transport' | 'tunnel';
  /** The anti-replay window it came up with, in packets, where that is known: a change of the setting leaves it. */
  readonly replayWindow?: number;
  readonly inbound: SaDirection;
  readonly outbound: SaDirection;
  /** uuid of the IKE SA it hangs on. */
  readonly ikeUuid: string;
}

export type SecurityAssociation = IkeSa | ChildSa;
