import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreOpenError } from '../errors.ts';
import { databaseName, inspectDatabase } from './data-directory.ts';

/** How long a server's commit under way may hold this up; its next ones wait for us. */
const busyMs = 30_000;

/**
 * Clears free pages and the write-ahead log of what lies there of former values, and looks that none of the texts is left in any
 * file of the database. A server may run on the directory. Rejects with StoreOpenError when it cannot, or some text is
 * there: nothing is lost then, and it can be tried again.
 */
export async function eraseTraces(directory: string, texts: readonly string[]): Promise<void> {
  const path = join(directory, databaseName);
  rewriteDatabase(path);
  for (const file of [path, `${path}-wal`])
    if (existsSync(file) && (await holdsAny(file, texts)))
      throw new StoreOpenError(
        `${file} still has traces of former values: try again when the server has less to do`,
      );
}

function rewriteDatabase(path: string): void {
  const database = new DatabaseSync(path, { timeout: busyMs });
  try {
    inspectDatabase(database, path);
    database.exec('VACUUM');
    // What is busy goes on being there, and is found.
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch (cause) {
    if (cause instanceof StoreOpenError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreOpenError(`cannot clear ${path} of former values: ${reason}`, { cause });
  } finally {
    database.close();
  }
}

async function holdsAny(path: string, texts: readonly string[]): Promise<boolean> {
  const longest = Math.max(0, ...texts.map((text) => text.length));
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path)) {
    const bytes = Buffer.concat([rest, chunk]);
    if (texts.some((text) => bytes.includes(text))) return true;
    // A text may lie across two chunks.
    rest = bytes.subarray(Math.max(0, bytes.length - longest + 1));
  }
  return false;
}
