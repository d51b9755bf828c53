import { DatabaseSync } from 'node:sqlite';
import type { LogEntry, LogHead, LogRange } from '../store.ts';
import { logEntryOf, logHeadOf, readablePosition, selectLogHead } from './log-rows.ts';

/** Entries of a log, read on a connection of its own. */
export function readLogEntries(databasePath: string, log: string, range: LogRange): readonly LogEntry[] {
  const { after, before, limit, order = 'oldest-first' } = range;
  const bounds = [
    ...(after === undefined ? [] : ([['position > ?', after]] as const)),
    ...(before === undefined ? [] : ([['position < ?', before]] as const)),
  ];
  const where = ['log = ?', ...bounds.map(([condition]) => condition)].join(' AND ');
  return onReader(databasePath, (database) =>
    database
      .prepare(
        `SELECT ${readablePosition} AS number, entry, link FROM log_entries WHERE ${where}
         ORDER BY position ${order === 'oldest-first' ? 'ASC' : 'DESC'} LIMIT ?`,
      )
      .all(log, ...bounds.map(([, bound]) => bound), limit)
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
