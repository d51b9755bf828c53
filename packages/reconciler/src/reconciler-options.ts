import type { Datapath } from '@esplanade/datapath';
import type { DesiredState } from '@esplanade/desired';
import type { Reference } from '@esplanade/domain';
import type { SteadyClock } from './clock.ts';
import type { PolicyNews } from './policy-troubles.ts';
import type { Outcome } from './queue.ts';
import type { ReconcilerTiming } from './timing.ts';

/** Something the reconciler did. */
export interface FinishedRun {
  readonly kind: 'policy' | 'round';
  /** `retry`: it failed, and is done again. */
  readonly outcome: Outcome;
  readonly seconds: number;
}

/** What a reconciler works on and with. */
export interface ReconcilerOptions {
  readonly ipspace: Reference;
  readonly datapath: Datapath;
  readonly desired: DesiredState;
  /** Hears of what should never happen; the reconciler goes on. */
  readonly onUnexpected: (doing: string, error: unknown) => void;
  /** Hears, in a sentence, what others had changed and is put right. */
  readonly onDrift?: (sentence: string) => void;
  /** Hears what each run came to and how long it took: that of one policy, or a round over everything. */
  readonly onRun?: (run: FinishedRun) => void;
  /** Hears when a policy begins to be refused or to come up with no SA, and when that is over. */
  readonly onPolicyNews?: (news: PolicyNews) => void;
  /** The machine's unless given. */
  readonly clock?: SteadyClock;
  /** In [0, 1); spreads retries. */
  readonly random?: () => number;
  readonly timing?: ReconcilerTiming;
}
