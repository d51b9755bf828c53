/** Calls back once after `delayMs`, unless the returned function is called first. */
export type Timer = (delayMs: number, callback: () => void) => () => void;

/** The machine's own timer. */
export const systemTimer: Timer = (delayMs, callback) => {
  const handle = setTimeout(callback, delayMs);
  return () => clearTimeout(handle);
};

/** Waits; rejects with the signal's reason when it aborts first. */
export function sleep(timer: Timer, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = timer(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** How long to wait between attempts to reach the daemon. */
export interface BackoffOptions {
  /** First delay in milliseconds, before jitter. */
  readonly initialMs: number;
  /** Delays double up to this many milliseconds. */
  readonly maxMs: number;
}

/**
 * Delays that double from `initialMs` to `maxMs`, each cut by up to half at random so that clients do not march in
 * step.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: () => number;
  #attempt = 0;

  constructor(options: BackoffOptions, random: () => number) {
    this.#options = options;
    this.#random = random;
  }

  /** The next delay in milliseconds. */
  next(): number {
    const full = Math.min(this.#options.maxMs, this.#options.initialMs * 2 ** this.#attempt);
    this.#attempt += 1;
    return full * (1 - this.#random() / 2);
  }
}
