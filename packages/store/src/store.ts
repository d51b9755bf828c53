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
export type Expectation = { readonly kind: 'any' } | { readonly kind: 'absent' } | HeldRevision;

/** The document was last changed by that commit. */
export interface HeldRevision {
  readonly kind: 'revision';
  readonly modified: Revision;
}

/**
 * One step of a commit on a document. `check` only holds the expectation. A key occurs at most once in a commit; it is 1 to
 * 4096 printable ASCII characters without space, so that code units, code points and bytes order alike in every engine.
 * A value is well-formed Unicode.
 *
 * `rewrite` stores other bytes of the same meaning, as when a value is encrypted anew: the document stays at the revision it is
 * held at, so that whoever has read it need not look again.
 */
export type DocumentWrite =
  | { readonly kind: 'put'; readonly key: string; readonly value: string; readonly expect: Expectation }
  | { readonly kind: 'rewrite'; readonly key: string; readonly value: string; readonly expect: HeldRevision }
  | { readonly kind: 'delete'; readonly key: string; readonly expect: Expectation }
  | { readonly kind: 'check'; readonly key: string; readonly expect: Expectation };

/**
 * One step of a commit on an append-only log; a log is named like a key and is there from its first entry on.
 *
 * - `append` adds the next entry, well-formed Unicode. The engine numbers and links it (log-chain.ts) with `linkKey`, 32 bytes
 *   that it keeps nowhere. All appends to a log use one key. Only one that `begins` may be the first: where entries should be
 *   and are not, and wherever else the log is not as the engine left it, the entry is written all the same, and linked to
 *   nothing, so that the break is found ever after.
 * - `trim` removes the entries below `before`. It comes before an append to the same log in the same commit: the entry that
 *   says so stays.
 */
export type LogWrite =
  | {
      readonly kind: 'append';
      readonly log: string;
      readonly entry: string;
      readonly linkKey: Uint8Array;
      readonly begins?: true;
    }
  | { readonly kind: 'trim'; readonly log: string; readonly before: number };

/** One step of a commit. */
export type Write = DocumentWrite | LogWrite;

/** An entry of a log. `index` counts from 1 without a gap; `link` ties it to all entries before it. */
export interface LogEntry {
  readonly index: number;
  readonly entry: string;
  readonly link: Uint8Array;
}

/**
 * Which entries of a log to read: those above `after` and below `before`, at most `limit` of them. Without one of these, whatever lies there,
 * also what no engine has numbered so.
 */
export interface LogRange {
  readonly after?: number;
  readonly before?: number;
  readonly limit: number;
  /** Oldest first unless told otherwise. The limit counts from there. */
  readonly order?: 'oldest-first' | 'newest-first';
}

/** Where a log begins and ends, sealed with its key so that nothing can be cut off at either end. */
export interface LogHead {
  /** The oldest entry kept, and the link of the one before it. */
  readonly first: number;
  readonly base: Uint8Array;
  /** The newest entry and its link. */
  readonly last: number;
  readonly link: Uint8Array;
  /** UTF-8 bytes of the entries kept. */
  readonly bytes: number;
  readonly seal: Uint8Array;
}

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
 *   effect afterwards. Entries of logs are no documents: `list` and `watch` do not show them, and they alone change no revision.
 * - `watch`: every later commit under the prefix, once, in order. Ends by throwing CompactedError when the engine no
 *   longer has the history after `after`: list again. Ends quietly when the signal aborts or the store closes.
 * - `readLog`: entries of a log, all that were there when a commit before it resolved; none of a log that is not there.
 * - `logHead`: the head of a log; `undefined` of one that is not there.
 * - `close`: finishes the commits already queued; everything asked later is refused with UnavailableError.
 */
export interface Store {
  list(prefix: string, signal?: AbortSignal): Promise<Listing>;
  commit(writes: readonly Write[], signal?: AbortSignal): Promise<Revision>;
  watch(prefix: string, after: Revision, signal: AbortSignal): AsyncIterable<Commit>;
  readLog(log: string, range: LogRange): Promise<readonly LogEntry[]>;
  logHead(log: string): Promise<LogHead | undefined>;
  close(): Promise<void>;
}
