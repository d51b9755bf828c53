import type { IpAddress, PolicyUuid } from '@esplanade/domain';

/** What may be wrong with a peer. Concerns SAs that come up from then on; those that are up stay. */
export const peerFaults = ['unreachable', 'authentication-failed', 'no-proposal'] as const;
export type PeerFault = (typeof peerFaults)[number];

/** All kinds of what goes wrong on purpose. */
export const faultKinds = [
  ...peerFaults,
  'daemon-down',
  'hang',
  'refuse',
] as const satisfies readonly Fault['kind'][];

/** Why nothing is negotiated now. */
export type NegotiationFault = PeerFault | 'daemon-down' | 'hang';

/** What that looks like from our side. */
export const faultReasons: Readonly<Record<NegotiationFault, string>> = {
  unreachable: 'the peer does not answer',
  'authentication-failed': 'the peer refused our authentication (AUTHENTICATION_FAILED)',
  'no-proposal': 'the peer accepts none of our proposals (NO_PROPOSAL_CHOSEN)',
  'daemon-down': 'the simulated daemon is down',
  hang: 'the simulated daemon does not answer',
};

/** Something to go wrong, on purpose. */
export type Fault =
  /** Of one peer, or of every peer. */
  | { readonly kind: PeerFault; readonly remoteAddress?: string }
  /** The daemon is gone, and with it everything it held. */
  | { readonly kind: 'daemon-down' }
  /** The daemon is there and never answers. */
  | { readonly kind: 'hang' }
  /** The daemon answers no to installing this policy, or any. */
  | { readonly kind: 'refuse'; readonly policyUuid?: PolicyUuid };

/** A fault that was injected and goes on. */
export interface FaultInForce {
  readonly uuid: string;
  readonly fault: Fault;
}

/** A host that a simulated IPspace has, or may have, SAs with. */
export interface SimulatedPeer {
  readonly remoteAddress: string;
  readonly ikeSas: number;
  readonly childSas: number;
  /** What is wrong with it. */
  readonly fault?: PeerFault;
}

/** The clock of the simulator, which counters follow. All IPspaces have one. */
export interface SimulatorClock {
  /** Epoch milliseconds. */
  nowMs(): number;
  readonly isRunning: boolean;
  /** Seconds that it is ahead of the clock of the machine. */
  readonly aheadSeconds: number;
}

/** How a clock is set; what is left out stays. Stopped, it stays at that moment. */
export interface ClockSetting {
  readonly aheadSeconds?: number;
  readonly isRunning?: boolean;
}

/** Why no SA came up. */
export type UpFailure = NegotiationFault | 'not-installed' | 'no-address' | 'other-address';

/** What can be done to a simulated IPspace that could not be done to a real one (decision 13). */
export interface Simulator {
  readonly clock: SimulatorClock;
  /** Sets the clock of all IPspaces; the SAs of this one are looked at anew. */
  setClock(setting: ClockSetting): void;
  /**
   * Brings up one more CHILD SA for an installed policy, with the host it is about or, where it is about many, with the
   * one at `remoteAddress`. Returns what went wrong; `other-address` where the policy is not about that host.
   */
  up(policyUuid: PolicyUuid, remoteAddress?: IpAddress): UpFailure | undefined;
  /** Ends the policy's SAs; the policy stays installed. Returns what went wrong. */
  down(policyUuid: PolicyUuid): NegotiationFault | undefined;
  /** Rekeys the policy's CHILD SAs: new SPIs, counters from zero. Returns what went wrong; then the old ones stay. */
  rekey(policyUuid: PolicyUuid): NegotiationFault | 'not-up' | undefined;
  /** How many CHILD SAs the policy has. */
  childSas(policyUuid: PolicyUuid): number;
  /** In ascending order of the addresses as texts. */
  peers(): readonly SimulatedPeer[];
  /** The oldest first. */
  faults(): readonly FaultInForce[];
  /** Lets something go wrong until that is ended; returns the fault's uuid. */
  inject(fault: Fault): string;
  /** Ends one fault, if it is there; peers that were in the way are tried again. */
  clearFault(uuid: string): void;
  /** How many SAs came with the seed. */
  readonly seedSize: number;
  /** Puts other SAs in the place of the seed's: JSON as `--simulator-seed` has it. Returns what is wrong with it; nothing is changed then. */
  reseed(text: string): readonly string[];
  /** No faults; policies and their SAs anew. The seed's SAs stay. */
  reset(): void;
}
