import type { PolicyUuid, SecurityAssociation } from '@esplanade/domain';
import type { PolicyState } from './policy-state.ts';

/** All SAs of one IPspace at one observation. Immutable. */
export interface SadSnapshot {
  readonly rows: readonly SecurityAssociation[];
  /** Epoch milliseconds of the observation. */
  readonly observedAtMs: number;
}

/** What the SAD knows: never an empty list as if it were truth (decision 6). */
export type SadReading =
  | { readonly kind: 'current'; readonly snapshot: SadSnapshot }
  /** The datapath has not answered past the bound: these are the last known rows. */
  | { readonly kind: 'stale'; readonly snapshot: SadSnapshot; readonly reason: string }
  /** Nothing was ever observed. */
  | { readonly kind: 'unavailable'; readonly reason: string };

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
  /** Whether the datapath answers, and what is wrong if not. */
  health(): { readonly ready: boolean; readonly reason?: string };
  /** Stops following; the datapath keeps carrying what it has. */
  close(): Promise<void>;
}
