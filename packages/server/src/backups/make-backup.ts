import { accessSync, constants, existsSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { countSealedValues, readKeyFile } from '@esplanade/desired';
import { StoreOpenError } from '@esplanade/store';
import type { Progress } from '../commands/local-command.ts';
import type { ServeConfig } from '../config.ts';
import { checkDatabase, copyDatabase, openReader } from '../engines.ts';
import { version } from '../version.ts';
import { BackupError } from './backup-error.ts';
import { readBackup, writeBackup } from './backup-file.ts';
import { namesOf, sealManifest, verifyBackup } from './verify-backup.ts';
import { inWorkDirectory } from './work-directory.ts';

/**
 * Makes a backup of a data directory, whether a server runs on it or not, reads it back as `restore` would, and only then gives
 * it its name. Returns what to tell. Throws BackupError or StoreOpenError, with nothing left behind, when it cannot.
 */
export async function makeBackup(config: ServeConfig, path: string, progress?: Progress): Promise<string> {
  if (existsSync(path)) throw new BackupError(`${path} is there already; name a file that is not`);
  // Where there is no data, that is what is told, and not that it has no keys.
  openReader(config.dataDirectory);
  const keys = await readKeyFile(config.keyFile);
  assertPlace(path);
  try {
    return await inWorkDirectory(`${path}.`, async (work) => {
      const databasePath = join(work, 'store.db');
      await progress?.('Copying the database');
      copyDatabase(config.dataDirectory, databasePath);
      await progress?.('Checking the copy');
      const facts = checkDatabase(databasePath);
      const sealed = await countSealedValues(openReader(work));
      if (sealed.size === 0) throw new BackupError(`no server has ever started on ${config.dataDirectory}`);
      const keyIds = [...new Set([keys[0].id, ...sealed.keys()])];
      const draft = join(work, 'backup');
      const madeAt = new Date().toISOString();
      await progress?.('Writing the backup');
      await writeBackup(draft, databasePath, { madeAt, version, ...facts, keyIds }, (manifest) =>
        sealManifest(manifest, keys),
      );
      await rm(databasePath);
      await progress?.('Reading it back');
      const auditLog = await verifyBackup(await readBackup(draft), config, work);
      await progress?.('Giving it its name');
      await publish(draft, path);
      return [
        `${path} holds revision ${facts.revision} of ${config.dataDirectory}, and was read back: it is whole, and all in it can be opened.`,
        auditLog.sentence,
        `It is of use only with ${namesOf(keyIds)} of ${config.keyFile}, which is not in it: keep that elsewhere.`,
      ].join('\n');
    });
  } catch (cause) {
    if (cause instanceof BackupError || cause instanceof StoreOpenError) throw cause;
    throw new BackupError(`cannot make the backup ${path}`, { cause });
  }
}

/** Beside the backup, where there is room for it, a directory is made: of that nobody who reads a failure knows. */
function assertPlace(path: string): void {
  const directory = dirname(path);
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new BackupError(`cannot write ${path}`, { cause });
  }
}

/** Gives a whole file its name, durably, and never in the place of another. */
async function publish(draft: string, path: string): Promise<void> {
  await link(draft, path).catch((error) => {
    // File systems of other makers have no links; that nothing was there was seen at the beginning.
    if (error.code !== 'EPERM' && error.code !== 'ENOTSUP') throw error;
    return rename(draft, path);
  });
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
