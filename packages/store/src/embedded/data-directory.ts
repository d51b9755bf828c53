import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreOpenError } from '../errors.ts';
import type { Revision } from '../store.ts';

/** "Espl": marks the file as ours (SQLite's application_id), so that another program's database is never written to. */
const applicationId = 0x4573706c;
/** Of the tables below. A file with a higher number was written by a newer Esplanade. */
const schemaVersion = 2;

/** Since version 2. `position` counts from 1 in each log; a row of `logs` is the log's head (LogHead). */
const logTables = `
  CREATE TABLE logs (
    name TEXT PRIMARY KEY,
    first INTEGER NOT NULL,
    base BLOB NOT NULL,
    last INTEGER NOT NULL,
    link BLOB NOT NULL,
    bytes INTEGER NOT NULL,
    seal BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE log_entries (
    log TEXT NOT NULL,
    position INTEGER NOT NULL,
    entry TEXT NOT NULL,
    link BLOB NOT NULL,
    PRIMARY KEY (log, position)
  ) STRICT, WITHOUT ROWID;
`;

const schema = `
  CREATE TABLE documents (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE head (revision INTEGER NOT NULL) STRICT;
  INSERT INTO head VALUES (0);
  ${logTables}
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};
`;

/** The file of the database in a data directory. */
export const databaseName = 'store.db';
/** The file that a server holds as long as it runs on a data directory. */
export const lockName = 'lock';

/** A data directory that is ours alone until `release`. */
export interface DataDirectory {
  readonly databasePath: string;
  /** Of the newest commit in it. */
  readonly revision: Revision;
  release(): void;
}

/**
 * Takes the directory for this process and sees that its database is one we can serve: creates both where absent
 * (directory 0700, files 0600), refuses with StoreOpenError, touching nothing, a directory another server holds and a
 * database that is newer or not ours.
 */
export function openDataDirectory(directory: string): DataDirectory {
  try {
    makeDirectory(directory);
    const lock = takeLock(join(directory, lockName));
    try {
      const databasePath = join(directory, databaseName);
      const revision = prepareDatabase(databasePath);
      syncDirectory(directory);
      return { databasePath, revision, release: () => lock.close() };
    } catch (error) {
      lock.close();
      throw error;
    }
  } catch (cause) {
    if (cause instanceof StoreOpenError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreOpenError(`cannot open the data directory ${directory}: ${reason}`, { cause });
  }
}

/**
 * Makes a directory and those above it, one by one: Node's own recursive mkdir never returns where a file system says of
 * a new name that its parent is missing although it is there, as /proc does.
 */
export function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process may have been as quick.
    if (!existsSync(path)) throw error;
  }
}

/** Opens a connection to a database that `openDataDirectory` prepared, with a full sync at every commit. */
export function openWriteConnection(databasePath: string): DatabaseSync {
  const database = new DatabaseSync(databasePath, { timeout: 5000 });
  // journal_size_limit: a long listing holds the log; afterwards it shrinks again.
  database.exec('PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864');
  return database;
}

/**
 * An exclusive transaction on an empty SQLite file: a lock of the operating system's, which ends with the process
 * however the process ends, so that there is no stale lock to clean up.
 */
export function takeLock(path: string): DatabaseSync {
  createPrivateFile(path);
  const inode = inodeOf(path);
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    // Whoever made it for nothing removes it, and a lock on a file that is gone keeps nobody out.
    if (inode === undefined || inodeOf(path) !== inode)
      throw new StoreOpenError(
        `another program has just let go of this data directory (it removed ${path}): try again`,
      );
    return lock;
  } catch (cause) {
    lock.close();
    if (cause instanceof Error && cause.message.includes('locked')) {
      throw new StoreOpenError(`another server is using this data directory (it holds ${path})`, { cause });
    }
    throw cause;
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

/** Creates the tables where there are none, takes an older database over in one transaction, and returns the revision the data is at. */
function prepareDatabase(path: string): Revision {
  createPrivateFile(path);
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    // Empty also when a first start was interrupted before its one transaction.
    const isEmpty = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.['tables'] === 0;
    if (isEmpty && numberOf(database, 'application_id') === 0) {
      database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN; ${schema} COMMIT`);
    }
    const { revision, schemaVersion: found } = inspectDatabase(database, path);
    // A restored one has it not.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    if (found < schemaVersion)
      database.exec(`BEGIN; ${logTables} PRAGMA user_version = ${schemaVersion}; COMMIT`);
    return revision;
  } finally {
    database.close();
  }
}

/** What a database says of itself. */
export interface DatabaseFacts {
  readonly schemaVersion: number;
  /** Of the newest commit in it. */
  readonly revision: Revision;
}

/** Throws StoreOpenError unless the open database is one that this program can serve, or take over from an older one. */
export function inspectDatabase(database: DatabaseSync, path: string): DatabaseFacts {
  if (numberOf(database, 'application_id') !== applicationId) {
    throw new StoreOpenError(`${path} is a database of another program`);
  }
  const found = numberOf(database, 'user_version');
  if (found < 1 || found > schemaVersion) {
    throw new StoreOpenError(
      `${path} has schema version ${found}, this program reads versions up to ${schemaVersion}: use the Esplanade release that wrote it, or a newer one`,
    );
  }
  const revision = Number(database.prepare('SELECT revision FROM head').get()?.['revision']) as Revision;
  return { schemaVersion: found, revision };
}

function numberOf(database: DatabaseSync, pragma: string): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}

/** Makes the names of the files as durable as what is in them. */
export function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** SQLite gives its log and shared-memory files the mode of the database, so making that one private covers all. */
export function createPrivateFile(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
}
