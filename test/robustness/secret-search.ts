/** Something that must not be found anywhere. */
export interface Marked {
  /** What it is called in a report. */
  readonly label: string;
  /** The secret itself, decoded. */
  readonly bytes: Uint8Array;
  /** The file that is there to hold it; everywhere else it is a hit. */
  readonly file?: string;
}

/** A piece of a secret that was found. */
export interface Hit {
  readonly label: string;
  readonly file?: string;
  readonly encoding: string;
}

/** Eight bytes are enough to know a random secret by, and few enough to notice a quotation of it. */
const windowBytes = 8;
const strideBytes = 4;

interface Pattern extends Hit {
  readonly bytes: Buffer;
}

/**
 * Looks for pieces of secrets, as they are and in the encodings they may be written in: for all of them in one pass, by
 * the three bytes that each begins with.
 */
export class SecretSearch {
  readonly #patterns = new Map<number, Pattern[]>();
  readonly #isBeginning = new Uint8Array(1 << 24);

  constructor(secrets: readonly Marked[]) {
    for (const { bytes, ...marked } of secrets)
      for (const window of windowsOf(Buffer.from(bytes)))
        for (const [encoding, form] of encodingsOf(window)) this.#add({ ...marked, encoding, bytes: form });
  }

  /** What is found: one hit for each secret and encoding. */
  find(haystack: Buffer): readonly Hit[] {
    const hits = new Map<string, Hit>();
    let beginning = ((haystack[0] ?? 0) << 8) | (haystack[1] ?? 0);
    for (let place = 2; place < haystack.length; place += 1) {
      beginning = ((beginning << 8) | (haystack[place] ?? 0)) & 0xffffff;
      if (this.#isBeginning[beginning] === 0) continue;
      for (const { bytes, ...hit } of this.#patterns.get(beginning) ?? [])
        if (bytes.equals(haystack.subarray(place - 2, place - 2 + bytes.length)))
          hits.set(`${hit.label} ${hit.encoding}`, hit);
    }
    return [...hits.values()];
  }

  #add(pattern: Pattern): void {
    const beginning = pattern.bytes.readUIntBE(0, 3);
    this.#isBeginning[beginning] = 1;
    const others = this.#patterns.get(beginning);
    if (others === undefined) this.#patterns.set(beginning, [pattern]);
    else others.push(pattern);
  }
}

/** How many encodings are told apart. */
export const encodingCount = new Set(encodingsOf(Buffer.from(' "<>%&+/')).map(([encoding]) => encoding)).size;

function windowsOf(secret: Buffer): readonly Buffer[] {
  if (secret.length < windowBytes) throw new Error('too short to be known again');
  const windows: Buffer[] = [];
  for (let start = 0; start + windowBytes <= secret.length; start += strideBytes)
    windows.push(secret.subarray(start, start + windowBytes));
  return windows;
}

function encodingsOf(window: Buffer): readonly (readonly [string, Buffer])[] {
  const hex = window.toString('hex');
  const pairs = hex.match(/../g) ?? [];
  const base64 = [0, 1, 2].map((before) => base64Within(window, before));
  const percent = pairs.map((pair) => `%${pair}`).join('');
  // What a text becomes within another is told apart from it only where it has characters that are special there.
  const text = window.toString('latin1');
  const url = text.replace(
    /[^\w.!~*'()-]/g,
    (character) => `%${Buffer.from(character, 'latin1').toString('hex')}`,
  );
  const json = JSON.stringify(text).slice(1, -1);
  const forms: readonly (readonly [string, string])[] = [
    ['hexadecimal', hex],
    ['hexadecimal', hex.toUpperCase()],
    ['hexadecimal in pairs', pairs.join(' ')],
    ['hexadecimal in pairs', pairs.join(':')],
    ['hexadecimal in pairs', pairs.join(':').toUpperCase()],
    ['decimal', window.join(',')],
    ['decimal', window.join(', ')],
    ...base64.map((each) => ['base64', each] as const),
    ...base64.map((each) => ['base64url', each.replaceAll('+', '-').replaceAll('/', '_')] as const),
    ['in a URL', percent],
    ['in a URL', percent.toUpperCase()],
    ['in a URL', url],
    ['in a URL', url.toUpperCase() === url ? url : url.replace(/%../g, (escaped) => escaped.toUpperCase())],
    ['in a form', url.replaceAll('%20', '+').replace(/%../g, (escaped) => escaped.toUpperCase())],
    ['in JSON', json],
    ['in JSON in JSON', JSON.stringify(json).slice(1, -1)],
    ['in JSON, escaped', pairs.map((pair) => `\\u00${pair}`).join('')],
  ];
  const wide = Buffer.from(text, 'utf16le');
  const all: readonly (readonly [string, Buffer])[] = [
    ['clear', window],
    ['UTF-8', Buffer.from(text, 'utf8')],
    ['UTF-16', wide],
    ['UTF-16', Buffer.from(wide).swap16()],
    ...forms.map(([encoding, form]) => [encoding, Buffer.from(form)] as const),
  ];
  // A text that has nothing special in it is the same nearly everywhere.
  return all.filter(([, form], index) => all.findIndex(([, other]) => other.equals(form)) === index);
}

/** The characters that stand for the window alone when `before` other bytes come before it, and others after it. */
function base64Within(window: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), window])
    .toString('base64')
    .replace(/=+$/, '');
  const isPartialEnd = (before + window.length) % 3 !== 0;
  return text.slice(Math.ceil((before * 8) / 6), isPartialEnd ? -1 : undefined);
}
