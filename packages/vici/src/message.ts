import { ViciProtocolError } from './protocol-error.ts';

/** What an element of a message holds: a value (any bytes), a list of values, or a section with elements of its own. */
export type Value = Uint8Array | readonly Uint8Array[] | Message;

/** A named element. */
export type Entry = readonly [name: string, value: Value];

/** What an element may be written as; strings are sent as UTF-8. */
export type ValueInput = string | Uint8Array | readonly (string | Uint8Array)[] | MessageInput;

/**
 * A message to send: a `Message`, or an object whose keys become element names. JavaScript moves integer-like keys of
 * objects to the front; where the order of such names matters, use `new Message(entries)`.
 */
export type MessageInput = Message | { readonly [name: string]: ValueInput };

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Text of a value or name; bytes that are not UTF-8 become U+FFFD, so that a stranger's odd name spoils no listing. */
export const decodeText = (bytes: Uint8Array): string => utf8.decode(bytes);

/**
 * A VICI message: an ordered tree of values, lists and sections. Values stay bytes until read as something else. Where a
 * name occurs twice, lookups see the first, as charon's own do. Lookups throw ViciProtocolError when the element is of
 * another kind than asked for, and answer undefined when there is none.
 */
export class Message {
  readonly entries: readonly Entry[];

  constructor(entries: Iterable<Entry> = []) {
    this.entries = [...entries];
  }

  /** Makes a message of what the caller wrote. */
  static from(input: MessageInput): Message {
    if (input instanceof Message) return input;
    return new Message(Object.entries(input).map(([name, value]) => [name, valueFrom(value)]));
  }

  /** The element of that name. */
  get(name: string): Value | undefined {
    return this.entries.find(([candidate]) => candidate === name)?.[1];
  }

  /** The value of that name as the bytes that were sent. */
  bytes(name: string): Uint8Array | undefined {
    const value = this.get(name);
    if (value === undefined || value instanceof Uint8Array) return value;
    throw wrongKind(name, value, 'a value');
  }

  /** The value of that name as text. */
  text(name: string): string | undefined {
    const bytes = this.bytes(name);
    return bytes === undefined ? undefined : decodeText(bytes);
  }

  /** The value of that name as a boolean; anything but `yes` and `no` throws ViciProtocolError. */
  yesNo(name: string): boolean | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (text === 'yes') return true;
    if (text === 'no') return false;
    throw new ViciProtocolError(`'${name}' is neither yes nor no`);
  }

  /** The list of that name as the bytes that were sent; empty when there is none. */
  list(name: string): readonly Uint8Array[] {
    const value = this.get(name);
    if (value === undefined) return [];
    if (value instanceof Uint8Array || value instanceof Message) throw wrongKind(name, value, 'a list');
    return value;
  }

  /** The list of that name as text; empty when there is none. */
  texts(name: string): readonly string[] {
    return this.list(name).map(decodeText);
  }

  /** The section of that name. */
  section(name: string): Message | undefined {
    const value = this.get(name);
    if (value === undefined || value instanceof Message) return value;
    throw wrongKind(name, value, 'a section');
  }

  /** All sections in the order they were sent: how charon writes collections such as `child-sas`. */
  sections(): readonly (readonly [name: string, section: Message])[] {
    return this.entries.flatMap(([name, value]) =>
      value instanceof Message ? [[name, value] as const] : [],
    );
  }
}

function valueFrom(input: ValueInput): Value {
  if (typeof input === 'string') return encodeText(input);
  if (input instanceof Uint8Array) return input;
  if (isList(input)) return input.map((item) => (typeof item === 'string' ? encodeText(item) : item));
  return Message.from(input);
}

// Array.isArray does not narrow readonly arrays.
function isList(input: ValueInput): input is readonly (string | Uint8Array)[] {
  return Array.isArray(input);
}

const encoder = new TextEncoder();

/** UTF-8 of a text; throws RangeError where a lone surrogate would silently become another character. */
export function encodeText(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new RangeError('text with a lone surrogate has no UTF-8 form');
  return encoder.encode(text);
}

function wrongKind(name: string, value: Value, wanted: string): ViciProtocolError {
  const found = value instanceof Uint8Array ? 'a value' : value instanceof Message ? 'a section' : 'a list';
  return new ViciProtocolError(`'${name}' is ${found}, not ${wanted}`);
}
