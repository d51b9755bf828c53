import type { DocumentWrite, LogEntry, LogHead, LogRange, Revision, Store } from '@esplanade/store';

/** The name of the audit log in the store. */
export const auditLogName = 'audit';

/** A commit that is about to be made. */
export interface AuditedCommit {
  readonly writes: readonly DocumentWrite[];
  /** It only makes way for the commit that follows, or that is refused after all. */
  readonly isPreparation: boolean;
}

/** What goes into the audit log with each commit. */
export interface AuditSource {
  /** The entry of the audit log for a commit. Asked at each attempt, in the caller's async context. */
  readonly auditEntry: (commit: AuditedCommit) => string;
  /** Told in the same async context when a commit with such an entry is on disk. */
  readonly onAudited?: () => void;
  /** Told when the log that is opened was not left so by whoever wrote it last; `esplanade audit verify` says more. */
  readonly onBroken?: (sentence: string) => void;
}

/** The audit log of a store; every change of the desired state goes through it, so that none is made without an entry. */
export class AuditLog {
  readonly #store: Store;
  readonly #linkKey: Uint8Array;
  readonly #source: AuditSource;

  constructor(store: Store, linkKey: Uint8Array, source: AuditSource) {
    this.#store = store;
    this.#linkKey = linkKey;
    this.#source = source;
  }

  /** Commits the writes and their entry, both or neither. Rejects as Store.commit does. */
  commit(writes: readonly DocumentWrite[], isPreparation = false): Promise<Revision> {
    return this.#commit({ writes, isPreparation }, {});
  }

  /** As `commit`, where this entry is the log's first. */
  begin(writes: readonly DocumentWrite[]): Promise<Revision> {
    return this.#commit({ writes, isPreparation: false }, { begins: true });
  }

  /** Adds an entry without a change. */
  async add(entry: string): Promise<void> {
    await this.#store.commit([this.#append(entry)]);
  }

  /** Removes the entries below `before`, together with an entry that says so. */
  async trim(before: number, entry: string): Promise<void> {
    await this.#store.commit([{ kind: 'trim', log: auditLogName, before }, this.#append(entry)]);
  }

  read(range: LogRange): Promise<readonly LogEntry[]> {
    return this.#store.readLog(auditLogName, range);
  }

  async head(): Promise<LogHead> {
    const head = await this.#store.logHead(auditLogName);
    if (head === undefined) throw new Error('the audit log is gone from the store');
    return head;
  }

  async #commit(commit: AuditedCommit, first: { readonly begins?: true }): Promise<Revision> {
    const append = { ...this.#append(this.#source.auditEntry(commit)), ...first };
    const revision = await this.#store.commit([...commit.writes, append]);
    this.#source.onAudited?.();
    return revision;
  }

  #append(entry: string) {
    return { kind: 'append', log: auditLogName, entry, linkKey: this.#linkKey } as const;
  }
}
