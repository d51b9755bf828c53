import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';

/** Fails if the database of a data directory that no server holds is damaged. Looks at a copy. */
export async function expectSound(dataDirectory: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'esplanade-copy-'));
  try {
    for (const name of ['store.db', 'store.db-wal']) {
      await copyFile(join(dataDirectory, name), join(directory, name));
    }
    const database = new DatabaseSync(join(directory, 'store.db'));
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    database.close();
  } finally {
    await rm(directory, { recursive: true });
  }
}
