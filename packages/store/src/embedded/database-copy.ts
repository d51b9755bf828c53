import { randomInt } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreOpenError } from '../errors.ts';
import {
  createPrivateFile,
  type DatabaseFacts,
  databaseName,
  inspectDatabase,
  lockName,
  makeDirectory,
  syncDirectory,
  takeLock,
} from './data-directory.ts';

/** How long another process may hold the database. */
const busyMs = 10_000;

/**
 * Writes what a data directory holds at one instant to a database file of its own (0600), which must not be there yet. A server
 * may run on the directory; it goes on meanwhile. What was deleted is not in the copy. Throws StoreOpenError when the
 * directory has no database that this program can read.
 */
export function copyDatabase(directory: string, into: string): void {
  const path = join(directory, databaseName);
  reading(path, (source) => {
    inspectDatabase(source, path);
    createPrivateFile(into);
    // Not SQLite's backup by pages: that begins again whenever a server commits, and takes free pages along, in which
    // deleted records lie.
    source.prepare('VACUUM INTO ?').run(into);
  });
}

/** Looks through a whole database file. Throws StoreOpenError when it is damaged, newer, or not Esplanade's. */
export function checkDatabase(path: string): DatabaseFacts {
  return reading(path, (database) => {
    const facts = inspectDatabase(database, path);
    const found = database.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check'];
    if (found !== 'ok') throw new StoreOpenError(`${path} is damaged: ${String(found)}`);
    return facts;
  });
}

/** More commits than a backup will ever be behind the data it is to replace. */
const revisionsApart = 2 ** 20;

/**
 * Sets the revision of a database file that nobody has open so much higher, each time by another number, that no revision of a commit
 * that it does not hold comes again: what somebody read then is not taken for what is written from now on.
 */
export function raiseRevision(path: string): void {
  const database = new DatabaseSync(path, { timeout: busyMs });
  try {
    database
      .prepare('UPDATE head SET revision = revision + ?')
      .run(revisionsApart * (1 + randomInt(revisionsApart)));
  } finally {
    database.close();
  }
}

/** A data directory without data, held by this process alone until `release`. */
export interface EmptyDirectory {
  /** A directory (0700) on the same file system, where the database is to be made under the name of `databaseName`. */
  readonly draftDirectory: string;
  /** The path in it. Of no effect until it is installed. */
  readonly draftPath: string;
  /** Makes the draft the directory's database, durably and in one step. */
  install(): void;
  /** Lets go of the directory, which is what it was before unless the draft was installed. */
  release(): void;
}

/**
 * Takes a directory that is to get data, making it where absent. Throws StoreOpenError, touching nothing in it, when there is
 * anything in it but the files named in `besides`, or another process holds it.
 */
export function openEmptyDirectory(directory: string, besides: readonly string[]): EmptyDirectory {
  const isMade = !existsSync(directory);
  makeDirectory(directory);
  const draftName = 'restoring';
  // A draft may be there of an earlier attempt that was killed.
  const expected = new Set([lockName, draftName, ...besides]);
  const unexpected = readdirSync(directory).find((name) => !expected.has(name));
  if (unexpected !== undefined)
    throw new StoreOpenError(`${directory} is not empty: it holds ${unexpected}. Name a directory that is`);
  const lockPath = join(directory, lockName);
  const isLockMade = !existsSync(lockPath);
  const lock = takeLock(lockPath);
  rmSync(join(directory, draftName), { force: true, recursive: true });
  const draftDirectory = join(directory, draftName);
  mkdirSync(draftDirectory, { mode: 0o700 });
  const draftPath = join(draftDirectory, databaseName);
  const databasePath = join(directory, databaseName);
  let isInstalled = false;
  return {
    draftDirectory,
    draftPath,
    install: () => {
      const draft = openSync(draftPath, 'r');
      fsyncSync(draft);
      closeSync(draft);
      renameSync(draftPath, databasePath);
      isInstalled = true;
      syncDirectory(directory);
    },
    release: () => {
      rmSync(draftDirectory, { force: true, recursive: true });
      if (!isInstalled && isLockMade) rmSync(lockPath, { force: true });
      lock.close();
      if (!isInstalled && isMade && readdirSync(directory).length === 0) rmdirSync(directory);
    },
  };
}

function reading<T>(path: string, read: (database: DatabaseSync) => T): T {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: busyMs });
    return read(database);
  } catch (cause) {
    if (cause instanceof StoreOpenError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreOpenError(`cannot read the database ${path}: ${reason}`, { cause });
  } finally {
    database?.close();
  }
}
