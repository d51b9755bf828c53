import { randomBytes } from 'node:crypto';
import type { Marked } from './secret-search.ts';

/** The three forms in which a pre-shared key is written. */
export const keyForms = ['text', '0x', '0s'] as const;
export type KeyForm = (typeof keyForms)[number];

/** Random keys, each with a label, so that a hit says which request it came from. */
export class MarkedKeys {
  readonly #all: Marked[] = [];

  /** Everything that was handed out. */
  get all(): readonly Marked[] {
    return this.#all;
  }

  /** A key that is accepted, as it is written in a request. */
  key(label: string, form: KeyForm): string {
    // Text is what a user would type: printable, and the same in JSON, in a URL and in a log line.
    const bytes = form === 'text' ? Buffer.from(randomBytes(18).toString('hex')) : randomBytes(24);
    this.#all.push({ label: `${label} (${form})`, bytes });
    switch (form) {
      case 'text':
        return bytes.toString('latin1');
      case '0x':
        return `0x${bytes.toString('hex')}`;
      case '0s':
        return `0s${bytes.toString('base64')}`;
    }
  }

  /** So many printable characters. */
  text(label: string, length: number): string {
    const text = randomBytes(length).toString('hex').slice(0, length);
    this.#all.push({ label, bytes: Buffer.from(text) });
    return text;
  }
}
