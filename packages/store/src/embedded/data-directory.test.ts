import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StoreOpenError } from '../errors.ts';
import type { Write } from '../store.ts';
import { openEmbeddedStore } from './embedded-store.ts';
import { temporaryDirectory } from './temporary-directory.fixture.ts';

const write: Write = { kind: 'put', key: 'k', value: 'v', expect: { kind: 'any' } };

async function openAndWrite(directory: string): Promise<void> {
  const store = await openEmbeddedStore({ directory });
  await store.commit([write]);
  await store.close();
}

/** A server in a process of its own that holds the directory; resolves when it does. */
async function startHolder(directory: string) {
  const source = `
    import { openEmbeddedStore } from ${JSON.stringify(new URL('embedded-store.ts', import.meta.url).href)};
    const store = await openEmbeddedStore({ directory: process.argv[1] });
    await store.commit([${JSON.stringify(write)}]);
    process.stdout.write('held');
    setInterval(() => store, 60_000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  return child;
}

describe('the data directory', () => {
  it('and its files are private, also those of the log, whatever the umask', async () => {
    const directory = join(await temporaryDirectory(), 'a', 'b');
    const store = await openEmbeddedStore({ directory });
    await store.commit([write]);
    const names = await readdir(directory);
    expect(names.sort()).toEqual(['lock', 'store.db', 'store.db-shm', 'store.db-wal']);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    for (const name of names) expect((await stat(join(directory, name))).mode & 0o777, name).toBe(0o600);
    await store.close();
    expect((await readdir(directory)).sort()).toEqual(['lock', 'store.db']);
  });

  it('is refused with a sentence where none can be made', async () => {
    const file = join(await temporaryDirectory(), 'file');
    await writeFile(file, '');
    for (const directory of ['/proc/esplanade', '/proc/esplanade/data', join(file, 'data')])
      await expect(openEmbeddedStore({ directory })).rejects.toThrow(
        `cannot open the data directory ${directory}: `,
      );
  });

  it('shows after reopening what it held, at the same revision, and can be watched from there', async () => {
    const directory = await temporaryDirectory();
    const store = await openEmbeddedStore({ directory });
    await store.commit([write]);
    await store.commit([{ ...write, key: 'l' }]);
    const before = await store.list('');
    await store.close();
    const reopened = await openEmbeddedStore({ directory });
    onTestFinished(() => reopened.close());
    expect(await reopened.list('')).toEqual(before);
    const next = reopened
      .watch('', before.revision, new AbortController().signal)
      [Symbol.asyncIterator]()
      .next();
    await reopened.commit([write]);
    expect((await next).value).toMatchObject({ revision: before.revision + 1 });
  });

  it('is refused to a second server, in this process or another, while the first lives', async () => {
    const directory = await temporaryDirectory();
    const holder = await startHolder(directory);
    await expect(openEmbeddedStore({ directory })).rejects.toThrow(/another server/);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const store = await openEmbeddedStore({ directory });
    await expect(openEmbeddedStore({ directory })).rejects.toBeInstanceOf(StoreOpenError);
    expect((await store.list('')).documents).toHaveLength(1);
    await store.close();
    await openAndWrite(directory);
  });

  it('is refused untouched when its schema is newer', async () => {
    const directory = await temporaryDirectory();
    await openAndWrite(directory);
    const path = join(directory, 'store.db');
    const newer = new DatabaseSync(path);
    newer.exec('PRAGMA user_version = 3');
    newer.close();
    const before = await readFile(path);
    await expect(openEmbeddedStore({ directory })).rejects.toThrow(
      /schema version 3.*reads versions up to 2/,
    );
    expect(await readFile(path)).toEqual(before);
  });

  it('of the first release is taken over, with what it holds', async () => {
    const directory = await temporaryDirectory();
    await openAndWrite(directory);
    const path = join(directory, 'store.db');
    const former = new DatabaseSync(path);
    former.exec('DROP TABLE logs; DROP TABLE log_entries; PRAGMA user_version = 1');
    former.close();
    const store = await openEmbeddedStore({ directory });
    expect((await store.list('')).documents).toHaveLength(1);
    await store.commit([{ kind: 'append', log: 'log', entry: 'entry', linkKey: new Uint8Array(32) }]);
    expect(await store.readLog('log', { limit: 9 })).toHaveLength(1);
    await store.close();
  });

  it('is refused untouched when the database is of another program, or none at all', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, 'store.db');
    const foreign = new DatabaseSync(path);
    foreign.exec('CREATE TABLE theirs (a)');
    foreign.close();
    const before = await readFile(path);
    await expect(openEmbeddedStore({ directory })).rejects.toThrow(/another program/);
    expect(await readFile(path)).toEqual(before);
    await writeFile(
      path,
      'not a database, but long enough to look like a file that somebody needs\n'.repeat(20),
    );
    await expect(openEmbeddedStore({ directory })).rejects.toBeInstanceOf(StoreOpenError);
    expect(await readFile(path, 'utf8')).toMatch(/^not a database/);
  });

  it('is refused where it is a file', async () => {
    const path = join(await temporaryDirectory(), 'file');
    await writeFile(path, '');
    await expect(openEmbeddedStore({ directory: path })).rejects.toThrow(/cannot open the data directory/);
  });

  it('is completed when a first start was interrupted', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, 'store.db');
    const interrupted = new DatabaseSync(path);
    interrupted.exec('PRAGMA journal_mode = WAL');
    interrupted.close();
    await openAndWrite(directory);
  });

  it('keeps other files and an existing mode', async () => {
    const directory = join(await temporaryDirectory(), 'mine');
    await mkdir(directory);
    await chmod(directory, 0o750);
    await writeFile(join(directory, 'tls.key'), 'theirs');
    await openAndWrite(directory);
    expect((await stat(directory)).mode & 0o777).toBe(0o750);
    expect(await readFile(join(directory, 'tls.key'), 'utf8')).toBe('theirs');
  });
});
