import { inspect } from 'node:util';

/**
 * Bytes that must never be shown. Prints as `[redacted]` by every route (string, JSON, inspect); only `reveal`
 * gives the bytes. `fingerprint` is a keyed digest: equal secrets under one key file have equal fingerprints, and
 * nothing can be learnt from it without that key.
 */
export class Secret {
  readonly #bytes: Uint8Array;
  readonly fingerprint: string;

  constructor(bytes: Uint8Array, fingerprint: string) {
    this.#bytes = bytes;
    this.fingerprint = fingerprint;
  }

  /** The bytes themselves. Call it only where they leave for the datapath or for sealing. */
  reveal(): Uint8Array {
    return this.#bytes;
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }

  [inspect.custom](): string {
    return '[redacted]';
  }
}
