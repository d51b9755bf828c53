import type { Timer } from './timing.ts';

/** A timer whose time passes only when a test says so. */
export class ManualTimer {
  readonly #pending = new Map<symbol, { delayMs: number; callback: () => void }>();

  readonly timer: Timer = (delayMs, callback) => {
    const key = Symbol();
    this.#pending.set(key, { delayMs, callback });
    return () => this.#pending.delete(key);
  };

  /** The delays of the timers that have not run out, in the order in which they began. */
  get delaysMs(): readonly number[] {
    return [...this.#pending.values()].map(({ delayMs }) => delayMs);
  }

  /** Lets every timer of this delay run out. */
  fire(delayMs: number): void {
    for (const [key, pending] of this.#pending) {
      if (pending.delayMs !== delayMs) continue;
      this.#pending.delete(key);
      pending.callback();
    }
  }
}
