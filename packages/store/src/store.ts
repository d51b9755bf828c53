declare const revision: unique symbol;
/** Position in the store's history: grows with every commit that changes something, never reused. 0 is the empty store. */
export type Revision = number & { readonly [revision]: true };

/** A stored value; `value` is opaque to every engine. `created` and `modified` are the commits that did so. */
export interface Document {
  readonly key: string;
  readonly value: string;
  readonly created: Revision;
  readonly modified: Revision;
}

/** What must hold of a key for a commit to succeed. `any` asks for nothing. */
export type Expectation =
  | { readonly kind: 'any' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'revision'; readonly modified: Revision };

/**
 * One step of a commit. `check` only holds the expectation. A key occurs at most once in a commit; it is 1 to 4096
 * printable ASCII characters without space, so that code units, code points and bytes order alike in every engine.
 * A value is well-formed Unicode.
 */
export type Write =
  | { readonly kind: 'put'; readonly key: string; readonly value: string; readonly expect: Expectation }
  | { readonly kind: 'delete'; readonly key: string; readonly expect: Expectation }
  | { readonly kind: 'check'; readonly key: string; readonly expect: Expectation };

/** What a commit did to one key. */
export type Change =
  | { readonly kind: 'put'; readonly document: Document }
  | { readonly kind: 'delete'; readonly key: string };

/** All changes of one commit that fall under the watched prefix. */
export interface Commit {
  readonly revision: Revision;
  readonly changes: readonly Change[];
}

/** Every document under a prefix at one instant. */
export interface Listing {
  readonly documents: readonly Document[];
  /** The instant the listing shows; a watch after it continues without gap or repeat. */
  readonly revision: Revision;
}

/**
 * Durable desired state. One contract, every engine (conformance.ts).
 *
 * - `list`: every document under a prefix at one instant, ordered by key (code units).
 * - `commit`: all or nothing; resolves when it is on disk (or in a quorum) and visible to `list`, with its own revision,
 *   or with the revision it was checked at if it changes nothing. Rejects with ConflictError and changes nothing when an
 *   expectation fails, with UnavailableError when the engine cannot write, with TypeError when the writes themselves are
 *   malformed. An abort rejects it with the signal's reason as long as the engine has not taken it up, and is without
 *   effect afterwards.
 * - `watch`: every later commit under the prefix, once, in order. Ends by throwing CompactedError when the engine no
 *   longer has the history after `after`: list again. Ends quietly when the signal aborts or the store closes.
 * - `close`: finishes the commits already queued; everything asked later is refused with UnavailableError.
 */
export interface Store {
  list(prefix: string, signal?: AbortSignal): Promise<Listing>;
  commit(writes: readonly Write[], signal?: AbortSignal): Promise<Revision>;
  watch(prefix: string, after: Revision, signal: AbortSignal): AsyncIterable<Commit>;
  close(): Promise<void>;
}
