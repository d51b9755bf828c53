import type { ObservedSa } from '@esplanade/datapath';
import type { PolicyUuid } from '@esplanade/domain';
import type { PolicyState } from './policy-state.ts';

/** All SAs of one IPspace at one observation. Immutable. */
export interface SadSnapshot {
  /** In ascending order of their uuids (code units). */
  readonly rows: readonly ObservedSa[];
  /** Epoch milliseconds of the observation. */
  readonly observedAtMs: number;
  /** The row with that uuid, without a walk over all. */
  find(uuid: string): ObservedSa | undefined;
  /** The rows whose uuids are above that one, without a walk over those before. */
  after(uuid: string): Iterable<ObservedSa>;
}

/** What the SAD knows: never an empty list as if it were truth (decision 6). */
export type SadReading =
  | { readonly kind: 'current'; readonly snapshot: SadSnapshot }
  /** The datapath has not answered past the bound: these are the last known rows. */
  | { readonly kind: 'stale'; readonly snapshot: SadSnapshot; readonly reason: string }
  /** Nothing was ever observed. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/** How often the datapath was found to differ from what we had last made it, since we started. */
export interface Drift {
  /** Entries of ours that had vanished or changed, and were installed again. */
  readonly missing: number;
  /** Entries that bear our names and that nobody desires, and were removed. */
  readonly strangers: number;
  /** SAs of ours that somebody else ended by hand, and that were brought back. */
  readonly endedSas: number;
  /** Times that neighbour discovery's own entries, on which policies rest, had gone, and were put back. */
  readonly implied: number;
  /** IKE SAs of ours that had long carried nothing, and were ended. */
  readonly idleIkeSas: number;
}

/** What was carried in one direction, as ESP SAs count it. */
export interface TrafficCount {
  readonly bytes: bigint;
  readonly packets: bigint;
}

/** What all ESP SAs of a policy have carried, rekeyed ones included: it never falls while we run. */
export interface PolicyTraffic {
  readonly inbound: TrafficCount;
  readonly outbound: TrafficCount;
  /** Epoch milliseconds of the first observation. What SAs had carried by then is counted too. */
  readonly sinceMs: number;
}

/** The reconciler of one IPspace, as the server sees it. */
export interface Reconciler {
  policyState(uuid: PolicyUuid): PolicyState | undefined;
  /**
   * Resolves true when the policy (or its absence) is carried out at `revision` or later (applied, shadowed, disabled,
   * removed, or refused: then state tells), false after the bound.
   */
  settled(uuid: PolicyUuid, revision: number, boundMs: number): Promise<boolean>;
  /** Resolves true when all policies are carried out as of `revision`, false after the bound. */
  allSettled(revision: number, boundMs: number): Promise<boolean>;
  readSad(): SadReading;
  /** The same without asking the datapath any sooner for it: counters may be a minute old (metrics). */
  peekSad(): SadReading;
  /** Totals over rekeys, as old as the SAD's snapshot; undefined before the first one. Never waits. */
  policyTraffic(uuid: PolicyUuid): PolicyTraffic | undefined;
  /** Whether the datapath answers, and if not what is wrong and since when (epoch milliseconds). */
  health(): { readonly ready: boolean; readonly reason?: string; readonly sinceMs?: number };
  /** Differences found when the datapath was compared with what we had made it (metrics). */
  drift(): Drift;
  /** When the policy was last found to differ and was healed, in epoch milliseconds; undefined when it never was. */
  lastDriftMs(uuid: PolicyUuid): number | undefined;
  /** What in the datapath is not ours and gets in the way of the policy, as sentences; empty when it is not loaded. */
  clashes(uuid: PolicyUuid): readonly string[];
  /** SHA-256 of the revocation lists of policies that the datapath has been given and does not hold in force. */
  unheldRevocationLists(): ReadonlySet<string>;
  /** How many policies something that is not ours gets in the way of (metrics). */
  clashing(): number;
  /** Stops following; the datapath keeps carrying what it has. */
  close(): Promise<void>;
}
