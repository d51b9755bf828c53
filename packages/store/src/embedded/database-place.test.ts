import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DatabasePlace } from './database-place.ts';
import { temporaryDirectory } from './temporary-directory.fixture.ts';

/** A directory with what looks like a database, reached by way of a symbolic link. */
async function placeInDirectory() {
  const root = await temporaryDirectory();
  const directory = join(root, 'data');
  mkdirSync(directory);
  const link = join(root, 'link');
  symlinkSync(directory, link);
  for (const name of ['store.db', 'store.db-wal']) writeFileSync(join(directory, name), '');
  return { directory, link, place: new DatabasePlace(join(link, 'store.db')) };
}

describe('the place of a database', () => {
  it('is right while its files are where they were, and again when they are put back', async () => {
    const { directory, place } = await placeInDirectory();
    expect(place.trouble()).toBeUndefined();
    renameSync(directory, `${directory}.away`);
    expect(place.trouble()).toMatch(/moved or deleted/);
    renameSync(`${directory}.away`, directory);
    expect(place.trouble()).toBeUndefined();
  });

  it('is wrong when the log alone is gone, or another file has its name', async () => {
    const { directory, place } = await placeInDirectory();
    const log = join(directory, 'store.db-wal');
    renameSync(log, `${log}.away`);
    expect(place.trouble()).toMatch(/moved or deleted/);
    writeFileSync(log, '');
    expect(place.trouble()).toMatch(/replaced while/);
  });

  it('is wrong when nobody can tell', async () => {
    const { link, place } = await placeInDirectory();
    rmSync(link);
    symlinkSync(link, link);
    expect(place.trouble()).toMatch(/cannot be looked at \(ELOOP/);
  });
});
