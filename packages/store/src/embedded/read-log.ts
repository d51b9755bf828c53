import { DatabaseSync } from 'node:sqlite';
import type { LogEntry, LogHead, LogRange } from '../store.ts';
import { logEntryOf, logHeadOf, selectLogHead } from './log-rows.ts';

/** Entries of a log, read on a connection of its own. */
export function readLogEntries(databasePath: string, log: string, range: LogRange): readonly LogEntry[] {
  const { after = 0, before = Number.MAX_SAFE_INTEGER, limit, order = 'oldest-first' } = range;
  return onReader(databasePath, (database) =>
    database
      .prepare(
        `SELECT position, entry, link FROM log_entries WHERE log = ? AND position > ? AND position < ?
         ORDER BY position ${order === 'oldest-first' ? 'ASC' : 'DESC'} LIMIT ?`,
      )
      .all(log, after, before, limit)
      .map(logEntryOf),
  );
}

/** The head of a log, read on a connection of its own. */
export function readLogHead(databasePath: string, log: string): LogHead | undefined {
  return onReader(databasePath, (database) => {
    const row = database.prepare(selectLogHead).get(log);
    return row && logHeadOf(row);
  });
}

function onReader<T>(databasePath: string, read: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(databasePath, { readOnly: true, timeout: 5000 });
  try {
    return read(database);
  } finally {
    database.close();
  }
}
