import { Worker } from 'node:worker_threads';
import { ConflictError, UnavailableError } from '../errors.ts';
import type { Commit, Revision, Write } from '../store.ts';
import type { CommitOutcome } from './document-writer.ts';
import type { WriterReply, WriterRequest, WriterThreadData } from './writer-thread.ts';

/** Refused beyond, so that a disk that hangs cannot fill the memory with waiting commits. */
const maxQueuedCommits = 20_000;
/** A batch is one transaction; more writes in one only make the first wait longer. */
const maxBatchWrites = 2_000;

/** Turns of the event loop that the first commit of a batch waits for others, at most. */
const mostTurns = 16;

interface QueuedCommit {
  readonly writes: readonly Write[];
  readonly settle: (outcome: CommitOutcome) => void;
}

/**
 * Group commit: while the writer thread has one batch on its way to the disk, commits gather here, and go together
 * as the next batch, so that one sync of the disk carries as many commits as are waiting.
 */
export class CommitQueue {
  readonly #worker: Worker;
  readonly #applied: (commit: Commit) => void;
  readonly #exited = Promise.withResolvers<void>();
  readonly #ready = Promise.withResolvers<void>();
  #queued: QueuedCommit[] = [];
  #inFlight: readonly QueuedCommit[] = [];
  #isGathering = false;
  #refusal: string | undefined;
  #isReady = false;
  #isClosing = false;

  /**
   * Starts the writer thread on a database that `openDataDirectory` prepared. `applied` is told of every commit that
   * changed something, in the order of revisions, before its promise resolves.
   */
  constructor(databasePath: string, applied: (commit: Commit) => void) {
    this.#applied = applied;
    // From source Node strips the types of the .ts file; a bundle has the thread as a .js file beside it.
    const file = import.meta.url.endsWith('.ts') ? './writer-thread.ts' : './writer-thread.js';
    this.#worker = new Worker(new URL(file, import.meta.url), {
      name: 'store writer',
      workerData: { databasePath } satisfies WriterThreadData,
      // Flags of this process are about its own entry, such as --input-type.
      execArgv: [],
    });
    this.#worker.on('message', (reply: WriterReply) => {
      if (reply.kind === 'ready') {
        this.#isReady = true;
        this.#ready.resolve();
      } else this.#onOutcomes(reply.outcomes);
    });
    this.#worker.on('error', (error) => this.#fail(`the store's writer failed: ${error.message}`));
    this.#worker.once('exit', () => {
      const isUnexpected = this.#isReady && !this.#isClosing;
      this.#fail("the store's writer has ended");
      this.#exited.resolve();
      // A bug or damage. Nothing will be saved any more: a process that ends is started anew, this one would need somebody.
      if (isUnexpected) setImmediate(() => throwLost(this.#refusal));
    });
  }

  /** Resolves when the thread takes commits; rejects with UnavailableError when it could not start. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Resolves when the commit is on disk; rejects as Store.commit says. */
  commit(writes: readonly Write[], signal?: AbortSignal): Promise<Revision> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.#refusal !== undefined) throw new UnavailableError(this.#refusal);
      if (this.#queued.length >= maxQueuedCommits) {
        throw new UnavailableError(`${maxQueuedCommits} commits are waiting for the disk already`);
      }
      const abandon = () => {
        const position = this.#queued.indexOf(queued);
        if (position < 0) return;
        this.#queued.splice(position, 1);
        reject(signal?.reason);
      };
      const queued: QueuedCommit = {
        writes,
        settle: (outcome) => {
          signal?.removeEventListener('abort', abandon);
          switch (outcome.kind) {
            case 'committed':
              return resolve(outcome.commit.revision);
            case 'conflict':
              return reject(new ConflictError(outcome.key));
            case 'unavailable':
              return reject(new UnavailableError(outcome.reason));
          }
        },
      };
      signal?.addEventListener('abort', abandon, { once: true });
      this.#queued.push(queued);
      if (this.#inFlight.length === 0 && !this.#isGathering) this.#gather();
    });
  }

  /** Refuses new commits, finishes the queued ones and ends the thread. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#refusal ??= 'the store is closed';
    if (this.#inFlight.length === 0 && !this.#isGathering) this.#send({ kind: 'close' });
    await this.#exited.promise;
  }

  #onOutcomes(outcomes: readonly CommitOutcome[]): void {
    const done = this.#inFlight;
    this.#inFlight = [];
    this.#goOn();
    outcomes.forEach((outcome, index) => {
      if (outcome.kind === 'committed' && outcome.commit.changes.length > 0) this.#applied(outcome.commit);
      done[index]?.settle(outcome);
    });
  }

  /** Goes on once a turn of the event loop has brought no more commits: those who write at the same time share a batch. */
  #gather(turns = 1): void {
    this.#isGathering = true;
    const before = this.#queued.length;
    setImmediate(() => {
      if (this.#queued.length > before && turns < mostTurns) this.#gather(turns + 1);
      else {
        this.#isGathering = false;
        this.#goOn();
      }
    });
  }

  #goOn(): void {
    if (this.#queued.length > 0) this.#sendBatch();
    else if (this.#refusal !== undefined) this.#send({ kind: 'close' });
  }

  #sendBatch(): void {
    let writes = 0;
    let count = 0;
    for (const queued of this.#queued) {
      writes += queued.writes.length;
      if (count > 0 && writes > maxBatchWrites) break;
      count += 1;
    }
    this.#inFlight = this.#queued.splice(0, count);
    this.#send({ kind: 'commit', commits: this.#inFlight.map((queued) => queued.writes) });
  }

  #send(request: WriterRequest): void {
    this.#worker.postMessage(request);
  }

  /** Whether the commits in flight reached the disk is then unknown; a reopened store shows it. */
  #fail(reason: string): void {
    this.#refusal ??= reason;
    this.#ready.reject(new UnavailableError(reason));
    const stranded = [...this.#inFlight, ...this.#queued];
    this.#inFlight = [];
    this.#queued = [];
    for (const queued of stranded) queued.settle({ kind: 'unavailable', reason });
  }
}

function throwLost(reason = 'the store has no writer'): never {
  throw new Error(reason);
}
