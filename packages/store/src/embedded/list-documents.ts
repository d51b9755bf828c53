import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Document, Listing, Revision } from '../store.ts';

/** Rows read in one go; the event loop turns in between. */
const rowsPerTurn = 500;

/**
 * Every document under the prefix at one instant. A connection of its own holds that instant (a read transaction on
 * the write-ahead log), so the writer goes on meanwhile and so does the event loop. `signal` ends it early.
 */
export async function listDocuments(
  databasePath: string,
  prefix: string,
  signal: AbortSignal,
): Promise<Listing> {
  const database = new DatabaseSync(databasePath, { readOnly: true, timeout: 5000 });
  try {
    database.exec('BEGIN');
    const revision = Number(database.prepare('SELECT revision FROM head').get()?.['revision']) as Revision;
    const rows = database
      .prepare('SELECT key, value, created, modified FROM documents WHERE key >= ? AND key < ? ORDER BY key')
      .iterate(prefix, afterPrefix(prefix));
    const documents: Document[] = [];
    for (const row of rows) {
      documents.push({
        key: String(row['key']),
        value: String(row['value']),
        created: Number(row['created']) as Revision,
        modified: Number(row['modified']) as Revision,
      });
      if (documents.length % rowsPerTurn === 0) {
        await nextTurn();
        signal.throwIfAborted();
      }
    }
    return { documents, revision };
  } finally {
    database.close();
  }
}

/** The least text above every key that starts with the prefix: keys are ASCII, so DEL is above whatever follows. */
function afterPrefix(prefix: string): string {
  return `${prefix}\x7f`;
}
