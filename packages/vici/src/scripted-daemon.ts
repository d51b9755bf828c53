import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FrameDecoder } from './frame.ts';
import { Message, type MessageInput } from './message.ts';
import { decodePacket, frameOf, type Packet } from './packet.ts';

/** A queue that can be waited on. */
class Inbox<T> {
  readonly #items: T[] = [];
  readonly #waiters: ((item: T) => void)[] = [];

  put(item: T): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#items.push(item);
    else waiter(item);
  }

  take(): Promise<T> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }
}

/** The daemon's end of one connection; a test says what it does. */
export class DaemonConnection {
  readonly socket: Socket;
  readonly #decoder = new FrameDecoder();
  readonly #inbox = new Inbox<Packet>();
  /** Resolves when the client has closed the connection. */
  readonly closed: Promise<unknown>;

  constructor(socket: Socket) {
    this.socket = socket;
    this.closed = once(socket, 'close');
    // A client that gives up in mid-command resets the connection; `closed` tells.
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      for (const payload of this.#decoder.push(chunk)) this.#inbox.put(decodePacket(payload));
    });
  }

  /** Whether the client has sent nothing that was not received. */
  get isQuiet(): boolean {
    return this.#inbox.isEmpty;
  }

  receive(): Promise<Packet> {
    return this.#inbox.take();
  }

  /** Receives the next packet and insists on its kind and name. */
  async expect(
    kind: 'command-request' | 'event-register' | 'event-unregister',
    name: string,
  ): Promise<Packet> {
    const packet = await this.receive();
    if (packet.kind === kind && packet.name === name) return packet;
    throw new Error(`expected ${kind} ${name}, got ${JSON.stringify(packet)}`);
  }

  send(packet: Packet): void {
    this.socket.write(frameOf(packet));
  }

  reply(message: MessageInput = {}): void {
    this.send({ kind: 'command-response', message: Message.from(message) });
  }

  event(name: string, message: MessageInput = {}): void {
    this.send({ kind: 'event', name, message: Message.from(message) });
  }

  /** Plays the whole daemon's side of a streamed command. */
  async serveStream(command: string, event: string, rows: readonly MessageInput[]): Promise<void> {
    await this.expect('event-register', event);
    this.send({ kind: 'event-confirm' });
    await this.expect('command-request', command);
    for (const row of rows) this.event(event, row);
    this.reply();
    await this.expect('event-unregister', event);
    this.send({ kind: 'event-confirm' });
  }
}

/** A daemon on a real Unix socket in this process, which does nothing but what a test tells each connection to do. */
export class ScriptedDaemon {
  readonly path: string;
  readonly #directory: string;
  readonly #accepted = new Inbox<DaemonConnection>();
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  static async start(): Promise<ScriptedDaemon> {
    const daemon = new ScriptedDaemon(await mkdtemp(join(tmpdir(), 'vici-')));
    await daemon.listen();
    return daemon;
  }

  private constructor(directory: string) {
    this.#directory = directory;
    this.path = join(directory, 'charon.vici');
  }

  /** Starts to listen, also again after `die`. */
  async listen(backlog?: number): Promise<void> {
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      this.#accepted.put(new DaemonConnection(socket));
    });
    server.listen({ path: this.path, ...(backlog === undefined ? {} : { backlog }) });
    await once(server, 'listening');
    this.#server = server;
  }

  /** The next connection, its `version` handshake not yet received. */
  acceptRaw(): Promise<DaemonConnection> {
    return this.#accepted.take();
  }

  /** The next connection, its handshake answered. */
  async accept(): Promise<DaemonConnection> {
    const connection = await this.acceptRaw();
    await connection.expect('command-request', 'version');
    connection.reply({ daemon: 'charon-scripted', version: '5.9.8' });
    return connection;
  }

  /** Whether no connection waits to be accepted. */
  get isQuiet(): boolean {
    return this.#accepted.isEmpty;
  }

  /** Goes away as a killed daemon does: the connections break and nobody listens. */
  async die(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    server.close();
    await once(server, 'close');
  }

  async stop(): Promise<void> {
    await this.die();
    await rm(this.#directory, { recursive: true });
  }
}
