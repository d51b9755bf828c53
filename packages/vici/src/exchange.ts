import type { Message } from './message.ts';
import { frameOf, type Packet } from './packet.ts';
import { outOfTurn, type Transport } from './transport.ts';

/** How the daemon answered a command. */
export type Answer =
  | { readonly kind: 'reply'; readonly message: Message }
  | { readonly kind: 'unknown-command' }
  | { readonly kind: 'unknown-event' };

/** The frame of a command. Throws RangeError for a message that VICI cannot carry. */
export function commandFrame(command: string, message: Message): Uint8Array {
  return frameOf({ kind: 'command-request', name: command, message });
}

/** Sends a command and waits for its answer. An error closes the connection: the answer might come yet. */
export async function exchangeCommand(
  transport: Transport,
  command: string,
  frame: Uint8Array,
): Promise<Answer> {
  try {
    await transport.send(frame);
    return answerIn(await transport.receive(), command);
  } catch (error) {
    transport.destroy(error);
    throw error;
  }
}

/** The frames of a command whose rows come as events. */
export interface StreamFrames {
  readonly register: Uint8Array;
  readonly command: Uint8Array;
  readonly unregister: Uint8Array;
}

/** Makes them. Throws RangeError for a message or name that VICI cannot carry. */
export function streamFrames(command: string, event: string, message: Message): StreamFrames {
  return {
    register: frameOf({ kind: 'event-register', name: event }),
    command: commandFrame(command, message),
    unregister: frameOf({ kind: 'event-unregister', name: event }),
  };
}

/**
 * Sends a command whose rows come as events: registers the event, yields each row, and returns the answer once the event
 * is unregistered again. Only when it has run to its end may anything else be sent; an error closes the connection.
 */
export async function* exchangeStream(
  transport: Transport,
  command: string,
  event: string,
  frames: StreamFrames,
): AsyncGenerator<Message, Answer, void> {
  try {
    await transport.send(frames.register);
    const registration = await transport.receive();
    if (registration.kind === 'event-unknown') return { kind: 'unknown-event' };
    if (registration.kind !== 'event-confirm') throw outOfTurn(registration, `the confirmation of ${event}`);

    await transport.send(frames.command);
    const answer = answerIn(yield* rowsBefore(transport, event), command);

    await transport.send(frames.unregister);
    // Events such as control-log may be on their way until the daemon has taken the registration back.
    const end = yield* rowsBefore(transport, event);
    if (end.kind !== 'event-confirm') throw outOfTurn(end, `the end of ${event}`);
    return answer;
  } catch (error) {
    transport.destroy(error);
    throw error;
  }
}

/** Yields rows as long as they come and returns the first packet that is none. */
async function* rowsBefore(transport: Transport, event: string): AsyncGenerator<Message, Packet, void> {
  for (;;) {
    const packet = await transport.receive();
    if (packet.kind !== 'event' || packet.name !== event) return packet;
    yield packet.message;
  }
}

function answerIn(packet: Packet, command: string): Answer {
  if (packet.kind === 'command-response') return { kind: 'reply', message: packet.message };
  if (packet.kind === 'command-unknown') return { kind: 'unknown-command' };
  throw outOfTurn(packet, `the answer to ${command}`);
}
