import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import {
  type Change,
  CompactedError,
  type Document,
  type Listing,
  type Revision,
  type Store,
  UnavailableError,
} from '@esplanade/store';
import type { DesiredChange } from './desired-state.ts';
import type { DesiredSnapshot } from './model.ts';
import { inOrderOfReference } from './order-of-reference.ts';
import type { Present } from './plan.ts';
import { Records } from './records.ts';
import type { SecretBox } from './secret-box.ts';

type Listener = (snapshot: DesiredSnapshot, change: DesiredChange) => void;

/** Documents read in one go; the event loop turns in between. */
const documentsPerTurn = 250;
const retryMilliseconds = 500;

interface Waiter {
  readonly revision: Revision;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Follows the store's watch: the newest records and snapshot, and whoever waits for them. */
export class Follower {
  readonly #store: Store;
  readonly #box: SecretBox;
  readonly #listeners = new Set<Listener>();
  readonly #closed = new AbortController();
  readonly #following: Promise<void>;
  #present: Present;
  #waiters: Waiter[] = [];

  private constructor(store: Store, box: SecretBox, present: Present) {
    this.#store = store;
    this.#box = box;
    this.#present = present;
    this.#following = this.#follow();
  }

  /** Starts from a listing of the whole store. Throws MalformedDocumentError or SealError on what it cannot read. */
  static async start(store: Store, box: SecretBox, listing: Listing): Promise<Follower> {
    return new Follower(store, box, await load(listing, box));
  }

  get present(): Present {
    return this.#present;
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when `present` shows the revision; rejects with UnavailableError when it never will. */
  reached(revision: Revision): Promise<void> {
    if (this.#present.snapshot.revision >= revision) return Promise.resolve();
    if (this.#closed.signal.aborted) return Promise.reject(this.#closed.signal.reason);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ revision, resolve, reject });
    });
  }

  async close(): Promise<void> {
    this.#end(new UnavailableError('the desired state is closed'));
    await this.#following;
  }

  /**
   * A failure that is not the store's absence is a bug or damage. It ends every write, and the rejection is left
   * unhandled so that the process ends too: a server that no longer sees its desired state must not go on serving it.
   */
  async #follow(): Promise<void> {
    const { signal } = this.#closed;
    try {
      while (!signal.aborted) {
        try {
          await this.#watch(signal);
          return;
        } catch (error) {
          if (!(error instanceof CompactedError || error instanceof UnavailableError)) throw error;
          if (error instanceof UnavailableError) await delay(retryMilliseconds, undefined, { signal });
          this.#advance(await load(await this.#store.list('', signal), this.#box), { kind: 'everything' });
        }
      }
    } catch (cause) {
      if (signal.aborted) return;
      this.#end(new UnavailableError('the store can no longer be followed', { cause }));
      throw cause;
    }
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { records } = this.#present;
    for await (const { revision, changes } of this.#store.watch(
      '',
      this.#present.snapshot.revision,
      signal,
    )) {
      const change = records.apply(changes);
      this.#advance({ records, snapshot: records.snapshot(revision) }, change);
    }
  }

  #advance(present: Present, change: DesiredChange): void {
    this.#present = present;
    for (const listener of this.#listeners) listener(present.snapshot, change);
    const { revision } = present.snapshot;
    const served = this.#waiters.filter((waiter) => waiter.revision <= revision);
    this.#waiters = this.#waiters.filter((waiter) => waiter.revision > revision);
    for (const waiter of served) waiter.resolve();
  }

  #end(reason: UnavailableError): void {
    this.#closed.abort(reason);
    for (const waiter of this.#waiters) waiter.reject(reason);
    this.#waiters = [];
  }
}

async function load({ documents, revision }: Listing, box: SecretBox): Promise<Present> {
  const records = new Records(box);
  const changes = inOrderOfReference(documents.map(asChange)).map(({ change }) => change);
  for (let read = 0; read < changes.length; read += documentsPerTurn) {
    records.apply(changes.slice(read, read + documentsPerTurn));
    await nextTurn();
  }
  return { records, snapshot: records.snapshot(revision) };
}

function asChange(document: Document): Change {
  return { kind: 'put', document };
}
