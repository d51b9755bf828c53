import {
  acceptedKeys,
  addressOf,
  type CipherSuite,
  effectiveIdentities,
  type Family,
  formatAddress,
  formatPrefix,
  type Identity,
  type IpsecPolicy,
  isHostPrefix,
  type Lifetimes,
  networkOf,
  type PolicyUuid,
  type PostquantumKey,
  type Prefix,
  type Secret,
  type SpdEntry,
  type TrafficSelector,
} from '@esplanade/domain';
import type { DatapathSettings } from '../datapath.ts';
import { digestOf, entryFingerprint, formFingerprint } from '../entry-fingerprint.ts';
import {
  childName,
  keyRingName,
  postquantumRingName,
  sharedConnectionName,
  shuntConnectionName,
} from './names.ts';
import { suiteProposals } from './proposals.ts';
import {
  blockConnection,
  type ChildSettings,
  type LoadableConnection,
  selectorSettings,
  shuntChild,
  shuntConnection,
} from './shunt-mapping.ts';

/** The pre-shared keys of a pair of identities. */
export interface KeyRing {
  readonly name: string;
  /** The identities that charon finds the keys by; without any they stand for every pair. */
  readonly owners: readonly string[];
  /** Every key that is accepted, the one that is meant to stay first. */
  readonly keys: readonly Secret[];
}

/** A post-quantum key (RFC 8784) as charon takes it. */
export interface LoadablePostquantumKey {
  readonly ringName: string;
  /** The PPK_ID: charon finds the key by nothing else. */
  readonly identity: string;
  readonly key: Secret;
}

/** An entry of the SPD as charon takes it. */
export interface CompiledEntry {
  readonly policyUuid: PolicyUuid;
  /** Of form and keys (`entryFingerprint`). */
  readonly fingerprint: string;
  /** The connection with this entry's child alone; the installer adds the children of siblings. */
  readonly connection: LoadableConnection;
  readonly childName: string;
  readonly child: ChildSettings;
  /** Absent for a bypass: there is nothing to keep from leaving in clear. */
  readonly block?: LoadableConnection;
  /** What only an entry that negotiates has. */
  readonly negotiation?: {
    readonly ring: KeyRing;
    /** What every IKE SA of the entry must have mixed in. */
    readonly postquantum?: LoadablePostquantumKey;
    readonly cipherSuite: CipherSuite;
    readonly lifetimes: Lifetimes;
    readonly selector: TrafficSelector;
    /** False where any of several remotes may be meant, so that only traffic can say which. */
    readonly canInitiate: boolean;
  };
}

/** Silence after which charon asks the remote whether it lives; without it a dead remote is never found out. */
const livenessCheckSeconds = 30;

/**
 * Charon's form of an entry, under the policy's `reqid`. Throws TypeError for an action that protects without
 * authentication, which validation lets nobody write.
 */
export function compileEntry(entry: SpdEntry, settings: DatapathSettings, reqid: number): CompiledEntry {
  const { policy } = entry;
  const form = { policyUuid: policy.uuid, fingerprint: formFingerprint(entry, settings) };
  const name = childName(form);
  const common = { policyUuid: policy.uuid, fingerprint: entryFingerprint(entry, settings), childName: name };
  switch (policy.action) {
    case 'bypass':
    case 'discard': {
      const mode = policy.action === 'bypass' ? 'pass' : 'drop';
      const child = shuntChild(mode, entry.priority, selectorSettings(policy.selector));
      const connection = shuntConnection(shuntConnectionName(form), { [name]: child });
      const shunt = { ...common, connection, child };
      return mode === 'pass' ? shunt : { ...shunt, block: blockConnection(policy.uuid, policy.selector) };
    }
    case 'esp_transport':
    case 'esp_udp': {
      const child = { ...espChild(entry, settings, name), reqid: String(reqid) };
      return {
        ...common,
        child,
        block: blockConnection(policy.uuid, policy.selector),
        ...sharedConnection(policy, { [name]: child }),
      };
    }
  }
}

type NegotiatedPart = Required<Pick<CompiledEntry, 'connection' | 'negotiation'>>;

/** The connection that all policies with the same IKE-level settings share (decision 3), named by a digest of them. */
function sharedConnection(policy: IpsecPolicy, children: LoadableConnection['children']): NegotiatedPart {
  const { authentication, selector, lifetimes, cipherSuite } = policy;
  if (authentication.kind !== 'psk') {
    throw new TypeError(`policy ${policy.uuid} protects without authentication`);
  }
  const identities = effectiveIdentities(policy);
  const endpoints = endpointAddresses(selector.local, selector.remote);
  const settings = {
    version: '2',
    local_addrs: endpoints.local,
    remote_addrs: endpoints.remote,
    proposals: [suiteProposals[cipherSuite].ike],
    ...ikeLifetime(lifetimes.ikeSeconds),
    dpd_delay: `${livenessCheckSeconds}s`,
    keyingtries: '1',
    // Two connections to one remote that come up in the same moment would each say that there is no other (RFC 7296, 2.4).
    unique: 'never',
    // The selectors name addresses, so an SA has no use elsewhere.
    mobike: 'no',
    encap: policy.action === 'esp_udp' ? 'yes' : 'no',
    ...postquantumSettings(authentication.postquantumKey),
    local: { auth: 'psk', ...localId(identities.local) },
    remote: { auth: 'psk', id: charonIdentity(identities.remote) },
  };
  const postquantum = loadablePostquantumKey(authentication.postquantumKey);
  const name = sharedConnectionName(
    digestOf(postquantum === undefined ? [settings] : [settings, postquantum.key.fingerprint]),
  );
  const local = { ...settings.local, ...unlikeAnyOtherConnection(name) };
  const owners = [identities.local, identities.remote].flatMap((identity) =>
    identity.kind === 'any' ? [] : [identity.text],
  );
  const ring = { name: keyRingName(digestOf(owners)), owners, keys: acceptedKeys(authentication) };
  const canInitiate = isHostPrefix(selector.local) && isHostPrefix(selector.remote);
  return {
    connection: { name, settings: { ...settings, local }, children },
    negotiation: { ring, ...(postquantum && { postquantum }), cipherSuite, lifetimes, selector, canInitiate },
  };
}

/** Without it being required, charon would do without where the remote has none. */
function postquantumSettings(
  key: PostquantumKey | undefined,
): Partial<Record<'ppk_id' | 'ppk_required', string>> {
  return key === undefined ? {} : { ppk_id: key.identity, ppk_required: 'yes' };
}

function loadablePostquantumKey(postquantum: PostquantumKey | undefined): LoadablePostquantumKey | undefined {
  if (postquantum === undefined) return undefined;
  const { identity, key } = postquantum;
  return { ringName: postquantumRingName(digestOf([identity])), identity, key };
}

/**
 * IKE's own endpoints. A network makes charon take them from the packet that needs the SA; it does that for both ends
 * or neither, so beside a local network a remote host is written as a network too.
 */
function endpointAddresses(
  local: Prefix,
  remote: Prefix,
): { readonly local: readonly string[]; readonly remote: readonly string[] } {
  if (isHostPrefix(local) && isHostPrefix(remote)) {
    return { local: [formatAddress(addressOf(local))], remote: [formatAddress(addressOf(remote))] };
  }
  const localAddresses = isHostPrefix(local)
    ? [formatAddress(addressOf(local))]
    : [formatPrefix(networkOf(local))];
  return { local: localAddresses, remote: [formatPrefix(networkOf(remote)), ...anyOf(remote.family)] };
}

// Of a connection that names networks only, charon thinks it is about IPv4.
function anyOf(family: Family): readonly string[] {
  return family === 'ipv6' ? ['%any6'] : [];
}

function charonIdentity(identity: Identity): string {
  return identity.kind === 'any' ? '%any' : identity.text;
}

// Without an id charon claims the address the IKE SA runs on.
function localId(identity: Identity): { readonly id?: string } {
  return identity.kind === 'any' ? {} : { id: identity.text };
}

/**
 * Charon puts a new CHILD SA on any IKE SA whose connection has settings that it compares as equal, whatever its name; not
 * all settings enter that comparison. An EAP identity does, and with pre-shared keys has no other effect.
 */
function unlikeAnyOtherConnection(name: string): { readonly eap_id: string } {
  return { eap_id: name };
}

const rekeyShare = 0.9;

/** Rekeys in the last tenth, at a random moment so that the two ends rarely do it at once. */
function ikeLifetime(
  seconds: number,
): Record<'rekey_time' | 'over_time' | 'rand_time' | 'reauth_time', string> {
  const rekey = Math.ceil(seconds * rekeyShare);
  const rest = `${seconds - rekey}s`;
  return { rekey_time: `${rekey}s`, over_time: rest, rand_time: rest, reauth_time: '0s' };
}

function espChild({ policy, priority }: SpdEntry, settings: DatapathSettings, name: string): ChildSettings {
  const { ipsecSeconds, ipsecBytes } = policy.lifetimes;
  const rekey = Math.ceil(ipsecSeconds * rekeyShare);
  return {
    mode: 'transport',
    start_action: 'trap',
    priority: String(priority),
    ...selectorSettings(policy.selector),
    esp_proposals: [suiteProposals[policy.cipherSuite].esp],
    replay_window: String(settings.replayWindow),
    life_time: `${ipsecSeconds}s`,
    rekey_time: `${rekey}s`,
    rand_time: `${ipsecSeconds - rekey}s`,
    ...byteLifetime(ipsecBytes),
    ...unlikeAnyOtherChild(name),
  };
}

function byteLifetime(bytes: number): { readonly [name: string]: string } {
  if (bytes === 0) return {};
  const rekey = Math.ceil(bytes * rekeyShare);
  return {
    life_bytes: String(bytes),
    rekey_bytes: String(rekey),
    rand_bytes: String(Math.floor((bytes - rekey) / 2)),
  };
}

/**
 * Charon takes children with equal settings for one whatever their names, and then leaves the wrong trap behind when a
 * policy follows another with the same selector. A packet limit far beyond what ESP can count (2^32 packets, RFC 4303
 * 3.3.3) tells them apart and never takes effect.
 */
function unlikeAnyOtherChild(name: string): { readonly [name: string]: string } {
  const limit = (1n << 62n) + BigInt(`0x${digestOf([name])}`);
  return { life_packets: String(limit), rekey_packets: '0', rand_packets: '0' };
}
