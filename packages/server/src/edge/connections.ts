import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { sourceOf } from '../logins/login-source.ts';

/** How many connections there may be. */
export interface ConnectionLimits {
  readonly total: number;
  /** From one IPv4 address, or one /64. */
  readonly perSource: number;
}

/** Why a connection is one too many. */
export type Surplus = 'total' | 'source';

interface Connection {
  readonly socket: Socket;
  readonly source: string;
  readonly surplus: Surplus | undefined;
  /** Answers under way. */
  readonly answers: Set<ServerResponse>;
}

/** So many connections beyond the limits are told so; what comes beyond these is closed without a handshake. */
const mostTold = 100;
const lookMs = 5_000;
/** What has been answered must be taken in this time, and in as much more as it takes at this rate. */
const leastTakingMs = 30_000;
const leastBytesPerMs = 32;

/**
 * Counts the connections of a server. When there are too many, the source with the most gives up one that is idle, so that
 * nobody can keep others out by holding connections; who is one too many even so is told in an answer. Connections whose
 * client does not take its answer are closed.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #bySource = new Map<string, Set<Connection>>();
  readonly #shakingHands = new Map<string, Connection>();
  readonly #known = new WeakMap<Socket, Connection>();
  readonly #takeBy = new WeakMap<ServerResponse, number>();
  #counted = 0;
  #told = 0;

  constructor(server: Server, limits: ConnectionLimits) {
    this.#limits = limits;
    server.on('connection', (socket: Socket) => this.#admit(socket));
    server.on('secureConnection', (socket: Socket) => this.#recognize(socket));
    server.on('request', (request: IncomingMessage, answer: ServerResponse) => {
      const answers = this.#known.get(request.socket)?.answers;
      if (answers === undefined) return;
      answers.add(answer);
      answer.once('close', () => answers.delete(answer));
    });
    const looking = setInterval(() => this.closeStalled(performance.now()), lookMs).unref();
    server.on('close', () => clearInterval(looking));
  }

  /** How many there are, those that are only told off left aside. */
  get count(): number {
    return this.#counted;
  }

  /** Why nothing is to be served on this connection; undefined for those that are within the limits. */
  surplusOf(socket: Socket): Surplus | undefined {
    return this.#known.get(socket)?.surplus;
  }

  /** Closes connections whose client has not taken its answer in time. */
  closeStalled(nowMs: number): void {
    for (const connections of this.#bySource.values())
      for (const { socket, answers } of connections)
        for (const answer of answers) if (this.#isStalled(answer, nowMs)) socket.destroy();
  }

  #isStalled(answer: ServerResponse, nowMs: number): boolean {
    if (!answer.writableEnded || answer.writableFinished) return false;
    const takeBy = this.#takeBy.get(answer);
    if (takeBy !== undefined) return nowMs > takeBy;
    const bytes = answer.socket?.writableLength ?? 0;
    this.#takeBy.set(answer, nowMs + leastTakingMs + bytes / leastBytesPerMs);
    return false;
  }

  #admit(socket: Socket): void {
    const source = sourceOf(socket.remoteAddress);
    const siblings = this.#bySource.get(source) ?? new Set();
    const surplus = this.#surplusWith(siblings);
    if (surplus !== undefined && this.#told >= mostTold) {
      socket.destroy();
      return;
    }
    const connection: Connection = { socket, source, surplus, answers: new Set() };
    const key = endsOf(socket);
    this.#shakingHands.set(key, connection);
    if (surplus !== undefined) this.#told += 1;
    else {
      this.#counted += 1;
      this.#bySource.set(source, siblings.add(connection));
    }
    socket.once('close', () => {
      if (this.#shakingHands.get(key) === connection) this.#shakingHands.delete(key);
      if (surplus !== undefined) this.#told -= 1;
      else this.#forget(connection);
    });
  }

  #forget(connection: Connection): void {
    const siblings = this.#bySource.get(connection.source);
    if (siblings?.delete(connection) !== true) return;
    this.#counted -= 1;
    if (siblings.size === 0) this.#bySource.delete(connection.source);
  }

  #surplusWith(siblings: ReadonlySet<Connection>): Surplus | undefined {
    if (siblings.size >= this.#limits.perSource) return 'source';
    return this.#counted >= this.#limits.total && !this.#makeRoom(siblings) ? 'total' : undefined;
  }

  /** Closes the oldest idle connection of whoever has most, unless that is who asks. */
  #makeRoom(askers: ReadonlySet<Connection>): boolean {
    let most = askers;
    for (const connections of this.#bySource.values()) if (connections.size > most.size) most = connections;
    if (most === askers) return false;
    for (const connection of most)
      if (connection.answers.size === 0) {
        this.#forget(connection);
        connection.socket.destroy();
        return true;
      }
    return false;
  }

  /** From here on there is another socket for the same connection. */
  #recognize(socket: Socket): void {
    const key = endsOf(socket);
    const connection = this.#shakingHands.get(key);
    if (connection === undefined) return;
    this.#shakingHands.delete(key);
    this.#known.set(socket, connection);
  }
}

function endsOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
