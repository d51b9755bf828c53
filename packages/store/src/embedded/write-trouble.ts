import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';

/** Why a transaction could not be written, for whoever can do something about it; sentences, the last without its full stop. */
export function writeTrouble(error: unknown, databasePath: string): string {
  const told = error instanceof Error ? error.message : String(error);
  switch (primaryCode(error)) {
    case sqliteFull:
      return 'the disk of the data directory is full. Make room there';
    case sqliteReadOnly:
    case sqliteIoError:
    case sqliteCannotOpen:
      return isReadOnly(dirname(databasePath))
        ? 'the file system of the data directory can only be read. Make it writable again'
        : `the disk or the file system of the data directory fails (${told}). The kernel log says why`;
    default:
      return told;
  }
}

// https://www.sqlite.org/rescode.html
const sqliteReadOnly = 8;
const sqliteIoError = 10;
const sqliteFull = 13;
const sqliteCannotOpen = 14;

/** The low byte of an extended result code. */
function primaryCode(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** Asks the kernel, because SQLite says of a file system that has become read-only what it says of a broken disk. */
function isReadOnly(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EROFS';
  }
}
