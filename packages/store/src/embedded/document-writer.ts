import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Change, Commit, Document, DocumentWrite, Revision, Write } from '../store.ts';
import { LogWriter } from './log-writer.ts';
import { writeTrouble } from './write-trouble.ts';

/** What one commit of a batch came to. `commit` lists what changed: nothing, if it only checked. */
export type CommitOutcome =
  | { readonly kind: 'committed'; readonly commit: Commit }
  | { readonly kind: 'conflict'; readonly key: string }
  | { readonly kind: 'unavailable'; readonly reason: string };

/**
 * The one writer of documents and logs. Synchronous: it belongs in a thread of its own.
 *
 * Nothing here needs a savepoint: a key occurs at most once in a commit, so every expectation is about the state
 * before it and is checked before the first write; and entries of logs expect nothing.
 */
export class DocumentWriter {
  readonly #database: DatabaseSync;
  readonly #databasePath: string;
  readonly #selectRevision: StatementSync;
  readonly #updateRevision: StatementSync;
  readonly #select: StatementSync;
  readonly #upsert: StatementSync;
  readonly #delete: StatementSync;
  readonly #logs: LogWriter;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#databasePath = database.location() ?? '';
    this.#logs = new LogWriter(database);
    this.#selectRevision = database.prepare('SELECT revision FROM head');
    this.#updateRevision = database.prepare('UPDATE head SET revision = ?');
    this.#select = database.prepare('SELECT created, modified FROM documents WHERE key = ?');
    this.#upsert = database.prepare(
      `INSERT INTO documents (key, value, created, modified) VALUES (?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, modified = excluded.modified`,
    );
    this.#delete = database.prepare('DELETE FROM documents WHERE key = ?');
  }

  /**
   * Writes the commits in order in one transaction and returns, once it is on disk, what each came to. Where SQLite
   * cannot (disk full, read-only), nothing of the transaction stays, and each commit is then tried by itself, so that
   * one that does not fit fails alone.
   */
  commitAll(commits: readonly (readonly Write[])[]): readonly CommitOutcome[] {
    try {
      return this.#transaction(commits);
    } catch (error) {
      if (commits.length > 1) return commits.flatMap((commit) => this.commitAll([commit]));
      return [{ kind: 'unavailable', reason: writeTrouble(error, this.#databasePath) }];
    }
  }

  #transaction(commits: readonly (readonly Write[])[]): readonly CommitOutcome[] {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const before = Number(this.#selectRevision.get()?.['revision']) as Revision;
      let revision = before;
      const outcomes = commits.map((writes): CommitOutcome => {
        const documents = writes.filter(isOnDocument);
        const stored = documents.map((write) => this.#find(write.key));
        const failed = documents.find((write, index) => !holds(write, stored[index]));
        if (failed !== undefined) return { kind: 'conflict', key: failed.key };
        const next = (revision + 1) as Revision;
        const changes = documents.flatMap((write, index) => this.#write(write, stored[index], next));
        this.#logs.write(writes);
        if (changes.length > 0) revision = next;
        return { kind: 'committed', commit: { revision, changes } };
      });
      if (revision !== before) this.#updateRevision.run(revision);
      this.#logs.seal();
      this.#database.exec('COMMIT');
      this.#logs.committed();
      return outcomes;
    } catch (error) {
      this.#logs.abandoned();
      // SQLite has already rolled back by itself after some failures, a full disk among them.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #find(key: string): StoredRevisions | undefined {
    const row = this.#select.get(key);
    if (row === undefined) return undefined;
    return { created: Number(row['created']) as Revision, modified: Number(row['modified']) as Revision };
  }

  #write(write: DocumentWrite, stored: StoredRevisions | undefined, revision: Revision): readonly Change[] {
    if (write.kind === 'check') return [];
    const { key } = write;
    if (write.kind === 'delete') {
      if (stored === undefined) return [];
      this.#delete.run(key);
      return [{ kind: 'delete', key }];
    }
    const created = stored?.created ?? revision;
    const modified = write.kind === 'rewrite' ? write.expect.modified : revision;
    const document: Document = { key, value: write.value, created, modified };
    this.#upsert.run(key, document.value, created, modified);
    return [{ kind: 'put', document }];
  }
}

type StoredRevisions = Pick<Document, 'created' | 'modified'>;

function isOnDocument(write: Write): write is DocumentWrite {
  return write.kind !== 'append' && write.kind !== 'trim';
}

function holds(write: DocumentWrite, stored: StoredRevisions | undefined): boolean {
  switch (write.expect.kind) {
    case 'any':
      return true;
    case 'absent':
      return stored === undefined;
    case 'revision':
      return stored?.modified === write.expect.modified;
  }
}
