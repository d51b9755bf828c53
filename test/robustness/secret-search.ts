/** Something that must not be found anywhere. */
export interface Marked {
  /** What it is called in a report. */
  readonly label: string;
  /** The secret itself, decoded. */
  readonly bytes: Uint8Array;
}

/** A piece of a secret that was found. */
export interface Hit {
  readonly label: string;
  readonly encoding: string;
}

/** Eight bytes are enough to know a random secret by, and few enough to notice a quotation of it. */
const windowBytes = 8;
const strideBytes = 4;

interface Pattern {
  readonly label: string;
  readonly encoding: string;
  readonly bytes: Buffer;
}

/** Looks for pieces of secrets, as they are and in the encodings they may be written in. */
export class SecretSearch {
  readonly #patterns: readonly Pattern[];

  constructor(secrets: readonly Marked[]) {
    this.#patterns = secrets.flatMap(({ label, bytes }) =>
      windowsOf(Buffer.from(bytes)).flatMap((window) =>
        encodingsOf(window).map(([encoding, text]) => ({ label, encoding, bytes: text })),
      ),
    );
  }

  /** What is found: one hit for each secret and encoding. */
  find(haystack: Buffer): readonly Hit[] {
    const hits = new Map<string, Hit>();
    for (const { label, encoding, bytes } of this.#patterns)
      if (haystack.includes(bytes)) hits.set(`${label} ${encoding}`, { label, encoding });
    return [...hits.values()];
  }
}

function windowsOf(secret: Buffer): readonly Buffer[] {
  if (secret.length < windowBytes) throw new Error('too short to be known again');
  const windows: Buffer[] = [];
  for (let start = 0; start + windowBytes <= secret.length; start += strideBytes)
    windows.push(secret.subarray(start, start + windowBytes));
  return windows;
}

function encodingsOf(window: Buffer): readonly (readonly [string, Buffer])[] {
  const hex = window.toString('hex');
  const base64 = [0, 1, 2].map((before) => base64Within(window, before));
  const texts: readonly (readonly [string, string])[] = [
    ['hexadecimal', hex],
    ['hexadecimal', hex.toUpperCase()],
    ...base64.map((text) => ['base64', text] as const),
    ...base64.map((text) => ['base64url', text.replaceAll('+', '-').replaceAll('/', '_')] as const),
  ];
  return [['clear', window], ...texts.map(([encoding, text]) => [encoding, Buffer.from(text)] as const)];
}

/** The characters that stand for the window alone when `before` other bytes come before it, and others after it. */
function base64Within(window: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), window])
    .toString('base64')
    .replace(/=+$/, '');
  const isPartialEnd = (before + window.length) % 3 !== 0;
  return text.slice(Math.ceil((before * 8) / 6), isPartialEnd ? -1 : undefined);
}
