import { randomBytes } from 'node:crypto';
import { type Document, type DocumentWrite, type Expectation, StoreOpenError } from '@esplanade/store';
import { keys } from './keys.ts';
import { SealError, type SecretBox, sealingKeyIdOf } from './secret-box.ts';

/** Keys of a store that stay when its sealing keys rotate. 32 bytes each. */
export interface DurableKeys {
  /** Of the fingerprints of secrets: they name secrets inside charon. */
  readonly fingerprint: Uint8Array;
  /** Links the entries of the audit log. */
  readonly audit: Uint8Array;
}

const keyBytes = 32;
/** All that former releases sealed: it told whether the key file belongs to the data. */
const formerConstant = 'esplanade';

/**
 * Keys for a store that has none yet. Of one that a former release wrote, fingerprints stay those of the key that sealed it,
 * because what is in charon has its name of them, whatever new key stands first in the key file by now.
 */
export function makeDurableKeys(box: SecretBox, former?: Document): DurableKeys {
  const fingerprint = former === undefined ? box.fingerprintKey : box.fingerprintKeyOf(former.value);
  return { fingerprint, audit: Uint8Array.from(randomBytes(keyBytes)) };
}

/** Seals the keys into the store. */
export function durableKeysWrite(durable: DurableKeys, box: SecretBox, expect: Expectation): DocumentWrite {
  const { fingerprint, audit } = durable;
  const value = box.seal(Buffer.concat([fingerprint, audit]), keys.durableKeys);
  return { kind: 'put', key: keys.durableKeys, value, expect };
}

/** What the store has of durable keys; `former` where a former release wrote it, with the document to replace. */
export type StoredDurableKeys =
  | { readonly kind: 'present'; readonly keys: DurableKeys }
  | { readonly kind: 'former'; readonly document: Document };

/** Throws StoreOpenError when the documents were sealed with another key file than this box's. */
export function readDurableKeys(documents: readonly Document[], box: SecretBox): StoredDurableKeys {
  const document = documents.find(({ key }) => key === keys.durableKeys);
  if (document === undefined)
    throw new StoreOpenError(`the data has no ${keys.durableKeys}: it is not Esplanade's`);
  const plain = open(document, box);
  if (plain.length === 2 * keyBytes)
    return {
      kind: 'present',
      keys: { fingerprint: plain.slice(0, keyBytes), audit: plain.slice(keyBytes) },
    };
  if (new TextDecoder().decode(plain) === formerConstant) return { kind: 'former', document };
  throw new StoreOpenError(`${keys.durableKeys} is not what this release writes`);
}

function open({ value }: Document, box: SecretBox): Uint8Array {
  try {
    return box.open(value, keys.durableKeys);
  } catch (cause) {
    if (!(cause instanceof SealError)) throw cause;
    throw new StoreOpenError(
      `the key file does not belong to this data, which was sealed with key ${sealingKeyIdOf(value)}: the key file has ${box.keyIds.join(', ')}. Put the right one back from a backup`,
      { cause },
    );
  }
}
