import type { Clock } from './clock.ts';

/** Bounds of the exponential backoff between attempts. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * How long to wait after the given number of failures in a row (1 or more): doubles from `firstMs` up to `maxMs`, then
 * drawn from its upper half, so that what failed together is not tried again together. `random` is in [0, 1).
 */
export function backoffDelayMs(failures: number, backoff: Backoff, random: () => number): number {
  const ceiling = Math.min(backoff.maxMs, backoff.firstMs * 2 ** (failures - 1));
  return ceiling / 2 + (random() * ceiling) / 2;
}

interface Retry {
  readonly failures: number;
  readonly cancel: () => void;
}

/** Keys that failed and when each is due again. */
export class Retries<Key> {
  readonly #backoff: Backoff;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #retries = new Map<Key, Retry>();

  constructor(backoff: Backoff, clock: Clock, random: () => number) {
    this.#backoff = backoff;
    this.#clock = clock;
    this.#random = random;
  }

  /** Counts one more failure of `key` and calls `due` when it should be tried again. */
  failed(key: Key, due: () => void): void {
    const earlier = this.#retries.get(key);
    earlier?.cancel();
    const failures = (earlier?.failures ?? 0) + 1;
    const cancel = this.#clock.after(backoffDelayMs(failures, this.#backoff, this.#random), due);
    this.#retries.set(key, { failures, cancel });
  }

  /** Forgets the failures of `key`: it succeeded, or what was asked of it has changed. */
  forget(key: Key): void {
    this.#retries.get(key)?.cancel();
    this.#retries.delete(key);
  }

  /** Forgets everything. */
  clear(): void {
    for (const retry of this.#retries.values()) retry.cancel();
    this.#retries.clear();
  }
}
