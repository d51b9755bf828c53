import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreOpenError } from '../errors.ts';
import type { Store } from '../store.ts';
import { databaseName, inspectDatabase } from './data-directory.ts';
import { listDocuments } from './list-documents.ts';
import { readLogEntries, readLogHead } from './read-log.ts';

const firstSchemaWithLogs = 2;

/** What can be read of a store without holding it. */
export type StoreReader = Pick<Store, 'list' | 'readLog' | 'logHead'>;

/**
 * Reads a data directory that a server may be running on, and changes nothing in it. Throws StoreOpenError when there is no
 * database in it that this program reads.
 */
export function openEmbeddedReader(directory: string): StoreReader {
  const path = join(directory, databaseName);
  if (!existsSync(path)) throw new StoreOpenError(`there is no Esplanade data in ${directory}`);
  const inspect = () => {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    try {
      const { schemaVersion } = inspectDatabase(database, path);
      if (schemaVersion < firstSchemaWithLogs)
        throw new StoreOpenError(
          `${path} is of an older Esplanade: start the server once, it takes the data over`,
        );
    } finally {
      database.close();
    }
  };
  reading(path, inspect);
  return {
    list: (prefix, signal = new AbortController().signal) => listDocuments(path, prefix, signal),
    readLog: async (log, range) => reading(path, () => readLogEntries(path, log, range)),
    logHead: async (log) => reading(path, () => readLogHead(path, log)),
  };
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof StoreOpenError) throw cause;
    throw new StoreOpenError(`cannot read ${path}`, { cause });
  }
}
