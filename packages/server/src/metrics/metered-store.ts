import { ConflictError, type Revision, type Store, UnavailableError, type Write } from '@esplanade/store';
import { family } from './exposition.ts';
import { Histogram } from './histogram.ts';

/** A store that counts its commits, and knows whether the last one could be written. */
export class MeteredStore implements Store {
  readonly #store: Store;
  readonly #counts = { committed: 0, conflict: 0, failed: 0 };
  readonly #durations = new Histogram();
  #trouble: string | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  async commit(writes: readonly Write[], signal?: AbortSignal): Promise<Revision> {
    const beganMs = performance.now();
    try {
      const revision = await this.#store.commit(writes, signal);
      this.#counts.committed += 1;
      this.#trouble = undefined;
      return revision;
    } catch (error) {
      this.#counts[error instanceof ConflictError ? 'conflict' : 'failed'] += 1;
      if (error instanceof UnavailableError) this.#trouble = error.message;
      throw error;
    } finally {
      this.#durations.observe('', (performance.now() - beganMs) / 1_000);
    }
  }

  /** Why the last commit could not be written, so that no change can be made nor audited; undefined where it could. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  families(): string {
    const counts = Object.entries(this.#counts).map(
      ([result, count]) => [`result="${result}"`, count] as const,
    );
    return [
      family(
        'esplanade_commits_total',
        'counter',
        'Commits to the store: done, met by another writer (and made again), or failed.',
        counts,
      ),
      this.#durations.family('esplanade_commit_duration_seconds', 'From a commit to its being on disk.'),
      family('esplanade_store_writable', 'gauge', 'Whether the last commit could be written.', [
        ['', Number(this.#trouble === undefined)],
      ]),
    ].join('');
  }

  list: Store['list'] = (prefix, signal) => this.#store.list(prefix, signal);
  watch: Store['watch'] = (prefix, after, signal) => this.#store.watch(prefix, after, signal);
  readLog: Store['readLog'] = (log, range) => this.#store.readLog(log, range);
  logHead: Store['logHead'] = (log) => this.#store.logHead(log);
  close: Store['close'] = () => this.#store.close();
}
