import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, realpath, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Store, StoreOpenError } from '@esplanade/store';
import { formatKeyFile, newSealingKey, parseKeyFile } from './key-file-text.ts';
import { type SealingKeys, SecretBox } from './secret-box.ts';

/** Where the sealing keys are, and the store whose secrets they seal. */
export interface SecretBoxOptions {
  readonly keyFile: string;
  readonly store: Pick<Store, 'list'>;
}

/**
 * Opens the box that seals this store's secrets. Makes the key file (0600) where it is absent and the store is still
 * empty; rejects with StoreOpenError when it is absent although there is data, is not a key file, or is open to all
 * users.
 */
export async function openSecretBox({ keyFile, store }: SecretBoxOptions): Promise<SecretBox> {
  const found = await readIfPresent(keyFile);
  if (found !== undefined) return new SecretBox(found);
  const { revision } = await store.list('cluster');
  if (revision > 0) {
    throw new StoreOpenError(
      `the key file ${keyFile} is missing, and the stored secrets cannot be read without it: put it back from a backup`,
    );
  }
  const keys: SealingKeys = [newSealingKey()];
  await createDurably(keyFile, formatKeyFile(keys));
  return new SecretBox(keys);
}

/**
 * Reads a key file, and sees to it that what was read is on the disk: a key that could be lost must not seal anything. Rejects
 * with StoreOpenError when it is missing, is not one, or is open to all users.
 */
export async function readKeyFile(path: string): Promise<SealingKeys> {
  const found = await readIfPresent(path);
  if (found === undefined) throw new StoreOpenError(`there is no key file ${path}`);
  return found;
}

/**
 * Replaces a key file by what `change` makes of its keys, in one step and durably; mode and owner stay. Resolves to the new
 * keys. Rejects with StoreOpenError, with the file as it was, when it cannot be written, or somebody else is about it.
 */
export async function changeKeyFile(
  path: string,
  change: (keys: SealingKeys) => SealingKeys,
): Promise<SealingKeys> {
  const target = await realpath(path).catch(() => path);
  // One name for all: whoever has made it is the only one to change the key file until it is gone.
  const draft = `${target}.new`;
  const file = await open(draft, 'wx', 0o600).catch((cause) => {
    throw new StoreOpenError(refusals[String(cause.code)]?.(draft) ?? `cannot write ${draft}`, { cause });
  });
  try {
    const keys = change(await readKeyFile(target));
    try {
      await file.writeFile(formatKeyFile(keys));
      await takeAfter(target, file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, target);
    await syncDirectory(dirname(target));
    return keys;
  } catch (cause) {
    await rm(draft, { force: true });
    if (cause instanceof StoreOpenError) throw cause;
    throw new StoreOpenError(`cannot change the key file ${path}`, { cause });
  }
}

const refusals: Readonly<Record<string, (draft: string) => string>> = {
  EEXIST: (draft) =>
    `${draft} is there: somebody is changing the key file, or was cut off doing so. If nobody is, remove it`,
  EROFS: (draft) =>
    `cannot write ${draft}. A systemd credential is changed where it comes from: see docs/secrets.md`,
};

/** The server may be another user than who changes its keys, and a group may be meant to read them. */
async function takeAfter(path: string, draft: FileHandle): Promise<void> {
  const former = await open(path, 'r');
  try {
    const { mode, uid, gid } = await former.stat();
    const own = await draft.stat();
    if (own.uid !== uid || own.gid !== gid) await draft.chown(uid, gid);
    await draft.chmod(mode & 0o777);
  } finally {
    await former.close();
  }
}

async function readIfPresent(path: string): Promise<SealingKeys | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      assertPrivate((await file.stat()).mode, path);
      const keys = parseKeyFile(await file.readFile('utf8'), path);
      await sync(file);
      await syncDirectory(dirname(path));
      return keys;
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof StoreOpenError) throw cause;
    if (isError(cause, 'ENOENT')) return undefined;
    throw new StoreOpenError(`cannot read the key file ${path}`, { cause });
  }
}

/** A group may be meant, as for backups; everybody never is. */
function assertPrivate(mode: number, path: string): void {
  if ((mode & 0o007) === 0) return;
  throw new StoreOpenError(
    `every user of this host may use the key file ${path}, which opens all stored secrets: chmod 600 it, and replace the keys if anybody may have read it`,
  );
}

/** Whole and on disk before it is used, or absent: a key that could be lost must not seal anything. */
async function createDurably(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    // Unlike a rename, a link never replaces a key file that has appeared meanwhile.
    await link(draft, path);
    await rm(draft);
    await syncDirectory(dirname(path));
  } catch (cause) {
    await rm(draft, { force: true });
    throw new StoreOpenError(`cannot create the key file ${path}`, { cause });
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r').catch((error) => {
    // Who may not look into it has not put anything there: whoever did has synced it.
    if (isError(error, 'EACCES')) return undefined;
    throw error;
  });
  try {
    if (directory !== undefined) await sync(directory);
  } finally {
    await directory?.close();
  }
}

/** What lies on a file system that nobody can write to, or in memory, has nothing to be synced. */
async function sync(file: FileHandle): Promise<void> {
  try {
    await file.sync();
  } catch (error) {
    if (!isError(error, 'EROFS') && !isError(error, 'EINVAL')) throw error;
  }
}

function isError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
