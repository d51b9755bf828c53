import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';

/** Fails if the database of a data directory that no server holds is damaged. */
export async function expectSound(dataDirectory: string): Promise<void> {
  const database = new DatabaseSync(join(dataDirectory, 'store.db'));
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  database.close();
}
