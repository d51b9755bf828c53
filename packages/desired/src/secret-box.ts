import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { Secret } from '@esplanade/domain';

/** A key of the key file: `id` names it in what it sealed, `key` is 32 random bytes. */
export interface SealingKey {
  readonly id: string;
  readonly key: Uint8Array;
}

/** The keys of a key file; the first seals. */
export type SealingKeys = readonly [SealingKey, ...SealingKey[]];

/** A sealed text cannot be opened: its key is not in the key file, or text and place do not belong together. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const fingerprintHexDigits = 16;

interface DerivedKey {
  readonly id: string;
  readonly encryption: Uint8Array;
  readonly fingerprint: Uint8Array;
}

/**
 * Seals secrets for storing (AES-256-GCM, NIST SP 800-38D, a fresh random nonce each). The first key seals; every key
 * opens what it once sealed, so that keys can be rotated.
 */
export class SecretBox {
  #sealing: DerivedKey;
  #byId: ReadonlyMap<string, DerivedKey>;
  #fingerprintKey: Uint8Array;

  constructor(keys: SealingKeys) {
    this.#sealing = derive(keys[0]);
    this.#byId = new Map(keys.map((key) => [key.id, derive(key)]));
    this.#fingerprintKey = this.#sealing.fingerprint;
  }

  /** From here on the first of these seals, and they open. Fingerprints stay as they are. */
  useSealingKeys(keys: SealingKeys): void {
    this.#sealing = derive(keys[0]);
    this.#byId = new Map(keys.map((key) => [key.id, derive(key)]));
  }

  /** The ids of all keys; the first seals. */
  get keyIds(): readonly string[] {
    return [...this.#byId.keys()];
  }

  /** Whether it is another key than the one of this id here. */
  isOther(key: SealingKey): boolean {
    const known = this.#byId.get(key.id);
    return known !== undefined && !timingSafeEqual(known.encryption, derive(key).encryption);
  }

  /** The id of the key that seals. */
  get sealingKeyId(): string {
    return this.#sealing.id;
  }

  /** The sealed text opens only with the same `associatedData`: say where it is stored, so that it cannot be moved. */
  seal(plain: Uint8Array, associatedData: string): string {
    const nonce = randomBytes(nonceBytes);
    const { id, encryption } = this.#sealing;
    const gcm = createCipheriv(cipher, encryption, nonce).setAAD(Buffer.from(associatedData));
    const sealed = Buffer.concat([gcm.update(plain), gcm.final(), gcm.getAuthTag()]);
    return [format, id, nonce.toString('base64url'), sealed.toString('base64url')].join('.');
  }

  /** Throws SealError when the key is unknown, `associatedData` is another, or the text was changed. */
  open(text: string, associatedData: string): Uint8Array {
    const [version, id = '', nonceText = '', sealedText = ''] = text.split('.');
    if (version !== format) throw new SealError(`the sealed value of ${associatedData} has an unknown form`);
    const key = this.#byId.get(id);
    if (key === undefined) {
      throw new SealError(`${associatedData} is sealed with key ${id}, which is not in the key file`);
    }
    const nonce = Buffer.from(nonceText, 'base64url');
    const sealed = Buffer.from(sealedText, 'base64url');
    try {
      const gcm = createDecipheriv(cipher, key.encryption, nonce, { authTagLength: tagBytes });
      gcm.setAAD(Buffer.from(associatedData)).setAuthTag(sealed.subarray(-tagBytes));
      return Uint8Array.from(Buffer.concat([gcm.update(sealed.subarray(0, -tagBytes)), gcm.final()]));
    } catch (cause) {
      throw new SealError(`the sealed value of ${associatedData} was changed or is not its own`, { cause });
    }
  }

  /** The key of fingerprints: that of the first sealing key, until the store's own is known (durable-keys.ts). */
  get fingerprintKey(): Uint8Array {
    return this.#fingerprintKey;
  }

  /** The key of fingerprints that belongs to the key with which a text was sealed. Throws SealError when that is unknown. */
  fingerprintKeyOf(sealed: string): Uint8Array {
    const key = this.#byId.get(sealingKeyIdOf(sealed));
    if (key === undefined) throw new SealError('the key of a sealed value is not in the key file');
    return key.fingerprint;
  }

  /** From here on fingerprints are made with this key. */
  useFingerprintKey(key: Uint8Array): void {
    this.#fingerprintKey = key;
  }

  /** Keyed digest (HMAC-SHA-256, 16 hex digits): equal bytes have equal ones, and it tells nothing without the key. */
  fingerprint(bytes: Uint8Array): string {
    const digest = createHmac('sha256', this.#fingerprintKey).update(bytes).digest('hex');
    return digest.slice(0, fingerprintHexDigits);
  }

  /** A key of 32 bytes that nothing else has: the same as long as the key of fingerprints is, another one for each purpose. */
  keyFor(purpose: string): Uint8Array {
    return derived(this.#fingerprintKey, purpose);
  }

  /** The bytes as a Secret, with its fingerprint. */
  secret(bytes: Uint8Array): Secret {
    return new Secret(bytes, this.fingerprint(bytes));
  }
}

const format = 'v1';

/** What every text begins with that was sealed with a key. */
export function beginningSealedWith(keyId: string): string {
  return `${format}.${keyId}.`;
}

/** The id of the key that a text was sealed with. */
export function sealingKeyIdOf(sealed: string): string {
  return sealed.split('.', 2)[1] ?? '';
}

/** A key per purpose (HKDF, RFC 5869), so that no two algorithms share one. */
function derive({ id, key }: SealingKey): DerivedKey {
  return { id, encryption: derived(key, 'sealing'), fingerprint: derived(key, 'fingerprint') };
}

function derived(key: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), `esplanade ${purpose}`, 32));
}
