import {
  type CallOptions,
  type EventStream,
  type Message,
  type MessageInput,
  ViciClient,
  ViciCommandError,
  ViciConnectionError,
  ViciProtocolError,
  ViciUnknownCommandError,
  ViciUnknownEventError,
} from '@esplanade/vici';
import { DatapathRefusedError, DatapathUnavailableError } from '../errors.ts';
import type { SignOfLife } from './sign-of-life.ts';

/** Where a charon is, and how patient to be with it. */
export interface SessionOptions {
  readonly socketPath: string;
  /** A charon that takes longer for a command that it answers at once counts as one that hangs: 10000 ms. */
  readonly answerDeadlineMs?: number | undefined;
  /** Hears of every command before it is sent, save those that `ready` knocks with. */
  readonly onRequest?: ((command: string, message: MessageInput) => void) | undefined;
  /** Told of every answer, a refusal too. */
  readonly life?: SignOfLife | undefined;
}

/** One VICI session, with the datapath's errors: no answer is DatapathUnavailableError, no is DatapathRefusedError. */
export class CharonSession {
  readonly socketPath: string;
  readonly #client: ViciClient;
  readonly #onRequest: (command: string, message: MessageInput) => void;
  readonly #life: SignOfLife | undefined;

  constructor({ socketPath, answerDeadlineMs = 10_000, onRequest = () => undefined, life }: SessionOptions) {
    this.socketPath = socketPath;
    this.#onRequest = onRequest;
    this.#life = life;
    this.#client = new ViciClient({ path: socketPath, deadlineMs: answerDeadlineMs });
  }

  async request(command: string, message: MessageInput, options: CallOptions = {}): Promise<Message> {
    this.#onRequest(command, message);
    return this.#answered(this.#client.request(command, message, options));
  }

  async list(
    command: string,
    event: string,
    message: MessageInput,
    options: CallOptions = {},
  ): Promise<readonly Message[]> {
    this.#onRequest(command, message);
    return this.#answered(this.#client.list(command, event, message, options));
  }

  async events(names: readonly string[], signal: AbortSignal): Promise<EventStream> {
    return this.#client.events(names, { signal }).catch((error: unknown) => this.#fail(error));
  }

  /** Waits, however long, until charon answers. */
  async ready(signal: AbortSignal): Promise<void> {
    await this.#client.ready(signal).catch((error: unknown) => this.#fail(error));
  }

  /** Closes the connections; what is under way rejects with DatapathUnavailableError. */
  close(): void {
    this.#client.close();
  }

  async #answered<T>(answer: Promise<T>): Promise<T> {
    const result = await answer.catch((error: unknown) => this.#fail(error));
    this.#life?.noted();
    return result;
  }

  // Anything else is the reason of the caller's signal, or a bug.
  #fail(error: unknown): never {
    if (error instanceof ViciConnectionError || error instanceof ViciProtocolError) {
      throw new DatapathUnavailableError(`charon at ${this.socketPath} gives no answer: ${error.message}`, {
        cause: error,
      });
    }
    if (
      error instanceof ViciCommandError ||
      error instanceof ViciUnknownCommandError ||
      error instanceof ViciUnknownEventError
    ) {
      this.#life?.noted();
      throw new DatapathRefusedError(`charon at ${this.socketPath} refused: ${error.message}`, {
        cause: error,
      });
    }
    if (error instanceof RangeError) {
      throw new DatapathRefusedError(`more than one VICI message holds: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
