import { randomBytes } from 'node:crypto';
import { StoreOpenError } from '@esplanade/store';
import type { SealingKey, SealingKeys } from './secret-box.ts';

const keyBytes = 32;

/** The text of a key file: one key a line, `ID BASE64`; the first seals. */
export function formatKeyFile(keys: SealingKeys): string {
  return keys.map(({ id, key }) => `${id} ${Buffer.from(key).toString('base64')}\n`).join('');
}

/** The inverse of `formatKeyFile`; `name` is what errors call it. Throws StoreOpenError, which repeats nothing of the text. */
export function parseKeyFile(text: string, name: string): SealingKeys {
  const keys = text
    .trimEnd()
    .split('\n')
    .map((line): SealingKey => {
      const [, id, base64] = /^([0-9a-f]{8}) ([A-Za-z0-9+/]{43}=)$/.exec(line) ?? [];
      if (id === undefined || base64 === undefined) {
        throw new StoreOpenError(
          `${name} is not a key file: each line is an id of 8 hex digits and 32 bytes in base64`,
        );
      }
      return { id, key: Buffer.from(base64, 'base64') };
    });
  const twice = keys.find(({ id }, index) => keys.findIndex((other) => other.id === id) < index);
  if (twice !== undefined)
    throw new StoreOpenError(`${name} has key ${twice.id} twice: it must have each once`);
  const [first, ...rest] = keys;
  if (first === undefined) throw new StoreOpenError(`${name} holds no key`);
  return [first, ...rest];
}

/** A new key, with an id that none of the others has. */
export function newSealingKey(others: readonly SealingKey[] = []): SealingKey {
  const id = randomBytes(4).toString('hex');
  return others.some((other) => other.id === id)
    ? newSealingKey(others)
    : { id, key: Uint8Array.from(randomBytes(keyBytes)) };
}
