import { randomBytes } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Store, StoreOpenError } from '@esplanade/store';
import { type SealingKey, type SealingKeys, SecretBox } from './secret-box.ts';

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
  if (found !== undefined) return new SecretBox(parseKeyFile(found, keyFile));
  const { revision } = await store.list('cluster');
  if (revision > 0) {
    throw new StoreOpenError(
      `the key file ${keyFile} is missing, and the stored secrets cannot be read without it: put it back from a backup`,
    );
  }
  const key = newKey();
  await createDurably(keyFile, formatKeyFile([key]));
  return new SecretBox([key]);
}

/** Reads a key file. Rejects with StoreOpenError when it is missing, is not one, or is open to all users. */
export async function readKeyFile(path: string): Promise<SealingKeys> {
  const found = await readIfPresent(path);
  if (found === undefined) throw new StoreOpenError(`there is no key file ${path}`);
  return parseKeyFile(found, path);
}

function newKey(): SealingKey {
  return { id: randomBytes(4).toString('hex'), key: randomBytes(keyBytes) };
}

const keyBytes = 32;

/** One key a line, `ID BASE64`; the first seals. */
function formatKeyFile(keys: readonly SealingKey[]): string {
  return keys.map(({ id, key }) => `${id} ${Buffer.from(key).toString('base64')}\n`).join('');
}

function parseKeyFile(text: string, path: string): SealingKeys {
  const keys = text
    .trimEnd()
    .split('\n')
    .map((line): SealingKey => {
      const [, id, base64] = /^([0-9a-f]{8}) ([A-Za-z0-9+/]{43}=)$/.exec(line) ?? [];
      // The line itself is not repeated: it may hold a key.
      if (id === undefined || base64 === undefined) {
        throw new StoreOpenError(
          `${path} is not a key file: each line is an id of 8 hex digits and 32 bytes in base64`,
        );
      }
      return { id, key: Buffer.from(base64, 'base64') };
    });
  const [first, ...rest] = keys;
  if (first === undefined) throw new StoreOpenError(`${path} holds no key`);
  return [first, ...rest];
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      assertPrivate((await file.stat()).mode, path);
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof StoreOpenError) throw cause;
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
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
    const directory = await open(dirname(path), 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch (cause) {
    await rm(draft, { force: true });
    throw new StoreOpenError(`cannot create the key file ${path}`, { cause });
  }
}
