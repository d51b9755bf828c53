import type { Identity } from './identity.ts';
import type { Secret } from './secret.ts';
import type { TrafficSelector } from './traffic-selector.ts';

declare const policyUuid: unique symbol;
/** Names a policy for good, whatever its name becomes. */
export type PolicyUuid = string & { readonly [policyUuid]: true };

/** Whether the text is a UUID in the lower-case form we give out (RFC 9562 4). */
export function isPolicyUuid(text: string): text is PolicyUuid {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

/** What a policy does with a packet (ONTAP's `action`). The last two are RFC 4301's PROTECT. */
export const policyActions = ['bypass', 'discard', 'esp_transport', 'esp_udp'] as const;
export type PolicyAction = (typeof policyActions)[number];

/** Whether packets of such a policy leave and enter in ESP only. */
export function isProtecting(action: PolicyAction): action is 'esp_transport' | 'esp_udp' {
  return action === 'esp_transport' || action === 'esp_udp';
}

/** The cipher suites a policy may name (ONTAP's words; charon's proposals for them are the driver's). */
export const cipherSuites = ['suite_aescbc', 'suiteb_gcm256', 'suiteb_gmac256'] as const;
export type CipherSuite = (typeof cipherSuites)[number];

/** A pre-shared key that another has replaced and that is accepted a while longer, so that the remote can follow. */
export interface ReplacedKey {
  readonly psk: Secret;
  /** Epoch milliseconds at which it ends to be accepted. */
  readonly untilMs: number;
}

/** A post-quantum pre-shared key (RFC 8784), and the identity by which both peers mean the same one. */
export interface PostquantumKey {
  readonly identity: string;
  readonly key: Secret;
}

/** How the peers prove who they are. `none` belongs to bypass and discard. */
export type Authentication =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'psk';
      readonly psk: Secret;
      /** Keys that this one has replaced and that are still accepted, the latest first; never empty. */
      readonly replaced?: readonly ReplacedKey[];
      /** Mixed into the keys of the SAs, beside the proof that `psk` gives. */
      readonly postquantumKey?: PostquantumKey;
    }
  | {
      readonly kind: 'pki';
      /** The end-entity certificate that we show. */
      readonly certificate: Reference;
      /** Whether SAs that came up with one certificate outlive its change (ONTAP's `certificate_modify_keepsa`). */
      readonly keepsSas: boolean;
    };

/** Configured lifetimes of SAs; `ipsecBytes` 0 is no byte limit. */
export interface Lifetimes {
  readonly ikeSeconds: number;
  readonly ipsecSeconds: number;
  readonly ipsecBytes: number;
}

/** A named thing another resource refers to. */
export interface Reference {
  readonly uuid: string;
  readonly name: string;
}

/** To whom a policy belongs: an SVM, or the cluster (then it has an IPspace and no SVM). */
export type PolicyScope = { readonly kind: 'svm'; readonly svm: Reference } | { readonly kind: 'cluster' };

/** A policy as the user wants it, parsed and valid. */
export interface IpsecPolicy {
  readonly uuid: PolicyUuid;
  readonly name: string;
  readonly scope: PolicyScope;
  readonly ipspace: Reference;
  readonly enabled: boolean;
  readonly action: PolicyAction;
  readonly selector: TrafficSelector;
  readonly authentication: Authentication;
  readonly localIdentity?: Identity;
  readonly remoteIdentity?: Identity;
  readonly cipherSuite: CipherSuite;
  readonly lifetimes: Lifetimes;
  /**
   * Age among policies: the store revision at which it was created, unchanged by PATCH, so the older of two equal
   * selectors is known after any restart. Ties (one commit) fall back to the uuid.
   */
  readonly createdRevision: number;
}

/** Older first: by creation revision, and by uuid among policies of one commit. */
export function compareAge(a: IpsecPolicy, b: IpsecPolicy): number {
  return a.createdRevision - b.createdRevision || compareText(a.uuid, b.uuid);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
