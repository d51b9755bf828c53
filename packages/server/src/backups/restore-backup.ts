import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { StoreOpenError } from '@esplanade/store';
import type { Progress } from '../commands/local-command.ts';
import type { ServeConfig } from '../config.ts';
import { checkDatabase, openEmptyDirectory, raiseRevision } from '../engines.ts';
import { BackupError } from './backup-error.ts';
import { extractDatabase, readBackup } from './backup-file.ts';
import { noteRestoration, removeRestorationNote, restorationNote } from './restoration-note.ts';
import { namesOf, verifyBackup } from './verify-backup.ts';

/**
 * Puts the data of a backup into an empty data directory, which may hold the key file: all of it or none. What is on the disk
 * is compared with the backup before it counts; with the key file there, it is opened as well. Returns what to tell.
 * Throws BackupError or StoreOpenError, with the directory as it was, when it cannot.
 */
export async function restoreBackup(config: ServeConfig, path: string, progress?: Progress): Promise<string> {
  const { dataDirectory, keyFile } = config;
  await progress?.(`Reading ${path}`);
  const backup = await readBackup(path);
  const directory = openEmptyDirectory(dataDirectory, [
    restorationNote,
    ...(dirname(keyFile) === dataDirectory ? [basename(keyFile)] : []),
  ]);
  let isRestored = false;
  try {
    await progress?.('Opening all that is in it');
    const auditLog = existsSync(keyFile)
      ? await verifyBackup(backup, config, directory.draftDirectory)
      : undefined;
    await progress?.(`Writing to ${dataDirectory}`);
    await extractDatabase(backup, directory.draftPath);
    raiseRevision(directory.draftPath);
    checkDatabase(directory.draftPath);
    await progress?.('Putting it in its place');
    const { keyIds, revision, madeAt } = backup.manifest;
    await noteRestoration(dataDirectory, madeAt);
    directory.install();
    isRestored = true;
    const done = `${dataDirectory} holds revision ${revision}, of ${madeAt}.`;
    return auditLog === undefined
      ? `${done}\nBefore a server starts on it, put a key file with ${namesOf(keyIds)} at ${keyFile} (--key-file).`
      : `${done} ${keyFile} opens all of it. ${auditLog.sentence}`;
  } catch (cause) {
    if (cause instanceof BackupError || cause instanceof StoreOpenError) throw cause;
    throw new BackupError(`cannot restore ${path} to ${dataDirectory}`, { cause });
  } finally {
    if (!isRestored) await removeRestorationNote(dataDirectory);
    directory.release();
  }
}
