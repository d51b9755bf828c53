/** How many tokens a bucket holds, and how long each takes to come back. */
export interface TokenRate {
  readonly burst: number;
  readonly refillMs: number;
}

/** Buckets that are kept at most; the one that was used least lately is forgotten, which means full. */
const mostBuckets = 10_000;

/**
 * A token bucket for each key, kept as one number: when it will be full again (the generic cell rate algorithm). What is
 * full takes no memory. A bucket may go into debt, which only makes its wait longer.
 */
export class TokenBuckets {
  readonly #rate: TokenRate;
  readonly #nowMs: () => number;
  readonly #fullAtMs = new Map<string, number>();

  constructor(rate: TokenRate, nowMs: () => number) {
    this.#rate = rate;
    this.#nowMs = nowMs;
  }

  /** How long until there is a token; 0 when there is one. */
  waitMs(key: string): number {
    const { burst, refillMs } = this.#rate;
    const fullAtMs = this.#fullAtMs.get(key) ?? 0;
    return Math.max(0, fullAtMs - this.#nowMs() - (burst - 1) * refillMs);
  }

  /** How many tokens have not come back yet. */
  missing(key: string): number {
    const fullAtMs = this.#fullAtMs.get(key) ?? 0;
    return Math.max(0, Math.ceil((fullAtMs - this.#nowMs()) / this.#rate.refillMs));
  }

  /** Takes one, whether there is one or not. */
  take(key: string): void {
    const nowMs = this.#nowMs();
    const fullAtMs = Math.max(nowMs, this.#fullAtMs.get(key) ?? 0) + this.#rate.refillMs;
    // Anew, so that the first of the map is who was here least lately.
    this.#fullAtMs.delete(key);
    this.#fullAtMs.set(key, fullAtMs);
    for (const [oldest, atMs] of this.#fullAtMs) {
      if (atMs > nowMs && this.#fullAtMs.size <= mostBuckets) return;
      this.#fullAtMs.delete(oldest);
    }
  }

  /** How many are kept. */
  get size(): number {
    return this.#fullAtMs.size;
  }
}
