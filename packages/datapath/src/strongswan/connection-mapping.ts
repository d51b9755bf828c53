import {
  addressOf,
  type CipherSuite,
  type Family,
  formatAddress,
  formatPrefix,
  isHostPrefix,
  type Lifetimes,
  networkOf,
  type PkiCredentials,
  type PolicyUuid,
  type Prefix,
  type TrafficSelector,
} from '@esplanade/domain';
import type { DatapathEntry, DatapathSettings } from '../datapath.ts';
import { digestOf, entryFingerprint, formFingerprint } from '../entry-fingerprint.ts';
import { childName, type NamedForm, shuntConnectionName } from './names.ts';
import {
  type KeyRing,
  type LoadablePostquantumKey,
  type Proof,
  proofByCertificate,
  proofByKey,
} from './proof-mapping.ts';
import { suiteProposals } from './proposals.ts';
import {
  blockConnection,
  type ChildSettings,
  type LoadableConnection,
  selectorSettings,
  shuntChild,
  shuntConnection,
} from './shunt-mapping.ts';

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
    readonly ring?: KeyRing;
    /** What every IKE SA of the entry must have mixed in. */
    readonly postquantum?: LoadablePostquantumKey;
    /** What must be loaded of certificates and keys. */
    readonly credentials?: PkiCredentials;
    /** Whether SAs outlive another certificate of ours. */
    readonly keepsSas: boolean;
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
export function compileEntry(entry: DatapathEntry, settings: DatapathSettings, reqid: number): CompiledEntry {
  const { policy } = entry;
  const form = { policyUuid: policy.uuid, fingerprint: formFingerprint(entry, settings) };
  const name = childName(form);
  const common = { policyUuid: policy.uuid, fingerprint: entryFingerprint(entry, settings), childName: name };
  switch (policy.action) {
    case 'bypass':
      return { ...common, ...shunt('pass', entry, form) };
    case 'discard':
      return { ...common, ...shunt('drop', entry, form) };
    case 'esp_transport':
    case 'esp_udp': {
      // Whoever believes nobody lets nobody in; a connection that names no CA would believe anybody's.
      if (entry.credentials?.trust.anchors.length === 0) return { ...common, ...shunt('drop', entry, form) };
      const child = { ...espChild(entry, settings, name), reqid: String(reqid) };
      return {
        ...common,
        child,
        block: blockConnection(policy.uuid, policy.selector),
        ...sharedConnection(entry, { [name]: child }),
      };
    }
  }
}

/** What passes or keeps back all traffic of an entry, without IKE. */
export function shunt(
  mode: 'pass' | 'drop',
  { policy, priority }: DatapathEntry,
  form: NamedForm,
): Pick<CompiledEntry, 'connection' | 'child' | 'block'> {
  const child = shuntChild(mode, priority, selectorSettings(policy.selector));
  const connection = shuntConnection(shuntConnectionName(form), { [childName(form)]: child });
  const block = mode === 'pass' ? undefined : blockConnection(policy.uuid, policy.selector);
  return { connection, child, ...(block && { block }) };
}

type NegotiatedPart = Required<Pick<CompiledEntry, 'connection' | 'negotiation'>>;

/** The connection that all policies with the same IKE-level settings share (decision 3), named by a digest of them. */
function sharedConnection(entry: DatapathEntry, children: LoadableConnection['children']): NegotiatedPart {
  const { policy } = entry;
  const { selector, lifetimes, cipherSuite } = policy;
  const proof = proofOf(entry);
  const keepsSas = policy.authentication.kind === 'pki' && policy.authentication.keepsSas;
  const endpoints = endpointAddresses(selector.local, selector.remote);
  const settings = {
    version: '2',
    local_addrs: endpoints.local,
    remote_addrs: endpoints.remote,
    proposals: [suiteProposals[cipherSuite].ike],
    ...ikeLifetime(lifetimes.ikeSeconds),
    dpd_delay: `${livenessCheckSeconds}s`,
    keyingtries: '1',
    // Two connections to one remote that come up in the same moment would each say that there is no other (RFC 7296,
    // 2.4).
    unique: 'never',
    // The selectors name addresses, so an SA has no use elsewhere.
    mobike: 'no',
    encap: policy.action === 'esp_udp' ? 'yes' : 'no',
    ...proof.settings,
    local: proof.local,
    remote: proof.remote,
  };
  const name = proof.nameFor(settings);
  const local = { ...settings.local, ...unlikeAnyOtherConnection(name) };
  const canInitiate = isHostPrefix(selector.local) && isHostPrefix(selector.remote);
  return {
    connection: { name, settings: { ...settings, local }, children },
    negotiation: { ...proof.loadable, keepsSas, cipherSuite, lifetimes, selector, canInitiate },
  };
}

function proofOf({ policy, credentials }: DatapathEntry): Proof {
  const { authentication } = policy;
  if (authentication.kind === 'psk') return proofByKey(policy, authentication);
  if (authentication.kind === 'pki' && credentials !== undefined)
    return proofByCertificate(policy, credentials);
  throw new TypeError(`policy ${policy.uuid} protects without authentication`);
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

/**
 * Charon puts a new CHILD SA on any IKE SA whose connection has settings that it compares as equal, whatever its name;
 * not all settings enter that comparison. An EAP identity does, and without EAP it has no other effect.
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

function espChild(
  { policy, priority }: DatapathEntry,
  settings: DatapathSettings,
  name: string,
): ChildSettings {
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
