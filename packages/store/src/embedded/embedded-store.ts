import { StoreOpenError, UnavailableError } from '../errors.ts';
import type { Commit, Listing, LogEntry, LogHead, LogRange, Revision, Store, Write } from '../store.ts';
import { assertWrites } from '../writes.ts';
import { CommitQueue } from './commit-queue.ts';
import { type DataDirectory, openDataDirectory } from './data-directory.ts';
import { listDocuments } from './list-documents.ts';
import { readLogEntries, readLogHead } from './read-log.ts';
import { RecentCommits } from './recent-commits.ts';

/** Settings of an embedded store. */
export interface EmbeddedStoreOptions {
  /** Created where absent; this process holds it alone until the store closes. */
  readonly directory: string;
  /** How many of the latest changes are kept for watches: one that lags further behind must list again. */
  readonly historyChanges?: number;
}

/**
 * Opens the store of a single machine: SQLite in `directory` (write-ahead log, a full sync of the disk before a commit
 * resolves), one writer in a thread of its own. Rejects with StoreOpenError, nothing touched, when another server holds
 * the directory or its data is not ours to read.
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<Store> {
  const { directory, historyChanges = 50_000 } = options;
  const dataDirectory = openDataDirectory(directory);
  const recent = new RecentCommits(dataDirectory.revision, historyChanges);
  const queue = new CommitQueue(dataDirectory.databasePath, (commit) => recent.append(commit));
  try {
    await queue.ready;
  } catch (cause) {
    dataDirectory.release();
    throw new StoreOpenError(`cannot start the writer of ${directory}`, { cause });
  }
  return new EmbeddedStore(dataDirectory, queue, recent);
}

class EmbeddedStore implements Store {
  readonly #directory: DataDirectory;
  readonly #queue: CommitQueue;
  readonly #recent: RecentCommits;
  readonly #lists = new Set<Promise<Listing>>();
  readonly #closed = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(directory: DataDirectory, queue: CommitQueue, recent: RecentCommits) {
    this.#directory = directory;
    this.#queue = queue;
    this.#recent = recent;
  }

  async list(prefix: string, signal?: AbortSignal): Promise<Listing> {
    signal?.throwIfAborted();
    const closed = this.#closed.signal;
    const either = signal === undefined ? closed : AbortSignal.any([signal, closed]);
    closed.throwIfAborted();
    const listing = listDocuments(this.#directory.databasePath, prefix, either);
    this.#lists.add(listing);
    try {
      return await listing;
    } catch (cause) {
      if (either.aborted) throw cause;
      throw new UnavailableError('the store cannot be read', { cause });
    } finally {
      this.#lists.delete(listing);
    }
  }

  async commit(writes: readonly Write[], signal?: AbortSignal): Promise<Revision> {
    assertWrites(writes);
    return this.#queue.commit(writes, signal);
  }

  async *watch(prefix: string, after: Revision, signal: AbortSignal): AsyncGenerator<Commit> {
    let position = after;
    while (!signal.aborted) {
      const commits = this.#recent.since(position);
      for (const { revision, changes } of commits) {
        position = revision;
        const visible = changes.filter((change) =>
          (change.kind === 'put' ? change.document.key : change.key).startsWith(prefix),
        );
        if (visible.length > 0) yield { revision, changes: visible };
        if (signal.aborted) return;
      }
      if (commits.length > 0) continue;
      if (this.#recent.closed) return;
      await this.#recent.change(signal);
    }
  }

  async readLog(log: string, range: LogRange): Promise<readonly LogEntry[]> {
    return this.#read((databasePath) => readLogEntries(databasePath, log, range));
  }

  async logHead(log: string): Promise<LogHead | undefined> {
    return this.#read((databasePath) => readLogHead(databasePath, log));
  }

  #read<T>(read: (databasePath: string) => T): T {
    this.#closed.signal.throwIfAborted();
    try {
      return read(this.#directory.databasePath);
    } catch (cause) {
      throw new UnavailableError('the store cannot be read', { cause });
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#closed.abort(new UnavailableError('the store is closed'));
    await Promise.allSettled(this.#lists);
    await this.#queue.close();
    this.#recent.close();
    this.#directory.release();
  }
}
