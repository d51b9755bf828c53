import {
  cipherSuites,
  containsAddress,
  formatAddress,
  type IpAddress,
  type IpsecPolicy,
  isProtecting,
  type PolicyUuid,
  policyActions,
  type SpdEntry,
  selectorKey,
} from '@esplanade/domain';
import type {
  Capabilities,
  DaemonRequests,
  Datapath,
  DatapathEvent,
  DatapathSettings,
  InstalledEntry,
  ObservedSa,
} from '../datapath.ts';
import { entryFingerprint } from '../entry-fingerprint.ts';
import { DatapathRefusedError } from '../errors.ts';
import type { ForeignConnection } from '../foreign-connection.ts';
import type { KernelReport } from '../kernel-report.ts';
import { Listeners } from '../listeners.ts';
import type { SaPlace } from '../sa-uuid.ts';
import {
  type ClockSetting,
  type Fault,
  type FaultInForce,
  faultReasons,
  type NegotiationFault,
  type PeerFault,
  type SimulatedPeer,
  type Simulator,
  type UpFailure,
} from '../simulator.ts';
import { AdjustableClock } from './clock.ts';
import { Faults } from './faults.ts';
import { SimulatedPeers } from './peer.ts';
import { parseSeed, SeedError } from './seed.ts';

/** Where the simulator pretends to be, and what it begins with. */
export interface SimulatedOptions {
  readonly place: SaPlace;
  /** SAs that are there from the start and stay as they are, until others take their place (seed.ts). */
  readonly seed?: readonly ObservedSa[];
  /** Counters follow it. */
  readonly clock?: AdjustableClock;
  /** In [0, 1); draws SPIs. */
  readonly random?: () => number;
}

interface Installed {
  readonly policy: IpsecPolicy;
  readonly fingerprint: string;
}

/**
 * A datapath without packets (decision 13): holds policies, has peers that answer, and fails when told to. It promises
 * what its members say and nothing more: no lifetimes run out, no packet is decided for, and what it holds is gone when
 * the process ends.
 */
export class SimulatedDatapath implements Datapath, Simulator {
  readonly kind = 'simulated';
  readonly capabilities: Capabilities = {
    actions: policyActions,
    families: ['ipv4', 'ipv6'],
    cipherSuites,
    authentications: ['none', 'psk', 'pki'],
    postquantumKeys: true,
    certificateIdentities: 'any',
    replayWindows: [0, 64, 128, 256, 512, 1024],
  };

  readonly clock: AdjustableClock;
  #seed: readonly ObservedSa[];
  readonly #faults = new Faults();
  readonly #peers: SimulatedPeers;
  readonly #installed = new Map<PolicyUuid, Installed>();
  readonly #listeners = new Listeners();
  #isClosed = false;

  constructor(options: SimulatedOptions) {
    this.#seed = options.seed ?? [];
    this.clock = options.clock ?? new AdjustableClock(Date.now);
    this.#peers = new SimulatedPeers({
      place: options.place,
      faults: this.#faults,
      nowMs: () => this.clock.nowMs(),
      random: options.random ?? Math.random,
    });
  }

  describe(): string {
    return 'the simulated datapath (nothing is encrypted, nothing is blocked)';
  }

  async install(entry: SpdEntry, settings: DatapathSettings, signal?: AbortSignal): Promise<void> {
    await this.#faults.daemonAnswers(signal);
    this.#install(entry, settings);
  }

  async installAll(
    entries: readonly SpdEntry[],
    settings: DatapathSettings,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<PolicyUuid, Error>> {
    await this.#faults.daemonAnswers(signal);
    const failed = new Map<PolicyUuid, Error>();
    for (const entry of entries) {
      try {
        this.#install(entry, settings);
      } catch (error) {
        if (!(error instanceof DatapathRefusedError)) throw error;
        failed.set(entry.policy.uuid, error);
      }
    }
    return failed;
  }

  async remove(policyUuid: PolicyUuid, signal?: AbortSignal): Promise<void> {
    await this.#faults.daemonAnswers(signal);
    this.#installed.delete(policyUuid);
    this.#takeDown(policyUuid);
  }

  async installed(signal?: AbortSignal): Promise<readonly InstalledEntry[]> {
    await this.#faults.daemonAnswers(signal);
    return Array.from(this.#installed, ([policyUuid, { fingerprint }]) => ({ policyUuid, fingerprint }));
  }

  async securityAssociations(signal?: AbortSignal): Promise<readonly ObservedSa[]> {
    await this.#faults.daemonAnswers(signal);
    const negotiated = this.#peers.securityAssociations();
    return negotiated.length === 0 ? this.#seed : [...this.#seed, ...negotiated];
  }

  foreignConnections(): readonly ForeignConnection[] {
    return [];
  }

  unheldRevocationLists(): ReadonlySet<string> {
    return new Set();
  }

  kernelReport(): KernelReport {
    const differences = { policies: 0, securityAssociations: 0 };
    return { kind: 'unchecked', reason: 'the simulator puts nothing into a kernel', differences };
  }

  daemonRequests(): readonly DaemonRequests[] {
    return [];
  }

  async *events(signal: AbortSignal): AsyncGenerator<DatapathEvent> {
    if (!this.#isClosed) yield* this.#listeners.listen(signal, async () => this.#reachability());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.close();
  }

  up(policyUuid: PolicyUuid, remoteAddress?: IpAddress): UpFailure | undefined {
    if (this.#faults.daemonFault !== undefined) return this.#faults.daemonFault;
    const policy = this.#installed.get(policyUuid)?.policy;
    if (policy === undefined || !isProtecting(policy.action)) return 'not-installed';
    if (remoteAddress !== undefined && !containsAddress(policy.selector.remote, remoteAddress))
      return 'other-address';
    const peer = remoteAddress ? formatAddress(remoteAddress) : SimulatedPeers.onlyPeer(policy);
    return peer === undefined ? 'no-address' : this.#bringUp(policy, peer);
  }

  down(policyUuid: PolicyUuid): NegotiationFault | undefined {
    if (this.#faults.daemonFault !== undefined) return this.#faults.daemonFault;
    this.#takeDown(policyUuid);
    return undefined;
  }

  rekey(policyUuid: PolicyUuid): NegotiationFault | 'not-up' | undefined {
    if (this.#faults.daemonFault !== undefined) return this.#faults.daemonFault;
    const policy = this.#installed.get(policyUuid)?.policy;
    if (policy === undefined || !this.#peers.isUp(policyUuid)) return 'not-up';
    return this.#told(policy, this.#peers.renew(policy));
  }

  setClock(setting: ClockSetting): void {
    this.clock.set(setting);
    this.#listeners.tell({ kind: 'sas-changed' });
  }

  childSas(policyUuid: PolicyUuid): number {
    return this.#peers.childSas(policyUuid);
  }

  peers(): readonly SimulatedPeer[] {
    const ofPolicies = [...this.#installed.values()].flatMap(({ policy }) =>
      isProtecting(policy.action) ? (SimulatedPeers.onlyPeer(policy) ?? []) : [],
    );
    return this.#peers.peers(ofPolicies);
  }

  faults(): readonly FaultInForce[] {
    return this.#faults.inForce;
  }

  inject(fault: Fault): string {
    const uuid = this.#faults.inject(fault);
    if (fault.kind === 'daemon-down') {
      this.#forgetEverything();
      this.#listeners.tell(this.#reachability());
    }
    return uuid;
  }

  clearFault(uuid: string): void {
    this.#endFaults((one) => one.uuid === uuid);
  }

  /** Ends the faults of that kind, or all; peers that were in the way are tried again. */
  clearFaults(kind?: Fault['kind']): void {
    this.#endFaults(({ fault }) => kind === undefined || fault.kind === kind);
  }

  get seedSize(): number {
    return this.#seed.length;
  }

  reseed(text: string): readonly string[] {
    try {
      this.#seed = parseSeed(text);
    } catch (error) {
      if (error instanceof SeedError) return error.problems;
      throw error;
    }
    this.#listeners.tell({ kind: 'sas-changed' });
    return [];
  }

  /** No faults, no policies, the seed's SAs only. Listeners hear `connected`, so that policies are installed anew. */
  reset(): void {
    this.#faults.clear();
    this.#forgetEverything();
    this.#listeners.tell(this.#reachability());
  }

  #endFaults(isEnded: (one: FaultInForce) => boolean): void {
    const wasDown = this.#faults.isDaemonDown;
    this.#faults.clear(isEnded);
    if (wasDown && !this.#faults.isDaemonDown) this.#listeners.tell(this.#reachability());
    for (const { policy } of this.#installed.values()) this.#bringUpByItself(policy);
  }

  #install(entry: SpdEntry, settings: DatapathSettings): void {
    const { policy } = entry;
    const refusal = this.#faults.refusal(policy.uuid);
    if (refusal !== undefined) throw refusal;
    const fingerprint = entryFingerprint(entry, settings);
    const before = this.#installed.get(policy.uuid);
    if (before?.fingerprint === fingerprint) return;
    this.#installed.set(policy.uuid, { policy, fingerprint });
    if (before !== undefined && outlivesChange(before, entry, settings)) return;
    const isSameTraffic =
      before !== undefined && selectorKey(before.policy.selector) === selectorKey(policy.selector);
    if (!isProtecting(policy.action) || !isSameTraffic) this.#takeDown(policy.uuid);
    if (!this.#peers.isUp(policy.uuid)) this.#bringUpByItself(policy);
    else if (this.#told(policy, this.#peers.renew(policy)) !== undefined) this.#takeDown(policy.uuid);
  }

  #bringUpByItself(policy: IpsecPolicy): void {
    if (!isProtecting(policy.action) || this.#peers.isUp(policy.uuid)) return;
    const peer = SimulatedPeers.onlyPeer(policy);
    if (peer !== undefined) this.#bringUp(policy, peer);
  }

  #bringUp(policy: IpsecPolicy, remoteAddress: string): PeerFault | undefined {
    return this.#told(policy, this.#peers.bringUp(policy, remoteAddress));
  }

  /** Tells listeners what a negotiation came to. */
  #told(policy: IpsecPolicy, fault: PeerFault | undefined): PeerFault | undefined {
    if (fault === undefined) this.#listeners.tell({ kind: 'sas-changed' });
    else
      this.#listeners.tell({
        kind: 'negotiation-failed',
        policyUuid: policy.uuid,
        reason: faultReasons[fault],
      });
    return fault;
  }

  #takeDown(policyUuid: PolicyUuid): void {
    if (!this.#peers.isUp(policyUuid)) return;
    this.#peers.takeDown(policyUuid);
    this.#listeners.tell({ kind: 'sas-changed' });
  }

  #forgetEverything(): void {
    this.#installed.clear();
    this.#peers.clear();
  }

  #reachability(): DatapathEvent {
    return this.#faults.isDaemonDown
      ? { kind: 'lost', reason: faultReasons['daemon-down'] }
      : { kind: 'connected' };
  }
}

/** Whether SAs carry on as they came up: all that changed is a certificate whose change they are to outlive. */
function outlivesChange(before: Installed, entry: SpdEntry, settings: DatapathSettings): boolean {
  const { authentication } = entry.policy;
  if (authentication.kind !== 'pki' || !authentication.keepsSas) return false;
  const asBefore = { ...entry.policy, authentication: before.policy.authentication };
  return entryFingerprint({ ...entry, policy: asBefore }, settings) === before.fingerprint;
}
