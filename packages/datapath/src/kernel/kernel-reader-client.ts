import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatapathUnavailableError } from '../errors.ts';
import { onLines } from './lines.ts';
import { type KernelAnswer, type KernelTable, parseAnswer } from './protocol.ts';
import type { KernelPolicy, KernelState } from './xfrm-text.ts';

const retryMs = 1_000;
const answerDeadlineMs = 30_000;

/** What a client tells its owner. */
export interface KernelReaderClientOptions {
  readonly socketPath: string;
  /** The reader has been reached. */
  readonly onReached: () => void;
  readonly onChanged: (table: KernelTable) => void;
}

interface Asked {
  /** What has come of the answer. */
  readonly parts: KernelAnswer[];
  readonly resolve: (parts: readonly KernelAnswer[]) => void;
  readonly reject: (error: Error) => void;
}

/** A connection to a kernel reader that may come and go. It connects whenever there is one, until it is closed. */
export class KernelReaderClient {
  readonly #options: KernelReaderClientOptions;
  readonly #closing = new AbortController();
  readonly #asked: Asked[] = [];
  readonly #ended: Promise<void>;
  #socket: Socket | undefined;

  constructor(options: KernelReaderClientOptions) {
    this.#options = options;
    this.#ended = this.#run(this.#closing.signal);
  }

  get isReached(): boolean {
    return this.#socket !== undefined;
  }

  /** The kernel's SPD. Throws DatapathUnavailableError when the reader does not answer or cannot read. */
  async policies(): Promise<readonly KernelPolicy[]> {
    const parts = await this.#ask('policies');
    return parts.flatMap((part) => ('policies' in part ? part.policies : unreadable(part)));
  }

  /** The kernel's SAD. Throws DatapathUnavailableError when the reader does not answer or cannot read. */
  async states(): Promise<readonly KernelState[]> {
    const parts = await this.#ask('states');
    return parts.flatMap((part) => ('states' in part ? part.states : unreadable(part)));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#socket?.destroy();
    await this.#ended;
  }

  async #ask(read: KernelTable): Promise<readonly KernelAnswer[]> {
    const socket = this.#socket;
    if (socket === undefined) throw new DatapathUnavailableError('there is no kernel reader');
    const { promise, resolve, reject } = Promise.withResolvers<readonly KernelAnswer[]>();
    this.#asked.push({ parts: [], resolve, reject });
    socket.write(`${JSON.stringify({ read })}\n`);
    const overdue = setTimeout(() => socket.destroy(), answerDeadlineMs).unref();
    return promise.finally(() => clearTimeout(overdue));
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#follow();
      await untilRetry(signal);
    }
  }

  /** Resolves when the connection is over, or when there was none to be had. */
  async #follow(): Promise<void> {
    const socket = createConnection(this.#options.socketPath);
    const over = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    // What went wrong changes nothing: `close` follows.
    socket.on('error', () => undefined);
    socket.unref();
    onLines(socket, (line) => this.#heard(socket, line));
    socket.once('connect', () => {
      if (this.#closing.signal.aborted) socket.destroy();
      else {
        this.#socket = socket;
        this.#options.onReached();
      }
    });
    await over;
    this.#socket = undefined;
    const error = new DatapathUnavailableError('the kernel reader does not answer');
    for (const { reject } of this.#asked.splice(0)) reject(error);
  }

  #heard(socket: Socket, line: string): void {
    try {
      const answer = parseAnswer(line);
      if ('changed' in answer) {
        this.#options.onChanged(answer.changed);
        return;
      }
      this.#asked[0]?.parts.push(answer);
      if ('more' in answer && answer.more) return;
      const asked = this.#asked.shift();
      asked?.resolve(asked.parts);
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

/** Cut short when closing, which the caller's loop sees. */
async function untilRetry(signal: AbortSignal): Promise<void> {
  try {
    await sleep(retryMs, undefined, { signal, ref: false });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function unreadable(answer: KernelAnswer): never {
  throw new DatapathUnavailableError(
    `the kernel cannot be read: ${'error' in answer ? answer.error : 'an answer to another question'}`,
  );
}
