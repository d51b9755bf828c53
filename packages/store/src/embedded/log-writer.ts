import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { firstBase, isSame, isSealed, type LinkKey, linkAfter, readyLinkKey, sealOf } from '../log-chain.ts';
import type { LogHead, LogWrite, Write } from '../store.ts';
import { logEntryOf, logHeadOf, selectLogHead } from './log-rows.ts';

type Append = Extract<LogWrite, { kind: 'append' }>;
/** A head while a transaction moves it; sealed at its end. */
type OpenHead = { -readonly [Name in Exclude<keyof LogHead, 'seal'>]: LogHead[Name] } & {
  linkKey: LinkKey;
};

/** No link of any entry: what follows it is broken for good. */
const nothing: Uint8Array = new Uint8Array(32);

/** Writes entries of logs inside the transactions of DocumentWriter, and seals each log's head once in each. */
export class LogWriter {
  readonly #selectHead: StatementSync;
  readonly #upsertHead: StatementSync;
  readonly #selectNewest: StatementSync;
  readonly #selectLink: StatementSync;
  readonly #insert: StatementSync;
  readonly #sumBefore: StatementSync;
  readonly #deleteBefore: StatementSync;
  /** Of the transaction under way. */
  readonly #open = new Map<string, OpenHead>();
  #sealed = new Map<string, Uint8Array>();
  /** The seals that this writer last left: an older one in their place was put there by somebody else. */
  #known = new Map<string, Uint8Array>();
  #ready: { readonly bytes: Uint8Array; readonly linkKey: LinkKey } | undefined;

  constructor(database: DatabaseSync) {
    this.#selectHead = database.prepare(selectLogHead);
    this.#upsertHead = database.prepare(
      `INSERT INTO logs (name, first, base, last, link, bytes, seal) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET first = excluded.first, base = excluded.base, last = excluded.last,
         link = excluded.link, bytes = excluded.bytes, seal = excluded.seal`,
    );
    this.#selectNewest = database.prepare(
      `SELECT position AS number, '' AS entry, link FROM log_entries WHERE log = ? AND position < ${Number.MAX_SAFE_INTEGER}
       ORDER BY position DESC LIMIT 1`,
    );
    this.#selectLink = database.prepare(
      "SELECT position AS number, '' AS entry, link FROM log_entries WHERE log = ? AND position = ?",
    );
    this.#insert = database.prepare(
      'INSERT INTO log_entries (log, position, entry, link) VALUES (?, ?, ?, ?)',
    );
    this.#sumBefore = database.prepare(
      'SELECT coalesce(sum(octet_length(entry)), 0) AS bytes FROM log_entries WHERE log = ? AND position < ?',
    );
    this.#deleteBefore = database.prepare('DELETE FROM log_entries WHERE log = ? AND position < ?');
  }

  /** Writes what a commit has for logs. */
  write(writes: readonly Write[]): void {
    const trims = new Map<string, number>();
    for (const write of writes) {
      if (write.kind === 'trim') trims.set(write.log, write.before);
      if (write.kind !== 'append') continue;
      const head = this.#headFor(write);
      const before = trims.get(write.log);
      trims.delete(write.log);
      if (before !== undefined) this.#trim(write.log, head, before);
      this.#append(write, head);
    }
  }

  /** Seals the heads of this transaction's logs, before it is committed. */
  seal(): void {
    for (const [log, head] of this.#open) {
      const seal = sealOf(head.linkKey, log, head);
      this.#upsertHead.run(log, head.first, head.base, head.last, head.link, head.bytes, seal);
      this.#sealed.set(log, seal);
    }
  }

  /** The transaction is on disk. */
  committed(): void {
    for (const [log, seal] of this.#sealed) this.#known.set(log, seal);
    this.#clear();
  }

  /** The transaction is undone, as far as can be known: from here on only what is stored says where a log ends. */
  abandoned(): void {
    this.#known.clear();
    this.#clear();
  }

  #clear(): void {
    this.#open.clear();
    this.#sealed.clear();
  }

  #append({ log, entry }: Append, head: OpenHead): void {
    head.last += 1;
    head.link = linkAfter(head.linkKey, head.link, head.last, entry);
    head.bytes += Buffer.byteLength(entry);
    this.#insert.run(log, head.last, entry, head.link);
  }

  #trim(log: string, head: OpenHead, before: number): void {
    const first = Math.min(before, head.last + 1);
    if (first <= head.first) return;
    const row = this.#selectLink.get(log, first - 1);
    head.base = row === undefined ? nothing : logEntryOf(row).link;
    head.first = first;
    head.bytes -= Number(this.#sumBefore.get(log, first)?.['bytes']);
    this.#deleteBefore.run(log, first);
  }

  #headFor({ log, linkKey, begins }: Append): OpenHead {
    const ready = this.#readyKey(linkKey);
    const found = this.#open.get(log) ?? { ...this.#load(log, ready, begins ?? false), linkKey: ready };
    found.linkKey = ready;
    this.#open.set(log, found);
    return found;
  }

  /** Nearly always the key of the entry before. */
  #readyKey(bytes: Uint8Array): LinkKey {
    if (this.#ready === undefined || !isSame(this.#ready.bytes, bytes))
      this.#ready = { bytes, linkKey: readyLinkKey(bytes) };
    return this.#ready.linkKey;
  }

  #load(log: string, linkKey: LinkKey, begins: boolean): Omit<LogHead, 'seal'> {
    const row = this.#selectHead.get(log);
    const head = row && logHeadOf(row);
    const newestRow = this.#selectNewest.get(log);
    const newest = newestRow && logEntryOf(newestRow);
    const known = this.#known.get(log);
    const isOurs =
      head !== undefined &&
      newest?.index === head.last &&
      isSame(newest.link, head.link) &&
      (known === undefined ? isSealed(linkKey, log, head) : isSame(known, head.seal));
    if (isOurs) return head;
    const base = firstBase(linkKey, log);
    const isFresh = begins && head === undefined && newest === undefined && known === undefined;
    return {
      first: head?.first ?? 1,
      base: head?.base ?? base,
      last: newest?.index ?? 0,
      link: isFresh ? base : nothing,
      bytes: head?.bytes ?? 0,
    };
  }
}
