import { expect } from 'vitest';
import { ConflictError } from './errors.ts';
import type { Commit, Document, DocumentWrite, LogWrite, Revision, Store, Write } from './store.ts';

/** A fresh, empty store under test. */
export interface StoreUnderTest {
  readonly store: Store;
  /** A number of changes after which the engine has surely forgotten the first ones. */
  readonly changesUntilCompaction: number;
  /** Ends the store if the test has not, and removes what it left. */
  dispose(): Promise<void>;
}

/** The revision of an empty store. */
export const zero = 0 as Revision;
const any = { kind: 'any' } as const;

/** Unless told otherwise, steps of a commit expect nothing. */
export function put(key: string, value = 'value', expect: DocumentWrite['expect'] = any): Write {
  return { kind: 'put', key, value, expect };
}

/** See `put`. */
export function remove(key: string, expect: DocumentWrite['expect'] = any): Write {
  return { kind: 'delete', key, expect };
}

/** A step of any kind, for tests about what all kinds share. */
export function step(
  kind: Exclude<DocumentWrite['kind'], 'rewrite'>,
  key: string,
  expect: DocumentWrite['expect'],
): Write {
  return kind === 'put' ? put(key, 'value', expect) : { kind, key, expect };
}

/** The key of the logs under test. */
export const linkKey: Uint8Array = new Uint8Array(32).fill(7);

/** Adds an entry to a log, which begins with it where it is not there. */
export function append(entry: string, log = 'log'): Extract<LogWrite, { kind: 'append' }> {
  return { kind: 'append', log, entry, linkKey, begins: true };
}

/** Expects the commit to be refused with this key to blame. */
export async function expectConflict(store: Store, key: string, writes: readonly Write[]): Promise<void> {
  const error: unknown = await store.commit(writes).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(ConflictError);
  expect(error).toMatchObject({ key });
}

/** The watched commits up to the one at `last`. */
export async function* watchUntil(
  store: Store,
  prefix: string,
  after: Revision,
  last: number,
): AsyncGenerator<Commit> {
  if (after >= last) return;
  for await (const commit of store.watch(prefix, after, new AbortController().signal)) {
    yield commit;
    if (commit.revision >= last) return;
  }
}

/** Everything until the watch ends. */
export async function collect(commits: AsyncIterable<Commit>): Promise<Commit[]> {
  return Array.fromAsync(commits);
}

/** The keys, in the order of the documents. */
export function keysOf(documents: readonly Document[]): string[] {
  return documents.map((document) => document.key);
}

/** The order of a listing. */
export function byKey(a: Document, b: Document): number {
  return a.key < b.key ? -1 : 1;
}
