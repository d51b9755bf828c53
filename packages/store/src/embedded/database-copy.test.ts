import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StoreOpenError } from '../errors.ts';
import type { Store } from '../store.ts';
import { checkDatabase, copyDatabase, openEmptyDirectory } from './database-copy.ts';
import { openEmbeddedStore } from './embedded-store.ts';
import { temporaryDirectory } from './temporary-directory.fixture.ts';

const put = (store: Store, key: string, value: string) =>
  store.commit([{ kind: 'put', key, value, expect: { kind: 'any' } }]);

describe('a copy of a database', () => {
  it('is one instant of a store that goes on, private, and becomes a store of the same documents', async () => {
    const directory = await temporaryDirectory();
    const store = await openEmbeddedStore({ directory });
    for (let index = 0; index < 50; index += 1) await put(store, `key-${index}`, `value ${index}`);
    const before = await store.list('');
    const other = await temporaryDirectory();
    const empty = openEmptyDirectory(other, []);
    const writing = put(store, 'late', 'value');
    copyDatabase(directory, empty.draftPath);
    await writing;
    await store.close();
    expect((await stat(empty.draftPath)).mode & 0o777).toBe(0o600);
    expect(checkDatabase(empty.draftPath).revision).toBeGreaterThanOrEqual(before.revision);
    empty.install();
    empty.release();
    const restored = await openEmbeddedStore({ directory: other });
    const { documents } = await restored.list('');
    expect(documents.filter(({ key }) => key !== 'late')).toEqual(before.documents);
    await put(restored, 'more', 'value');
    expect(existsSync(join(other, 'store.db-wal'))).toBe(true);
    await restored.close();
  });

  it('has nothing of what was deleted', async () => {
    const directory = await temporaryDirectory();
    const store = await openEmbeddedStore({ directory });
    await put(store, 'key', 'deleted-'.repeat(2_000));
    await store.commit([{ kind: 'delete', key: 'key', expect: { kind: 'any' } }]);
    await store.close();
    expect((await readFile(join(directory, 'store.db'))).includes('deleted-')).toBe(true);
    const into = join(directory, 'copy.db');
    copyDatabase(directory, into);
    expect((await readFile(into)).includes('deleted-')).toBe(false);
  });

  it('is refused of what is no database of ours, and where something is already', async () => {
    const directory = await temporaryDirectory();
    expect(() => copyDatabase(directory, join(directory, 'copy.db'))).toThrow(StoreOpenError);
    const store = await openEmbeddedStore({ directory });
    await put(store, 'key', 'value');
    await store.close();
    await writeFile(join(directory, 'there'), 'something of somebody');
    expect(() => copyDatabase(directory, join(directory, 'there'))).toThrow(StoreOpenError);
    expect(await readFile(join(directory, 'there'), 'utf8')).toBe('something of somebody');
  });

  it('is known to be damaged', async () => {
    const directory = await temporaryDirectory();
    const store = await openEmbeddedStore({ directory });
    for (let index = 0; index < 500; index += 1) await put(store, `key-${index}`, `value ${index}`);
    await store.close();
    const path = join(directory, 'store.db');
    const bytes = await readFile(path);
    bytes.fill(0x5a, 3 * 4096, 4 * 4096);
    await writeFile(path, bytes);
    expect(() => checkDatabase(path)).toThrow(/damaged|malformed/);
  });
});

describe('a directory that is to get data', () => {
  it('is refused when anything is in it but what it may hold, and left as it is', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'secrets.key'), 'key');
    openEmptyDirectory(directory, ['secrets.key']).release();
    await mkdir(join(directory, 'other'));
    expect(() => openEmptyDirectory(directory, ['secrets.key'])).toThrow(/is not empty: it holds other/);
    expect((await readdir(directory)).sort()).toEqual(['other', 'secrets.key']);
  });

  it('is held, so that no server starts on it meanwhile', async () => {
    const directory = await temporaryDirectory();
    const empty = openEmptyDirectory(directory, []);
    await expect(openEmbeddedStore({ directory })).rejects.toThrow(/another server/);
    expect(() => openEmptyDirectory(directory, [])).toThrow(/another server/);
    empty.release();
    await (await openEmbeddedStore({ directory })).close();
  });

  it('takes what an attempt left that was killed', async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, 'restoring'));
    await writeFile(join(directory, 'restoring', 'store.db'), 'half');
    const empty = openEmptyDirectory(directory, []);
    expect(await readdir(empty.draftDirectory)).toEqual([]);
    empty.release();
    expect(await readdir(directory)).toEqual([]);
  });

  it('is what it was when nothing came of it: none, or with the lock of the server that was there', async () => {
    const directory = await temporaryDirectory();
    const absent = join(directory, 'absent');
    openEmptyDirectory(absent, []).release();
    expect(await readdir(directory)).toEqual([]);
    await writeFile(join(directory, 'lock'), '');
    openEmptyDirectory(directory, []).release();
    expect(await readdir(directory)).toEqual(['lock']);
  });
});
