/** A client for strongSwan's VICI control socket; see README.md beside this package's sources. */
export { type CallOptions, ViciClient, type ViciClientOptions } from './client.ts';
export type { ViciCounters } from './counters.ts';
export {
  type NoAnswerReason,
  ViciCommandError,
  ViciConnectionError,
  ViciError,
  ViciProtocolError,
  ViciUnknownCommandError,
  ViciUnknownEventError,
} from './errors.ts';
export type { EventStream, ViciEvent } from './event-stream.ts';
export {
  decodeText,
  type Entry,
  Message,
  type MessageInput,
  type Value,
  type ValueInput,
} from './message.ts';
export { decodeMessage, encodeMessage } from './message-codec.ts';
export { decodePacket, encodePacket, type Packet } from './packet.ts';
export type { BackoffOptions, Timer } from './timing.ts';
