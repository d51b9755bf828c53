import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, rootCertificates } from 'node:tls';
import type { AuditReceiver } from '@esplanade/desired';
import { reasonOf } from '../settings.ts';
import { counted } from './syslog-message.ts';

/** Where messages go. */
export interface SyslogSender {
  /** Resolves when the messages are out of this process; rejects when they are not, or not all. */
  send(messages: readonly string[]): Promise<void>;
  close(): void;
}

/** How long a connection may take to come up, and a receiver not to take anything. */
const connectMs = 5_000;
const stallMs = 10_000;

/**
 * Makes the sender for a destination; `trusted` are CA certificates (PEM) believed beside the well-known ones. `onBroken` is told when
 * a connection ends, and with it what was on its way.
 */
export function syslogSender(
  destination: AuditReceiver,
  trusted: () => readonly string[],
  onBroken: () => void,
): SyslogSender {
  return destination.protocol === 'udp_unencrypted'
    ? new DatagramSender(destination)
    : new StreamSender(() => openStream(destination, trusted()), onBroken);
}

/** A datagram a message (RFC 5426 3.1). That one has arrived nobody tells. */
class DatagramSender implements SyslogSender {
  readonly #destination: AuditReceiver;

  constructor(destination: AuditReceiver) {
    this.#destination = destination;
  }

  async send(messages: readonly string[]): Promise<void> {
    const { port, address } = this.#destination;
    const found = await lookup(address);
    const socket = createSocket(found.family === 6 ? 'udp6' : 'udp4');
    try {
      for (const message of messages)
        await new Promise<void>((resolve, reject) => {
          socket.send(message, port, found.address, (error) => (error ? reject(error) : resolve()));
        });
    } finally {
      socket.close();
    }
  }

  close(): void {
    // There is nothing between two messages.
  }
}

/** One connection, opened when there is something to send and none is there. */
class StreamSender implements SyslogSender {
  readonly #open: () => Socket;
  readonly #onBroken: () => void;
  #socket: Socket | undefined;

  constructor(open: () => Socket, onBroken: () => void) {
    this.#open = open;
    this.#onBroken = onBroken;
  }

  async send(messages: readonly string[]): Promise<void> {
    const socket = await this.#connected();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stalled = setTimeout(() => socket.destroy(new Error('the receiver takes nothing')), stallMs);
    const fail = (): void => reject(socket.errored ?? new Error('the receiver closed the connection'));
    socket.once('close', fail);
    socket.write(messages.map(counted).join(''), (error) => (error ? reject(error) : resolve()));
    try {
      await promise;
    } finally {
      clearTimeout(stalled);
      socket.off('close', fail);
    }
  }

  close(): void {
    this.#socket?.destroy();
  }

  async #connected(): Promise<Socket> {
    if (this.#socket?.writable === true) return this.#socket;
    this.#socket?.destroy();
    const socket = this.#open();
    this.#socket = socket;
    // What the receiver says means nothing; that it ends must be seen.
    socket.resume();
    socket.on('end', () => socket.destroy());
    await opened(socket);
    socket.once('close', this.#onBroken);
    return socket;
  }
}

/** Whether a destination can be reached; why not, a sentence, if it cannot. */
export type Reached =
  | { readonly kind: 'reached' }
  | { readonly kind: 'unresolvable' | 'unreachable'; readonly why: string };

/** Tries a destination. With UDP there is no more to try than the name. */
export async function reach(destination: AuditReceiver, trusted: () => readonly string[]): Promise<Reached> {
  try {
    await lookup(destination.address);
  } catch (error) {
    return { kind: 'unresolvable', why: reasonOf(error) };
  }
  if (destination.protocol === 'udp_unencrypted') return { kind: 'reached' };
  const socket = openStream(destination, trusted());
  try {
    await opened(socket);
    return { kind: 'reached' };
  } catch (error) {
    return { kind: 'unreachable', why: reasonOf(error) };
  } finally {
    socket.destroy();
  }
}

function openStream(destination: AuditReceiver, trusted: readonly string[]): Socket {
  const { address, port, protocol, verifyServer } = destination;
  if (protocol !== 'tcp_encrypted') return connectTcp({ host: address, port, keepAlive: true });
  return connectTls({
    host: address,
    port,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: verifyServer,
    ca: [...rootCertificates, ...trusted],
    ...(isIP(address) === 0 && { servername: address }),
  });
}

async function opened(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const late = setTimeout(() => socket.destroy(new Error('it did not answer in time')), connectMs);
  // Errors later are told by whoever sends then.
  socket.on('error', () => undefined);
  socket.once('close', () => reject(socket.errored ?? new Error('it closed the connection')));
  socket.once('authorized' in socket ? 'secureConnect' : 'connect', resolve);
  try {
    await promise;
  } finally {
    clearTimeout(late);
  }
}
