import { decodeText, type Entry, encodeText, Message, type Value } from './message.ts';
import { ViciProtocolError } from './protocol-error.ts';

/** Element types of a VICI message (strongSwan, src/libcharon/plugins/vici/README.md, "Message format"). */
const element = {
  sectionStart: 1,
  sectionEnd: 2,
  keyValue: 3,
  listStart: 4,
  listItem: 5,
  listEnd: 6,
} as const;

const maxNameBytes = 0xff;
const maxValueBytes = 0xffff;

/** Deepest nesting accepted either way: charon needs four; the bound keeps hostile input off the call stack. */
export const maxSectionDepth = 64;

/** Bytes of a message. Throws RangeError for a name over 255 bytes, a value over 65535, or sections nested too deep. */
export function encodeMessage(message: Message): Uint8Array {
  const writer = new ByteWriter();
  writeEntries(writer, message, 0);
  return writer.finish();
}

function writeEntries(writer: ByteWriter, message: Message, depth: number): void {
  if (depth > maxSectionDepth) throw new RangeError(`sections nest deeper than ${maxSectionDepth}`);
  for (const [name, value] of message.entries) {
    if (value instanceof Message) {
      writer.byte(element.sectionStart);
      writer.name(name);
      writeEntries(writer, value, depth + 1);
      writer.byte(element.sectionEnd);
    } else if (value instanceof Uint8Array) {
      writer.byte(element.keyValue);
      writer.name(name);
      writer.value(name, value);
    } else {
      writer.byte(element.listStart);
      writer.name(name);
      for (const item of value) {
        writer.byte(element.listItem);
        writer.value(name, item);
      }
      writer.byte(element.listEnd);
    }
  }
}

/** The message in these bytes, all of them. Values are copies. Throws ViciProtocolError for anything malformed. */
export function decodeMessage(bytes: Uint8Array): Message {
  const reader = new ByteReader(bytes);
  return readEntries(reader, 0);
}

function readEntries(reader: ByteReader, depth: number): Message {
  if (depth > maxSectionDepth) throw new ViciProtocolError(`sections nest deeper than ${maxSectionDepth}`);
  const entries: Entry[] = [];
  for (;;) {
    if (reader.atEnd) {
      if (depth > 0) throw new ViciProtocolError('the message ends inside a section');
      return new Message(entries);
    }
    const type = reader.byte();
    if (type === element.sectionEnd && depth > 0) return new Message(entries);
    entries.push([reader.name(), readValue(reader, type, depth)]);
  }
}

function readValue(reader: ByteReader, type: number, depth: number): Value {
  switch (type) {
    case element.sectionStart:
      return readEntries(reader, depth + 1);
    case element.keyValue:
      return reader.value();
    case element.listStart:
      return readList(reader);
    default:
      throw new ViciProtocolError(`element type ${type} where an element should start`);
  }
}

function readList(reader: ByteReader): readonly Uint8Array[] {
  const items: Uint8Array[] = [];
  for (;;) {
    const type = reader.byte();
    if (type === element.listEnd) return items;
    if (type !== element.listItem) throw new ViciProtocolError(`element type ${type} inside a list`);
    items.push(reader.value());
  }
}

/** Writes VICI's primitive forms into a buffer that doubles as needed. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** A name behind its length in one byte. */
  name(name: string): void {
    const bytes = encodeText(name);
    if (bytes.length > maxNameBytes)
      throw new RangeError(`a name of ${bytes.length} bytes is over ${maxNameBytes}`);
    this.byte(bytes.length);
    this.raw(bytes);
  }

  /** A value behind its length in two bytes; `name` is what an error calls it, since values may be secrets. */
  value(name: string, value: Uint8Array): void {
    if (value.length > maxValueBytes) {
      throw new RangeError(`'${name}' holds ${value.length} bytes, over ${maxValueBytes}`);
    }
    this.byte(value.length >>> 8);
    this.byte(value.length & 0xff);
    this.raw(value);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Reads VICI's primitive forms; every read past the end throws ViciProtocolError. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes[this.#offset];
    if (value === undefined) throw new ViciProtocolError('the message ends inside an element');
    this.#offset += 1;
    return value;
  }

  name(): string {
    return decodeText(this.#take(this.byte()));
  }

  value(): Uint8Array {
    const length = this.byte() * 256 + this.byte();
    return this.#take(length).slice();
  }

  rest(): Uint8Array {
    return this.#take(this.#bytes.length - this.#offset);
  }

  #take(length: number): Uint8Array {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw new ViciProtocolError('the message ends inside an element');
    const taken = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }
}
