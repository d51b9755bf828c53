import { encodeFrame } from './frame.ts';
import type { Message } from './message.ts';
import { ByteReader, ByteWriter, decodeMessage, encodeMessage } from './message-codec.ts';
import { ViciProtocolError } from './protocol-error.ts';

/**
 * One packet, either way (strongSwan, src/libcharon/plugins/vici/README.md, "Packet layer"). Packets carry no request
 * number: only their order says what answers what.
 */
export type Packet =
  | { readonly kind: 'command-request'; readonly name: string; readonly message: Message }
  | { readonly kind: 'command-response'; readonly message: Message }
  | { readonly kind: 'command-unknown' }
  | { readonly kind: 'event-register'; readonly name: string }
  | { readonly kind: 'event-unregister'; readonly name: string }
  | { readonly kind: 'event-confirm' }
  | { readonly kind: 'event-unknown' }
  | { readonly kind: 'event'; readonly name: string; readonly message: Message };

/** A packet's number on the wire is its place in this list. */
const kinds = [
  'command-request',
  'command-response',
  'command-unknown',
  'event-register',
  'event-unregister',
  'event-confirm',
  'event-unknown',
  'event',
] as const satisfies readonly Packet['kind'][];

/** The payload of a packet, without its length. Throws RangeError for what `encodeMessage` refuses. */
export function encodePacket(packet: Packet): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(kinds.indexOf(packet.kind));
  if ('name' in packet) writer.name(packet.name);
  if ('message' in packet) writer.raw(encodeMessage(packet.message));
  return writer.finish();
}

/** The packet as it goes over the wire. Throws RangeError for one that VICI cannot carry. */
export function frameOf(packet: Packet): Uint8Array {
  return encodeFrame(encodePacket(packet));
}

/** The packet in a whole payload. Throws ViciProtocolError for anything malformed, bytes left over included. */
export function decodePacket(payload: Uint8Array): Packet {
  const reader = new ByteReader(payload);
  const number = reader.byte();
  const kind = kinds[number];
  if (kind === undefined) throw new ViciProtocolError(`packet type ${number} is unknown`);
  switch (kind) {
    case 'command-request':
    case 'event':
      return { kind, name: reader.name(), message: decodeMessage(reader.rest()) };
    case 'command-response':
      return { kind, message: decodeMessage(reader.rest()) };
    case 'event-register':
    case 'event-unregister':
      return atEnd(reader, { kind, name: reader.name() });
    case 'command-unknown':
    case 'event-confirm':
    case 'event-unknown':
      return atEnd(reader, { kind });
  }
}

function atEnd(reader: ByteReader, packet: Packet): Packet {
  if (!reader.atEnd) throw new ViciProtocolError(`bytes left over after ${packet.kind}`);
  return packet;
}
