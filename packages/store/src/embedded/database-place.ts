import { statSync } from 'node:fs';

/**
 * Whether the files that a connection has open are still those that the next start will find. SQLite goes on writing to a log
 * that was deleted, or moved with its directory, and whatever was acknowledged since would be lost.
 */
export class DatabasePlace {
  readonly #files: readonly { readonly path: string; readonly identity: string }[];

  /** Of a database in WAL mode that has been read from, so that its log is there. */
  constructor(databasePath: string) {
    this.#files = [databasePath, `${databasePath}-wal`].flatMap((path) => {
      const identity = identityOf(path);
      return identity === undefined ? [] : [{ path, identity }];
    });
  }

  /** Why nothing may be written now, sentences, the last without its full stop; `undefined` when all is in its place. */
  trouble(): string | undefined {
    for (const { path, identity } of this.#files) {
      let found: string | undefined;
      try {
        found = identityOf(path);
      } catch (error) {
        return `the data directory cannot be looked at (${error instanceof Error ? error.message : String(error)})`;
      }
      if (found === undefined)
        return 'the database was moved or deleted. Put the data directory back, or restore a backup and start the server anew';
      if (found !== identity)
        return 'the database was replaced while the server had it open. Start the server anew';
    }
    return undefined;
  }
}

function identityOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}
