import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ViciProtocolError } from './errors.ts';
import { encodeFrame, FrameDecoder, maxPayloadBytes } from './frame.ts';
import { Message } from './message.ts';
import { decodePacket, encodePacket, frameOf, type Packet } from './packet.ts';

const name = fc.string({ unit: 'binary', maxLength: 60 });
const message = fc
  .dictionary(fc.string({ maxLength: 20 }), fc.uint8Array({ maxLength: 80 }), { maxKeys: 5 })
  .map((record) => Message.from(record));
const packet: fc.Arbitrary<Packet> = fc.oneof(
  fc.record({ kind: fc.constantFrom('command-request', 'event'), name, message }),
  fc.record({ kind: fc.constant('command-response'), message }),
  fc.record({ kind: fc.constantFrom('event-register', 'event-unregister'), name }),
  fc.record({ kind: fc.constantFrom('command-unknown', 'event-confirm', 'event-unknown') }),
);

describe('a packet', () => {
  it('comes out of its bytes as it went in', () => {
    fc.assert(fc.property(packet, (sent) => void expect(decodePacket(encodePacket(sent))).toEqual(sent)));
  });

  it.each([
    ['command-request', [0, 1, 0x61]],
    ['command-response', [1]],
    ['command-unknown', [2]],
    ['event-register', [3, 1, 0x61]],
    ['event-unregister', [4, 1, 0x61]],
    ['event-confirm', [5]],
    ['event-unknown', [6]],
    ['event', [7, 1, 0x61]],
  ])('of kind %s has the number strongSwan gave it', (kind, wire) => {
    const decoded = decodePacket(Uint8Array.from(wire));
    expect(decoded.kind).toBe(kind);
    expect([...encodePacket(decoded)]).toEqual(wire);
  });

  it.each([
    ['no type', []],
    ['an unknown type', [8]],
    ['a name cut short', [3, 2, 0x61]],
    ['bytes after its end', [5, 0]],
    ['a malformed message', [1, 2]],
  ])('with %s is refused', (_, wire) => {
    expect(() => decodePacket(Uint8Array.from(wire))).toThrow(ViciProtocolError);
  });

  it('answers random bytes with a packet or ViciProtocolError', () => {
    const input = fc.tuple(fc.nat(9), fc.uint8Array({ maxLength: 100 }));
    fc.assert(
      fc.property(input, ([type, rest]) => {
        try {
          decodePacket(Uint8Array.of(type, ...rest));
        } catch (error) {
          expect(error).toBeInstanceOf(ViciProtocolError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the frame decoder', () => {
  it('finds the same packets however the stream is cut', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 8 }), sizes, (sent, cuts) => {
        const stream = Buffer.concat(sent.map(frameOf));
        const decoder = new FrameDecoder();
        const received: Packet[] = [];
        for (let offset = 0, turn = 0; offset < stream.length; turn += 1) {
          const size = cuts[turn % cuts.length] ?? 1;
          received.push(...decoder.push(stream.subarray(offset, offset + size)).map(decodePacket));
          offset += size;
        }
        expect(received).toEqual(sent);
        expect(decoder.inFrame).toBe(false);
      }),
    );
  });

  it('takes a frame of 512 KiB and refuses one byte more, both ways', () => {
    const largest = new Uint8Array(maxPayloadBytes).fill(9);
    expect(new FrameDecoder().push(encodeFrame(largest))).toEqual([largest]);
    expect(() => encodeFrame(new Uint8Array(maxPayloadBytes + 1))).toThrow(RangeError);
    expect(() => new FrameDecoder().push(Uint8Array.of(0, 8, 0, 1))).toThrow(ViciProtocolError);
  });

  it('refuses the length as soon as it is known, before any payload is kept', () => {
    const decoder = new FrameDecoder();
    expect(decoder.push(Uint8Array.of(0xff, 0xff, 0xff))).toEqual([]);
    expect(() => decoder.push(Uint8Array.of(0xff))).toThrow(ViciProtocolError);
  });

  it('refuses an empty frame', () => {
    expect(() => new FrameDecoder().push(new Uint8Array(4))).toThrow(ViciProtocolError);
  });

  it('knows that it is inside a frame from its first byte to its last', () => {
    const decoder = new FrameDecoder();
    for (const byte of encodeFrame(Uint8Array.of(5))) {
      const done = decoder.push(Uint8Array.of(byte)).length === 1;
      expect(decoder.inFrame).toBe(!done);
    }
  });

  it('answers a random stream with payloads within the bound or ViciProtocolError', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 20 }), (chunks) => {
        const decoder = new FrameDecoder();
        try {
          for (const chunk of chunks) decoder.push(chunk);
        } catch (error) {
          expect(error).toBeInstanceOf(ViciProtocolError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
