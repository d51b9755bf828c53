import { DatapathUnavailableError } from '@esplanade/datapath';
import type { Clock } from './clock.ts';

/** Who is asked, for how long at most. */
export interface DeadlineOptions {
  readonly clock: Clock;
  /** Who is asked, for the sentence when there is no answer. */
  readonly who: string;
  readonly boundMs: number;
  /** Ends the operation earlier, with its reason. */
  readonly signal: AbortSignal;
}

/**
 * Runs an operation under a deadline. Past it the operation's signal aborts and the result is DatapathUnavailableError,
 * even if the operation itself never ends: one that hangs must not hold up what comes after it.
 */
export async function withDeadline<Result>(
  options: DeadlineOptions,
  operation: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { clock, who, boundMs, signal } = options;
  signal.throwIfAborted();
  const controller = new AbortController();
  const aborted = Promise.withResolvers<never>();
  const abort = (reason: unknown): void => {
    aborted.reject(reason);
    controller.abort(reason);
  };
  const onAbort = (): void => abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  // Without the bound: since when there is no answer is told beside it, and two times contradict each other.
  const cancelTimer = clock.after(boundMs, () =>
    abort(new DatapathUnavailableError(`${who} does not answer in time`)),
  );
  try {
    return await Promise.race([operation(controller.signal), aborted.promise]);
  } finally {
    cancelTimer();
    signal.removeEventListener('abort', onAbort);
  }
}
