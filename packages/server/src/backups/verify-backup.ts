import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readKeyFile, SealError, type SealingKeys, SecretBox, verifyAudit } from '@esplanade/desired';
import type { ServeConfig } from '../config.ts';
import { checkDatabase, openOfflineData, openReader } from '../engines.ts';
import { BackupError } from './backup-error.ts';
import { type Backup, extractDatabase } from './backup-file.ts';

/** What the manifest's seal is bound to. */
const sealPlace = 'backup manifest';

/** Seals a manifest, so that nobody without the key can make a backup that is believed. */
export function sealManifest(manifestText: string, keys: SealingKeys): string {
  return new SecretBox(keys).seal(Buffer.from(manifestText), sealPlace);
}

/** How it stands with the audit log in a backup. */
export interface BackedUpAuditLog {
  readonly isWhole: boolean;
  readonly sentence: string;
}

/**
 * Opens a backup as a server would, in an empty directory (`scratch`) for it: that its keys are in the key file, that it was made
 * with one of them and not changed, that the database is whole, and that every secret in it can be read. Throws
 * BackupError or StoreOpenError with what is not so; of the audit log, which may have been broken before, it tells.
 */
export async function verifyBackup(
  backup: Backup,
  config: ServeConfig,
  scratch: string,
): Promise<BackedUpAuditLog> {
  const keys = await readKeyFile(config.keyFile);
  assertKeys(backup, keys, config.keyFile);
  assertSealed(backup, keys);
  const dataDirectory = join(scratch, 'data');
  await mkdir(dataDirectory, { mode: 0o700 });
  const databasePath = join(dataDirectory, 'store.db');
  await extractDatabase(backup, databasePath);
  checkDatabase(databasePath);
  const store = openReader(dataDirectory);
  const verdict = await verifyAudit({ store, secretBox: new SecretBox(keys) });
  const data = await openOfflineData({ ...config, dataDirectory });
  try {
    const sealed = await data.desired.countSealedValues();
    const unnamed = [...sealed.keys()].find((id) => !backup.manifest.keyIds.includes(id));
    if (unnamed !== undefined)
      throw new BackupError(`${backup.path} has secrets sealed with key ${unnamed}, which it does not say`);
  } finally {
    await data.close();
  }
  return verdict.kind === 'whole'
    ? { isWhole: true, sentence: 'Its audit log is whole.' }
    : {
        isWhole: false,
        sentence: `ITS AUDIT LOG IS BROKEN at entry ${verdict.index}: ${verdict.sentence}.`,
      };
}

function assertKeys({ path, manifest }: Backup, keys: SealingKeys, keyFile: string): void {
  const missing = manifest.keyIds.filter((id) => !keys.some((key) => key.id === id));
  if (missing.length > 0)
    throw new BackupError(
      `${path} is of no use with the key file ${keyFile}: it was made with ${namesOf(manifest.keyIds)}, and ${namesOf(missing)} is not in there`,
    );
}

function assertSealed({ path, manifestText, seal }: Backup, keys: SealingKeys): void {
  try {
    const sealed = new SecretBox(keys).open(seal, sealPlace);
    if (Buffer.from(sealed).toString() === manifestText) return;
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
  }
  throw new BackupError(
    `${path} was not made with the keys of this key file, or was changed since: do not trust what is in it`,
  );
}

/** Key ids for people. */
export function namesOf(keyIds: readonly string[]): string {
  return `${keyIds.length === 1 ? 'key' : 'keys'} ${keyIds.join(', ')}`;
}
