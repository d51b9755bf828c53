import type { Timer } from './timing.ts';

/** When one call ends early: its caller gives up, or time is over. */
export class CallLimits {
  readonly #ended = new AbortController();
  readonly #expired = new AbortController();
  readonly #cancelTimer: () => void;
  readonly #forgetCaller: () => void;

  /** `expiry` makes the error of a passed deadline, at the moment it passes. `deadlineMs` may be Infinity. */
  constructor(callerSignal: AbortSignal | undefined, deadlineMs: number, timer: Timer, expiry: () => Error) {
    this.#cancelTimer = Number.isFinite(deadlineMs)
      ? timer(deadlineMs, () => this.expire(expiry()))
      : () => undefined;
    this.#forgetCaller =
      callerSignal === undefined
        ? () => undefined
        : whenAborted(callerSignal, (reason) => this.#ended.abort(reason));
  }

  /** Aborts when the caller gives up or time is over, whichever is first. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Aborts when time is over, also after the caller gave up. */
  get expired(): AbortSignal {
    return this.#expired.signal;
  }

  /** Ends the call as a passed deadline does. */
  expire(error: Error): void {
    this.#expired.abort(error);
    this.#ended.abort(error);
  }

  /** Must be called when the call is over. */
  release(): void {
    this.#cancelTimer();
    this.#forgetCaller();
  }
}

/** Calls back once when the signal aborts, at once when it already has; the result takes that back. */
export function whenAborted(signal: AbortSignal, callback: (reason: unknown) => void): () => void {
  const onAbort = (): void => callback(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return () => signal.removeEventListener('abort', onAbort);
}

/** The promise's outcome, or a rejection with the signal's reason when it aborts first. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const forget = whenAborted(signal, reject);
    promise.then(resolve, reject).finally(forget);
  });
}
