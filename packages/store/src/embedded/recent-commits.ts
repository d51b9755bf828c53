import { CompactedError } from '../errors.ts';
import type { Commit, Revision } from '../store.ts';

/** The newest commits, in memory, for watches: at least the last one, at most `maxChanges` changes. */
export class RecentCommits {
  readonly #maxChanges: number;
  readonly #waiting = new Set<() => void>();
  #commits: Commit[] = [];
  /** Index of the oldest commit kept; what lies before it is cut off now and then rather than at every step. */
  #first = 0;
  #changes = 0;
  #newest: Revision;
  #closed = false;

  /** Starts empty at `newest`: a watch from there on misses nothing. */
  constructor(newest: Revision, maxChanges: number) {
    this.#newest = newest;
    this.#maxChanges = maxChanges;
  }

  /** Commits must come in order, without a gap. */
  append(commit: Commit): void {
    this.#commits.push(commit);
    this.#newest = commit.revision;
    this.#changes += commit.changes.length;
    while (this.#changes > this.#maxChanges && this.#first < this.#commits.length - 1) {
      this.#changes -= this.#commits[this.#first]?.changes.length ?? 0;
      this.#first += 1;
    }
    if (this.#first * 2 > this.#commits.length) {
      this.#commits = this.#commits.slice(this.#first);
      this.#first = 0;
    }
    this.#wake();
  }

  /** Every commit later than `after`. Throws CompactedError when some of them are gone. */
  since(after: Revision): readonly Commit[] {
    const missing = this.#newest - after;
    if (missing <= 0) return [];
    if (missing > this.#commits.length - this.#first) {
      throw new CompactedError(
        `the history after revision ${after} is no longer kept; the newest is ${this.#newest}`,
      );
    }
    return this.#commits.slice(-missing);
  }

  /** Resolves when there is more to see, when the signal aborts, or at once when closed. */
  async change(signal: AbortSignal): Promise<void> {
    if (this.#closed || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    this.#waiting.add(wake);
    signal.addEventListener('abort', wake);
    try {
      await promise;
    } finally {
      this.#waiting.delete(wake);
      signal.removeEventListener('abort', wake);
    }
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Ends every watch once it has seen what is here. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}
