import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { tunnelResponse, unparsableResponse } from './edge-error.ts';
import { farewellMs } from './unread-body.ts';

/**
 * Ends connections on which something came that is no HTTP. Who sent it is told so, but in turn: requests before it that are
 * being carried out are answered first, or one that changes something would seem refused; and nothing follows an answer that ends
 * the connection.
 */
export class PartingWords {
  /** The newest answer of each connection. */
  readonly #answers = new WeakMap<Duplex, ServerResponse>();
  readonly #leaving = new WeakSet<Duplex>();

  constructor(server: Server) {
    server.on('request', ({ socket }, response) => this.#answers.set(socket, response));
    server.on('connect', (_request, socket) => {
      // Node listens no more; whoever resets the connection is gone, and that is all.
      socket.on('error', () => socket.destroy());
      socket.end(tunnelResponse());
      setTimeout(() => socket.destroy(), farewellMs).unref();
    });
  }

  /** Says them, for the error that Node's parser met with. */
  say(errorCode: string | undefined, socket: Duplex): void {
    if (this.#leaving.has(socket)) return;
    this.#leaving.add(socket);
    const answer = this.#answers.get(socket);
    const isUnderWay = answer?.writableFinished === false && (answer.req.complete || answer.headersSent);
    if (isUnderWay) answer.once('finish', () => this.#end(errorCode, socket, answer));
    else this.#end(errorCode, socket, answer);
  }

  #end(errorCode: string | undefined, socket: Duplex, answer: ServerResponse | undefined): void {
    const response = unparsableResponse(errorCode);
    // It may have been answered before all of it was there.
    const isOver = answer?.headersSent === true && (!answer.req.complete || endsConnection(answer));
    if (response === undefined || !socket.writable) socket.destroy();
    else if (isOver) socket.end();
    else socket.end(response);
    setTimeout(() => socket.destroy(), farewellMs).unref();
  }
}

function endsConnection(answer: ServerResponse): boolean {
  return !answer.shouldKeepAlive || answer.getHeader('connection') === 'close';
}
