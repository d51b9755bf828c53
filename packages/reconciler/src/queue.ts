import type { Clock } from './clock.ts';
import { type Backoff, Retries } from './retries.ts';

/** What one run of a key came to. */
export type Outcome = 'done' | 'retry';

/** What a queue does with its keys, and how patiently. */
export interface WorkQueueOptions<Key> {
  /** Does the work of `key` as it stands when called: a key carries no payload, so nothing in it can be outdated. */
  readonly run: (key: Key) => Promise<Outcome>;
  /** Hears of a `run` that threw, which is a bug; the key is retried all the same. */
  readonly onUnexpected: (key: Key, error: unknown) => void;
  /** How many keys may run at once. */
  readonly concurrency: number;
  readonly backoff: Backoff;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

/**
 * A queue of keys that need work. A key waits at most once, runs at most once at a time, and is run again when it was
 * added while running. What fails comes back with exponential backoff; adding it again starts its backoff afresh.
 */
export class WorkQueue<Key> {
  readonly #options: WorkQueueOptions<Key>;
  readonly #retries: Retries<Key>;
  readonly #waiting = new Set<Key>();
  readonly #running = new Set<Key>();
  #idle = Promise.withResolvers<void>();
  #isPaused = false;
  #isClosed = false;

  constructor(options: WorkQueueOptions<Key>) {
    this.#options = options;
    this.#retries = new Retries(options.backoff, options.clock, options.random);
  }

  /** Asks for a run of `key` that begins after this call. */
  add(key: Key): void {
    if (this.#isClosed) return;
    this.#retries.forget(key);
    this.#waiting.add(key);
    this.#startMore();
  }

  /** Starts nothing more; resolves when nothing runs. Keys go on being collected. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    while (this.#running.size > 0) await this.#idle.promise;
  }

  resume(): void {
    this.#isPaused = false;
    this.#startMore();
  }

  /** Forgets all keys that wait or are to be retried. */
  clear(): void {
    this.#waiting.clear();
    this.#retries.clear();
  }

  /** Forgets everything and resolves when the last run has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.clear();
    await this.pause();
  }

  #startMore(): void {
    if (this.#isPaused) return;
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#options.concurrency) return;
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      this.#running.add(key);
      void this.#runOnce(key);
    }
  }

  async #runOnce(key: Key): Promise<void> {
    const outcome = await this.#attempt(key);
    this.#running.delete(key);
    if (outcome === 'done') this.#retries.forget(key);
    else if (!this.#waiting.has(key) && !this.#isClosed) this.#retries.failed(key, () => this.#retry(key));
    if (this.#running.size === 0) {
      this.#idle.resolve();
      this.#idle = Promise.withResolvers();
    }
    this.#startMore();
  }

  async #attempt(key: Key): Promise<Outcome> {
    try {
      return await this.#options.run(key);
    } catch (error) {
      this.#options.onUnexpected(key, error);
      return 'retry';
    }
  }

  /** Unlike `add` it keeps the count of failures, so that the backoff goes on growing. */
  #retry(key: Key): void {
    this.#waiting.add(key);
    this.#startMore();
  }
}
