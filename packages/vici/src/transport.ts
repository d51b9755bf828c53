import { createConnection, type Socket } from 'node:net';
import { ViciConnectionError, ViciProtocolError } from './errors.ts';
import { FrameDecoder } from './frame.ts';
import { decodePacket, type Packet } from './packet.ts';

/**
 * One connection to the daemon, packet by packet. The socket is read only as fast as packets are received: while some
 * wait, it is paused, and the daemon feels it. Once broken it stays broken.
 */
export class Transport {
  readonly #socket: Socket;
  readonly #decoder = new FrameDecoder();
  readonly #received: Packet[] = [];
  #waiter: { resolve(packet: Packet): void; reject(error: unknown): void } | undefined;
  #failure: { readonly error: unknown } | undefined;

  /**
   * Connects to the daemon's socket. Rejects with ViciConnectionError (`unreachable`, the system's error as its cause)
   * or with the signal's reason.
   */
  static connect(path: string, signal: AbortSignal): Promise<Transport> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const socket = createConnection({ path });
      const onAbort = (): void => {
        socket.destroy();
        reject(signal.reason);
      };
      const onError = (cause: Error): void => {
        signal.removeEventListener('abort', onAbort);
        reject(new ViciConnectionError('unreachable', `no daemon at ${path}: ${cause.message}`, { cause }));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      socket.once('error', onError);
      socket.once('connect', () => {
        signal.removeEventListener('abort', onAbort);
        socket.off('error', onError);
        resolve(new Transport(socket));
      });
    });
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (cause) => this.#fail(disconnected(cause.message, { cause })));
    socket.on('close', () => {
      this.#fail(disconnected(this.#decoder.inFrame ? 'it ended inside a frame' : 'the daemon closed it'));
    });
  }

  /** Whether nothing has broken it yet, as far as is known. */
  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  /** Whether packets have arrived that nobody has received. */
  get hasUnread(): boolean {
    return this.#received.length > 0;
  }

  /** Sends a frame; resolves when the system has taken it. Rejects with what broke the connection. */
  async send(frame: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    await new Promise<void>((resolve, reject) => {
      this.#socket.write(frame, (cause) => {
        if (cause === null || cause === undefined) return resolve();
        this.#fail(disconnected(cause.message, { cause }));
        reject(this.#failure?.error);
      });
    });
  }

  /** The next packet, in order; one call at a time. Rejects with what broke the connection. */
  receive(): Promise<Packet> {
    const packet = this.#received.shift();
    if (packet !== undefined) {
      if (this.#received.length === 0) this.#socket.resume();
      return Promise.resolve(packet);
    }
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) reject(this.#failure.error);
      else this.#waiter = { resolve, reject };
    });
  }

  /** Closes the connection for this reason; whoever waits is told it, and packets not yet received are gone. */
  destroy(error: unknown): void {
    this.#received.length = 0;
    this.#fail(error);
  }

  #take(chunk: Uint8Array): void {
    try {
      for (const payload of this.#decoder.push(chunk)) this.#deliver(decodePacket(payload));
    } catch (error) {
      this.#fail(error);
    }
  }

  #deliver(packet: Packet): void {
    const waiter = this.#waiter;
    if (waiter !== undefined) {
      this.#waiter = undefined;
      waiter.resolve(packet);
      return;
    }
    this.#received.push(packet);
    this.#socket.pause();
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#socket.destroy();
    this.#waiter?.reject(error);
    this.#waiter = undefined;
  }
}

/** The error for a packet that may not come at this point. */
export function outOfTurn(packet: Packet, expected: string): ViciProtocolError {
  return new ViciProtocolError(`${packet.kind} arrived instead of ${expected}`);
}

function disconnected(why: string, options?: ErrorOptions): ViciConnectionError {
  return new ViciConnectionError('disconnected', `the connection to the daemon broke: ${why}`, options);
}
