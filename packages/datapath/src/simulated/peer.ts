import {
  type Authentication,
  addressOf,
  type ChildSa,
  effectiveIdentities,
  formatAddress,
  formatIdentity,
  type IkeSa,
  type IpsecPolicy,
  isHostPrefix,
  type PolicyUuid,
  type SecurityAssociation,
  type Spi,
} from '@esplanade/domain';
import { type SaPlace, saUuid } from '../sa-uuid.ts';
import type { PeerFault, SimulatedPeer } from '../simulator.ts';
import type { Faults } from './faults.ts';

const packetsPerSecond = 10;
const outboundBytesPerPacket = 120n;
const inboundBytesPerPacket = 1400n;
/** charon draws ESP SPIs from here up. */
const lowestEspSpi = 2 ** 28;
const highestSpi = 2 ** 32;

/** One IKE SA, shared by all policies that agree in what IKE can see. */
interface Negotiated {
  readonly key: string;
  readonly policy: IpsecPolicy;
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly initiatorSpi: Spi;
  readonly responderSpi: Spi;
  readonly uuid: string;
}

interface NegotiatedChild {
  readonly policy: IpsecPolicy;
  readonly ike: Negotiated;
  readonly uuid: string;
  readonly inboundSpi: Spi;
  readonly outboundSpi: Spi;
  readonly upSinceMs: number;
}

/** What peers know of their surroundings. */
export interface PeersOptions {
  readonly place: SaPlace;
  readonly faults: Faults;
  readonly nowMs: () => number;
  /** In [0, 1); draws SPIs. */
  readonly random: () => number;
}

/**
 * The peers of an IPspace and the SAs with them. Every peer agrees to whatever it is asked, unless a fault says
 * otherwise; counters of an SA grow evenly with the clock. There are no other rules.
 */
export class SimulatedPeers {
  readonly #options: PeersOptions;
  readonly #ikeSas = new Map<string, Negotiated>();
  readonly #childSas = new Map<PolicyUuid, readonly NegotiatedChild[]>();

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  /** Negotiates one more CHILD SA, over the IKE SA with that peer if there is one. Returns what went wrong. */
  bringUp(policy: IpsecPolicy, remoteAddress: string): PeerFault | undefined {
    const fault = this.#options.faults.peerFault(remoteAddress);
    if (fault !== undefined) return fault;
    const child = this.#newChild(policy, this.#ikeSaFor(policy, remoteAddress));
    this.#childSas.set(policy.uuid, [...(this.#childSas.get(policy.uuid) ?? []), child]);
    return undefined;
  }

  /** The address of the one host the policy is about, if it is one: the peer that comes up by itself. */
  static onlyPeer(policy: IpsecPolicy): string | undefined {
    const { remote } = policy.selector;
    return isHostPrefix(remote) ? formatAddress(addressOf(remote)) : undefined;
  }

  /** Whether the policy has a CHILD SA. */
  isUp(policyUuid: PolicyUuid): boolean {
    return this.#childSas.has(policyUuid);
  }

  /** How many CHILD SAs the policy has. */
  childSas(policyUuid: PolicyUuid): number {
    return this.#childSas.get(policyUuid)?.length ?? 0;
  }

  /** The hosts at these addresses and those with SAs, in ascending order of the addresses as texts. */
  peers(addresses: readonly string[]): readonly SimulatedPeer[] {
    const ikeSas = [...this.#ikeSas.values()];
    const children = [...this.#childSas.values()].flat();
    const all = new Set([...addresses, ...ikeSas.map(({ remoteAddress }) => remoteAddress)]);
    return [...all].sort().map((remoteAddress) => {
      const fault = this.#options.faults.peerFault(remoteAddress);
      return {
        remoteAddress,
        ikeSas: ikeSas.filter((ike) => ike.remoteAddress === remoteAddress).length,
        childSas: children.filter(({ ike }) => ike.remoteAddress === remoteAddress).length,
        ...(fault !== undefined && { fault }),
      };
    });
  }

  /** Ends the policy's CHILD SAs, and each IKE SA that carries no other. */
  takeDown(policyUuid: PolicyUuid): void {
    this.#childSas.delete(policyUuid);
    this.#endUnusedIkeSas();
  }

  /**
   * A new CHILD SA in place of each of the policy's, as after a rekey (RFC 7296 2.8) or a change of the policy: new
   * SPIs, counters from zero. Ones whose IKE SA no longer fits the policy are negotiated over one that does.
   */
  renew(policy: IpsecPolicy): PeerFault | undefined {
    const children = this.#childSas.get(policy.uuid) ?? [];
    const faults = children.map((child) => this.#options.faults.peerFault(child.ike.remoteAddress));
    const fault = faults.find((one) => one !== undefined);
    if (fault !== undefined) return fault;
    const renewed = children.map((child) =>
      this.#newChild(policy, this.#ikeSaFor(policy, child.ike.remoteAddress)),
    );
    if (renewed.length > 0) this.#childSas.set(policy.uuid, renewed);
    this.#endUnusedIkeSas();
    return undefined;
  }

  /** Ends everything at once. */
  clear(): void {
    this.#childSas.clear();
    this.#ikeSas.clear();
  }

  securityAssociations(): readonly SecurityAssociation[] {
    const children = [...this.#childSas.values()].flat();
    return [...this.#ikeSas.values()].map(ikeSaOf).concat(children.map((child) => this.#childSaOf(child)));
  }

  #ikeSaFor(policy: IpsecPolicy, remoteAddress: string): Negotiated {
    const localAddress = formatAddress(addressOf(policy.selector.local));
    const key = ikeKey(policy, localAddress, remoteAddress);
    const known = this.#ikeSas.get(key);
    if (known !== undefined) return known;
    const initiatorSpi = this.#drawSpi(0) + this.#drawSpi(0);
    const ike = {
      key,
      policy,
      localAddress,
      remoteAddress,
      initiatorSpi: initiatorSpi as Spi,
      responderSpi: (this.#drawSpi(0) + this.#drawSpi(0)) as Spi,
      uuid: saUuid(this.#options.place, 'ike', localAddress, initiatorSpi as Spi),
    };
    this.#ikeSas.set(key, ike);
    return ike;
  }

  #newChild(policy: IpsecPolicy, ike: Negotiated): NegotiatedChild {
    const inboundSpi = this.#drawSpi(lowestEspSpi) as Spi;
    return {
      policy,
      ike,
      uuid: saUuid(this.#options.place, 'ipsec', ike.localAddress, inboundSpi),
      inboundSpi,
      outboundSpi: this.#drawSpi(lowestEspSpi) as Spi,
      upSinceMs: this.#options.nowMs(),
    };
  }

  #endUnusedIkeSas(): void {
    const used = new Set([...this.#childSas.values()].flat().map((child) => child.ike.key));
    for (const key of this.#ikeSas.keys()) if (!used.has(key)) this.#ikeSas.delete(key);
  }

  #drawSpi(lowest: number): string {
    const drawn = lowest + Math.floor(this.#options.random() * (highestSpi - lowest));
    return drawn.toString(16).padStart(8, '0');
  }

  #childSaOf(child: NegotiatedChild): ChildSa {
    const { policy, ike } = child;
    const elapsedMs = Math.max(0, this.#options.nowMs() - child.upSinceMs);
    const packets = BigInt(Math.floor((elapsedMs * packetsPerSecond) / 1000));
    return {
      kind: 'ipsec',
      uuid: child.uuid,
      policyUuid: policy.uuid,
      localAddress: ike.localAddress,
      remoteAddress: ike.remoteAddress,
      lifetimeSeconds: policy.lifetimes.ipsecSeconds,
      cipherSuite: policy.cipherSuite,
      state: 'installed',
      action: policy.action === 'esp_udp' ? 'esp_udp' : 'esp_transport',
      mode: 'transport',
      inbound: { spi: child.inboundSpi, packets, bytes: packets * inboundBytesPerPacket },
      outbound: { spi: child.outboundSpi, packets, bytes: packets * outboundBytesPerPacket },
      ikeUuid: ike.uuid,
    };
  }
}

function ikeSaOf(ike: Negotiated): SecurityAssociation {
  const { local, remote } = effectiveIdentities(ike.policy);
  const sa: IkeSa = {
    kind: 'ike',
    uuid: ike.uuid,
    policyUuid: ike.policy.uuid,
    localAddress: ike.localAddress,
    remoteAddress: ike.remoteAddress,
    lifetimeSeconds: ike.policy.lifetimes.ikeSeconds,
    cipherSuite: ike.policy.cipherSuite,
    ikeVersion: 2,
    state: 'established',
    authentication: ike.policy.authentication.kind === 'pki' ? 'cert' : ike.policy.authentication.kind,
    isInitiator: true,
    initiatorSpi: ike.initiatorSpi,
    responderSpi: ike.responderSpi,
    localIdentity: formatIdentity(local),
    remoteIdentity: formatIdentity(remote),
  };
  return sa;
}

/** Policies equal in all of this are children of one IKE SA (decision 3). */
function ikeKey(policy: IpsecPolicy, localAddress: string, remoteAddress: string): string {
  const { local, remote } = effectiveIdentities(policy);
  const { authentication } = policy;
  return JSON.stringify([
    localAddress,
    remoteAddress,
    local,
    remote,
    ...credentialsOf(authentication),
    policy.cipherSuite,
    policy.lifetimes.ikeSeconds,
    policy.action,
  ]);
}

function credentialsOf(authentication: Authentication): readonly string[] {
  if (authentication.kind === 'none') return [];
  if (authentication.kind === 'pki') return [authentication.certificate.uuid];
  const { psk, postquantumKey } = authentication;
  return [psk.fingerprint, postquantumKey?.identity ?? '', postquantumKey?.key.fingerprint ?? ''];
}
