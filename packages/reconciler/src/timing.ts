import type { Backoff } from './retries.ts';
import { defaultSadTiming, type SadTiming } from './sad.ts';

/** How long things take and how often they happen, in milliseconds. */
export interface ReconcilerTiming {
  /** How long the datapath may take to answer one operation. */
  readonly operationMs: number;
  /** The same for each entry when many are installed or listed at once. */
  readonly perEntryMs: number;
  /** From one comparison of everything to the next. */
  readonly compareMs: number;
  /** Between attempts for one policy. */
  readonly policyBackoff: Backoff;
  /** Between attempts to compare everything from scratch. */
  readonly roundBackoff: Backoff;
  /** From the end of a stream of events to the next. */
  readonly listenAgainMs: number;
  readonly sad: SadTiming;
}

/** What suits a daemon on the same machine, and one that tells by itself of most that others do to it. */
export const defaultTiming: ReconcilerTiming = {
  operationMs: 10_000,
  perEntryMs: 50,
  compareMs: 900_000,
  policyBackoff: { firstMs: 200, maxMs: 30_000 },
  roundBackoff: { firstMs: 200, maxMs: 5_000 },
  listenAgainMs: 1_000,
  sad: defaultSadTiming,
};
