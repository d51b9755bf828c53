import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Progress } from '../commands/local-command.ts';
import type { ServeConfig } from '../config.ts';
import { BackupError } from './backup-error.ts';
import { readBackup } from './backup-file.ts';
import { namesOf, verifyBackup } from './verify-backup.ts';
import { inWorkDirectory } from './work-directory.ts';

/**
 * Looks whether a backup is good, and changes nothing: whether it is whole, and, where the key file is, whether all in it can be
 * opened. Returns what to tell; throws as `verifyBackup`.
 */
export async function checkBackup(config: ServeConfig, path: string, progress?: Progress): Promise<string> {
  await progress?.(`Reading ${path}`);
  const backup = await readBackup(path);
  const { madeAt, revision, version, keyIds } = backup.manifest;
  const what = `${path} is whole: revision ${revision}, made ${madeAt} by Esplanade ${version}. It needs ${namesOf(keyIds)}.`;
  if (!existsSync(config.keyFile))
    return `${what}\nWhether it can be opened is not known: there is no key file ${config.keyFile}.`;
  return inWorkDirectory(join(tmpdir(), 'esplanade-backup-'), async (scratch) => {
    await progress?.('Opening all that is in it');
    const auditLog = await verifyBackup(backup, config, scratch);
    if (!auditLog.isWhole) throw new BackupError(`${what}\n${auditLog.sentence}`);
    return `${what}\nAll in it can be opened with ${config.keyFile}. ${auditLog.sentence}`;
  });
}
