import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ViciProtocolError } from './errors.ts';
import { Message, type MessageInput, type Value } from './message.ts';
import { decodeMessage, encodeMessage, maxSectionDepth } from './message-codec.ts';

const bytes = fc.uint8Array({ maxLength: 300 });
const name = fc.string({ unit: 'binary', maxLength: 60 });

/** Any message, names repeated and integer-like ones included. */
const anyMessage: fc.Arbitrary<Message> = fc.letrec<{ message: Message; value: Value }>((tie) => ({
  message: fc
    .array(fc.tuple(name, tie('value')), { maxLength: 6, depthIdentifier: 'section' })
    .map((entries) => new Message(entries)),
  value: fc.oneof(
    { depthIdentifier: 'section', maxDepth: 4 },
    bytes,
    fc.array(bytes, { maxLength: 5 }),
    tie('message'),
  ),
})).message;

/** Every name in a message, those of its sections included. */
const namesOf = (message: Message): readonly string[] =>
  message.entries.flatMap(([name, value]) => [name, ...(value instanceof Message ? namesOf(value) : [])]);

const roundTrip = (message: MessageInput): Message => decodeMessage(encodeMessage(Message.from(message)));

describe('a message', () => {
  it('comes out of its bytes as it went in, whatever the bytes, names and nesting', () => {
    fc.assert(fc.property(anyMessage, (message) => void expect(roundTrip(message)).toEqual(message)));
  });

  it('has the bytes that strongSwan documents', () => {
    // The example of the message layer in strongSwan's VICI README.
    const encoded = encodeMessage(
      Message.from({
        key1: 'value1',
        section1: { 'sub-section': { key2: 'value2' }, list1: ['item1', 'item2'] },
      }),
    );
    const text = (value: string): number[] => [...new TextEncoder().encode(value)];
    expect([...encoded]).toEqual([
      ...[3, 4, ...text('key1'), 0, 6, ...text('value1')],
      ...[1, 8, ...text('section1')],
      ...[1, 11, ...text('sub-section')],
      ...[3, 4, ...text('key2'), 0, 6, ...text('value2')],
      2,
      ...[4, 5, ...text('list1'), 5, 0, 5, ...text('item1'), 5, 0, 5, ...text('item2'), 6],
      2,
    ]);
  });

  it('carries a value of every byte from 0 to 255', () => {
    const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);
    expect(roundTrip({ data: everyByte }).bytes('data')).toEqual(everyByte);
  });

  it('carries the longest name and value and refuses longer ones', () => {
    const longest = new Message([['n'.repeat(255), new Uint8Array(65535).fill(7)]]);
    expect(roundTrip(longest)).toEqual(longest);
    expect(() => encodeMessage(Message.from({ ['n'.repeat(256)]: '' }))).toThrow(RangeError);
    expect(() => encodeMessage(Message.from({ key: new Uint8Array(65536) }))).toThrow(RangeError);
  });

  it('does not put a value that is too long into the error', () => {
    const secret = 'correct horse '.repeat(5000);
    expect(() => encodeMessage(Message.from({ data: secret }))).toThrow(
      /^'data' holds 70000 bytes, over 65535$/,
    );
  });

  it('refuses text that has no UTF-8 form', () => {
    expect(() => Message.from({ id: 'a\ud800' })).toThrow(RangeError);
  });

  it('keeps a leading byte order mark', () => {
    expect(roundTrip({ '\ufeffname': '\ufefftext' }).text('\ufeffname')).toBe('\ufefftext');
  });

  it('shows a name that is not UTF-8 with replacement characters instead of failing', () => {
    expect(decodeMessage(Uint8Array.of(3, 2, 0xff, 0x41, 0, 0)).entries[0]?.[0]).toBe('\ufffdA');
  });

  it('refuses sections nested deeper than its bound, both ways', () => {
    const nested = (depth: number): Message =>
      depth === 0 ? new Message() : Message.from({ s: nested(depth - 1) });
    expect(roundTrip(nested(maxSectionDepth))).toEqual(nested(maxSectionDepth));
    expect(() => encodeMessage(nested(maxSectionDepth + 1))).toThrow(RangeError);
    const hostile = new Uint8Array(400_000);
    for (let offset = 0; offset < hostile.length; offset += 2) hostile[offset] = 1;
    expect(() => decodeMessage(hostile)).toThrow(ViciProtocolError);
  });

  it.each([
    ['a section that never ends', [1, 1, 0x61]],
    ['the end of a section that never began', [2]],
    ['a list item outside a list', [5, 0, 0]],
    ['the end of a list outside a list', [6]],
    ['a list that never ends', [4, 1, 0x61, 5, 0, 1, 0x62]],
    ['a section inside a list', [4, 1, 0x61, 1, 1, 0x62, 2, 6]],
    ['a value cut short', [3, 1, 0x61, 0, 2, 0x62]],
    ['a name cut short', [3, 5, 0x61]],
    ['an element type of 0', [0]],
    ['an element type of 7', [7, 0]],
  ])('is refused when it holds %s', (_, malformed) => {
    expect(() => decodeMessage(Uint8Array.from(malformed))).toThrow(ViciProtocolError);
  });

  it('whose name was not UTF-8 is read, and refused as too long when it would grow over 255 bytes', () => {
    const read = decodeMessage(Uint8Array.from([3, 100, ...new Array<number>(100).fill(0xff), 0, 0]));
    expect(namesOf(read)).toEqual(['\uFFFD'.repeat(100)]);
    expect(() => encodeMessage(read)).toThrow(RangeError);
  });

  it('answers random and damaged bytes with a message or ViciProtocolError, and what it took encodes to the same', () => {
    const damaged = fc
      .tuple(anyMessage, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat())
      .map(([message, changes, cut]) => {
        const encoded = encodeMessage(message);
        for (const [at, byte] of changes) if (encoded.length > 0) encoded[at % encoded.length] = byte;
        return cut % 3 === 0 ? encoded.subarray(0, cut % (encoded.length + 1)) : encoded;
      });
    const elements = fc.array(fc.nat(7), { maxLength: 200 }).map((values) => Uint8Array.from(values));
    fc.assert(
      fc.property(fc.oneof(damaged, elements, fc.uint8Array({ maxLength: 200 })), (input) => {
        let message: Message;
        try {
          message = decodeMessage(input);
        } catch (error) {
          expect(error).toBeInstanceOf(ViciProtocolError);
          return;
        }
        // A name that was not UTF-8 grows by its U+FFFDs and may no longer fit; such a message has no encoding.
        if (namesOf(message).every((name) => Buffer.byteLength(name) <= 255))
          expect(decodeMessage(encodeMessage(message))).toEqual(message);
        else expect(() => encodeMessage(message)).toThrow(RangeError);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('looking into a message', () => {
  const message = Message.from({
    name: 'gw',
    up: 'yes',
    initiator: 'no',
    version: '2',
    'local-ts': ['10.0.0.1/32', '10.0.0.2/32'],
    'child-sas': { 'net-7': { spi: 'c1' }, 'net-8': { spi: 'c2' } },
  });

  it('reads text, yes and no, lists and sections', () => {
    expect(message.text('name')).toBe('gw');
    expect(message.yesNo('up')).toBe(true);
    expect(message.yesNo('initiator')).toBe(false);
    expect(message.texts('local-ts')).toEqual(['10.0.0.1/32', '10.0.0.2/32']);
    expect(
      message
        .section('child-sas')
        ?.sections()
        .map(([id, sa]) => [id, sa.text('spi')]),
    ).toEqual([
      ['net-7', 'c1'],
      ['net-8', 'c2'],
    ]);
  });

  it('answers undefined, or no items, for what is absent', () => {
    expect(message.get('nothing')).toBeUndefined();
    expect(message.text('nothing')).toBeUndefined();
    expect(message.yesNo('nothing')).toBeUndefined();
    expect(message.section('nothing')).toBeUndefined();
    expect(message.list('nothing')).toEqual([]);
  });

  it('throws ViciProtocolError for an element of another kind', () => {
    expect(() => message.text('local-ts')).toThrow(ViciProtocolError);
    expect(() => message.list('name')).toThrow(ViciProtocolError);
    expect(() => message.section('name')).toThrow(ViciProtocolError);
    expect(() => message.yesNo('version')).toThrow(ViciProtocolError);
  });

  it('sees the first of two elements of one name', () => {
    const twice = new Message([
      ['key', Uint8Array.of(0x31)],
      ['key', Uint8Array.of(0x32)],
    ]);
    expect(twice.text('key')).toBe('1');
  });

  it('keeps the order of integer-like names when made of entries', () => {
    const ordered = new Message([
      ['b', Uint8Array.of()],
      ['1', Uint8Array.of()],
    ]);
    expect(roundTrip(ordered).entries.map(([entry]) => entry)).toEqual(['b', '1']);
  });
});
