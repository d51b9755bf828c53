import { randomBytes } from 'node:crypto';
import type { Marked } from './secret-search.ts';

/** The three forms in which a pre-shared key is written; `symbols` is a text of what is special elsewhere. */
export const keyForms = ['text', 'symbols', '0x', '0s'] as const;
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
    const bytes = bytesOf(form);
    this.#all.push({ label: `${label} (${form})`, bytes });
    switch (form) {
      case 'text':
      case 'symbols':
        return bytes.toString('latin1');
      case '0x':
        return `0x${bytes.toString('hex')}`;
      case '0s':
        return `0s${bytes.toString('base64')}`;
    }
  }

  /** One that was made elsewhere; `file` is there to hold it. */
  add(label: string, bytes: Uint8Array, file?: string): void {
    this.#all.push({ label, bytes, ...(file !== undefined && { file }) });
  }

  /** So many printable characters. */
  text(label: string, length: number): string {
    const text = randomBytes(length).toString('hex').slice(0, length);
    this.#all.push({ label, bytes: Buffer.from(text) });
    return text;
  }
}

const symbols = '"\\/%&+=?#<> {}|^`\'$@!;:,.*~[]()-_0aZ';

function bytesOf(form: KeyForm): Buffer {
  if (form === 'text') return Buffer.from(randomBytes(18).toString('hex'));
  if (form !== 'symbols') return randomBytes(24);
  const inner = Array.from(randomBytes(30), (byte) => symbols[byte % symbols.length]).join('');
  // Nothing is taken off its ends.
  return Buffer.from(`k${inner}k`);
}
