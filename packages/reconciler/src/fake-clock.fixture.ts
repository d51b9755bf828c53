import type { SteadyClock } from './clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly action: () => void;
}

/** A clock that stands still until it is told to go on. */
export class FakeClock implements SteadyClock {
  #nowMs = 1_000_000;
  /** What was added to the time of day beside what has passed. */
  #setMs = 0;
  readonly #timers = new Set<Timer>();

  nowMs(): number {
    return this.#nowMs + this.#setMs;
  }

  steadyMs(): number {
    return this.#nowMs;
  }

  /** Somebody sets the time of day forward, or back; no time passes. */
  set(byMs: number): void {
    this.#setMs += byMs;
  }

  /** Whoever has the processor keeps it for so long: timers wait. */
  beBusy(ms: number): void {
    this.#nowMs += ms;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** When the next timer is due, from now. */
  get nextMs(): number | undefined {
    const next = this.#next();
    return next === undefined ? undefined : next.dueMs - this.#nowMs;
  }

  /** Lets time pass; timers fire when they are due, and what they set in motion gets its turn before time goes on. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await turn();
    for (let next = this.#next(); next !== undefined && next.dueMs <= endMs; next = this.#next()) {
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      this.#timers.delete(next);
      next.action();
      await turn();
    }
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.dueMs < next.dueMs) next = timer;
    return next;
  }
}

/** Lets everything that only waits for promises get on. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
