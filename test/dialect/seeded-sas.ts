import { SeededRandom } from '../robustness/seeded-random.ts';

/** One direction of a pair of ESP SAs on the wire. */
interface SeededDirection {
  readonly security_parameter_index: string;
  readonly bytes: number;
  readonly packets: number;
  readonly offload_bytes: number;
  readonly offload_packets: number;
}

/** A record of `/security/ipsec/security-associations` in wire form, as `--simulator-seed` takes it. */
export interface SeededSa {
  readonly uuid: string;
  readonly type: 'ike' | 'ipsec';
  readonly scope: 'svm' | 'cluster';
  readonly svm?: { readonly name: string; readonly uuid: string };
  readonly node: { readonly name: string; readonly uuid: string };
  readonly policy_name: string;
  readonly local_address: string;
  readonly remote_address: string;
  readonly lifetime: number;
  readonly cipher_suite: string;
  readonly ike?: {
    readonly version: number;
    readonly state: string;
    readonly authentication: string;
    readonly is_initiator: boolean;
    readonly initiator_security_parameter_index: string;
    readonly responder_security_parameter_index: string;
  };
  readonly ipsec?: {
    readonly state: string;
    readonly action: string;
    readonly inbound: SeededDirection;
    readonly outbound: SeededDirection;
  };
}

const suites = ['suiteb_gcm256', 'suiteb_gmac256', 'suite_aescbc'] as const;
const ikeStates = ['established', 'connecting', 'dead_peer_probe', 'none'] as const;
const ipsecStates = ['installed', 'rekeying', 'rekeyed', 'installed'] as const;
const actions = ['esp_transport', 'bypass', 'discard'] as const;
const nodes = ['node1', 'node2', 'node3', 'node4'] as const;
const svms = ['svm_nfs', 'svm_smb', 'svm_iscsi', 'svm_backup', 'svm_lab'] as const;

/**
 * The SAD of a cluster of four nodes and five SVMs, half IKE SAs and half pairs of ESP SAs: every cipher suite, state,
 * way to authenticate and action occurs, IPv4 and IPv6, with and without SVM. The same count gives the same records.
 */
export function seededSas(count: number): readonly SeededSa[] {
  const random = new SeededRandom(count);
  return Array.from({ length: count }, (_, index) => seededSa(index, random));
}

function seededSa(index: number, random: SeededRandom): SeededSa {
  const pair = Math.floor(index / 2);
  const scope = pair % 6 === 5 ? 'cluster' : 'svm';
  const svm = svms[pair % svms.length] ?? svms[0];
  const isIke = index % 2 === 0;
  return {
    uuid: uuidOf('5a', index),
    type: isIke ? 'ike' : 'ipsec',
    scope,
    ...(scope === 'svm' && { svm: { name: svm, uuid: uuidOf('57', svms.indexOf(svm)) } }),
    node: { name: nodes[pair % nodes.length] ?? nodes[0], uuid: uuidOf('40', pair % nodes.length) },
    policy_name: `${scope === 'svm' ? svm : 'cluster'}_policy_${pair % 9}`,
    ...addressesOf(pair),
    lifetime: isIke ? 86_400 - (pair % 3) * 3_600 : 28_800 - (pair % 4) * 1_800,
    cipher_suite: suites[pair % suites.length] ?? suites[0],
    ...(isIke ? { ike: ikeOf(pair, random) } : { ipsec: ipsecOf(pair, random) }),
  };
}

function ikeOf(pair: number, random: SeededRandom): NonNullable<SeededSa['ike']> {
  const state = ikeStates[pair % ikeStates.length] ?? ikeStates[0];
  // Before IKE_AUTH nobody has proved anything, and the responder may not have answered.
  const isProved = state === 'established' || state === 'dead_peer_probe';
  return {
    version: 2,
    state,
    authentication: isProved ? (pair % 8 < 4 ? 'psk' : 'cert') : 'none',
    is_initiator: random.next() < 0.5,
    initiator_security_parameter_index: hexadecimal(16, random),
    responder_security_parameter_index: isProved ? hexadecimal(16, random) : '0000000000000000',
  };
}

function ipsecOf(pair: number, random: SeededRandom): NonNullable<SeededSa['ipsec']> {
  return {
    state: ipsecStates[pair % ipsecStates.length] ?? ipsecStates[0],
    action: actions[pair % actions.length] ?? actions[0],
    inbound: directionOf(pair, random),
    outbound: directionOf(pair, random),
  };
}

/** Every third pair has carried nothing; every second of the others on hardware that takes ESP over. */
function directionOf(pair: number, random: SeededRandom): SeededDirection {
  const packets = pair % 3 === 0 ? 0 : random.below(2 ** 31);
  const offloaded = pair % 2 === 0 ? 0 : Math.floor(packets * random.next());
  const bytesPerPacket = 64 + random.below(1_400);
  return {
    security_parameter_index: hexadecimal(8, random),
    bytes: packets * bytesPerPacket,
    packets,
    offload_bytes: offloaded * bytesPerPacket,
    offload_packets: offloaded,
  };
}

function addressesOf(pair: number): Pick<SeededSa, 'local_address' | 'remote_address'> {
  const host = (pair % 250) + 1;
  const net = Math.floor(pair / 250) % 256;
  return pair % 3 === 2
    ? {
        local_address: '2001:db8::1',
        remote_address: `2001:db8:${(net + 1).toString(16)}::${host.toString(16)}`,
      }
    : {
        local_address: pair % 2 === 0 ? '192.0.2.1' : '192.0.2.2',
        remote_address: `10.${Math.floor(pair / 64_000)}.${net}.${host}`,
      };
}

function hexadecimal(digits: number, random: SeededRandom): string {
  // ESP SPIs below 256 are reserved (RFC 4303 2.1), and an IKE SPI is never 0: no leading zero.
  const rest = Array.from({ length: digits - 1 }, () => random.below(16).toString(16)).join('');
  return `${(1 + random.below(15)).toString(16)}${rest}`;
}

function uuidOf(kind: string, number: number): string {
  return `${kind}000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}
