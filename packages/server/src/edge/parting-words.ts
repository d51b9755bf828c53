import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { tunnelResponse, unparsableResponse } from './edge-error.ts';
import { farewellMs } from './unread-body.ts';

/**
 * Ends connections on which something came that is no HTTP, or asks for a tunnel, which there is none of. Who sent it is told so,
 * but in turn: requests before it that are being carried out are answered first, or one that changes something would seem refused;
 * and nothing follows an answer that ends the connection.
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
      this.#say(tunnelResponse(), socket);
    });
  }

  /** Says them, for the error that Node's parser met with. */
  say(errorCode: string | undefined, socket: Duplex): void {
    this.#say(unparsableResponse(errorCode), socket);
  }

  #say(words: string | undefined, socket: Duplex): void {
    if (this.#leaving.has(socket)) return;
    this.#leaving.add(socket);
    const answer = this.#answers.get(socket);
    const isUnderWay = answer?.writableFinished === false && (answer.req.complete || answer.headersSent);
    if (isUnderWay) answer.once('finish', () => this.#end(words, socket, answer));
    else this.#end(words, socket, answer);
  }

  #end(words: string | undefined, socket: Duplex, answer: ServerResponse | undefined): void {
    // It may have been answered before all of it was there.
    const isOver = answer?.headersSent === true && (!answer.req.complete || endsConnection(answer));
    if (words === undefined || !socket.writable) socket.destroy();
    else if (isOver) socket.end();
    else socket.end(words);
    setTimeout(() => socket.destroy(), farewellMs).unref();
  }
}

function endsConnection(answer: ServerResponse): boolean {
  return !answer.shouldKeepAlive || answer.getHeader('connection') === 'close';
}
