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
  /** The command that starts it, for whoever reads why there is no answer. */
  readonly startedBy?: string | undefined;
  /** Hears of every command before it is sent, save those that `ready` knocks with. */
  readonly onRequest?: ((command: string, message: MessageInput) => void) | undefined;
  /** Hears of every such command that charon refused, or gave no answer to. */
  readonly onFailure?: ((command: string, how: 'refused' | 'unanswered') => void) | undefined;
  /** Told of every answer, a refusal too. */
  readonly life?: SignOfLife | undefined;
}

/** One VICI session, with the datapath's errors: no answer is DatapathUnavailableError, no is DatapathRefusedError. */
export class CharonSession {
  readonly socketPath: string;
  readonly #startedBy: string | undefined;
  readonly #client: ViciClient;
  readonly #onRequest: (command: string, message: MessageInput) => void;
  readonly #onFailure: (command: string, how: 'refused' | 'unanswered') => void;
  readonly #life: SignOfLife | undefined;

  constructor(options: SessionOptions) {
    const { socketPath, answerDeadlineMs = 10_000, onRequest = () => undefined, life } = options;
    this.socketPath = socketPath;
    this.#startedBy = options.startedBy;
    this.#onRequest = onRequest;
    this.#onFailure = options.onFailure ?? (() => undefined);
    this.#life = life;
    this.#client = new ViciClient({ path: socketPath, deadlineMs: answerDeadlineMs });
  }

  async request(command: string, message: MessageInput, options: CallOptions = {}): Promise<Message> {
    this.#onRequest(command, message);
    return this.#answered(command, this.#client.request(command, message, options));
  }

  async list(
    command: string,
    event: string,
    message: MessageInput,
    options: CallOptions = {},
  ): Promise<readonly Message[]> {
    this.#onRequest(command, message);
    return this.#answered(command, this.#client.list(command, event, message, options));
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

  async #answered<T>(command: string, answer: Promise<T>): Promise<T> {
    const result = await answer.catch((error: unknown) => {
      if (isNoAnswer(error)) this.#onFailure(command, 'unanswered');
      if (isRefusal(error)) this.#onFailure(command, 'refused');
      return this.#fail(error);
    });
    this.#life?.noted();
    return result;
  }

  // Anything else is the reason of the caller's signal, or a bug.
  #fail(error: unknown): never {
    if (isNoAnswer(error)) {
      const why = this.#whyNobody(error) ?? error.message;
      throw new DatapathUnavailableError(`charon at ${this.socketPath} gives no answer: ${why}`, {
        cause: error,
      });
    }
    if (isRefusal(error)) {
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

  /** Why nobody takes the connection, and what to do about it; undefined where the error says all there is to say. */
  #whyNobody({ cause }: Error): string | undefined {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const start = this.#startedBy === undefined ? '' : `; "${this.#startedBy}" starts it`;
    if (code === 'ENOENT') return `there is no such socket${start}`;
    if (code === 'ECONNREFUSED') return `it has ended and left its socket${start}`;
    if (code === 'EACCES') return 'we may not open its socket; run us in the group that it was started with';
    return undefined;
  }
}

function isNoAnswer(error: unknown): error is ViciConnectionError | ViciProtocolError {
  return error instanceof ViciConnectionError || error instanceof ViciProtocolError;
}

function isRefusal(
  error: unknown,
): error is ViciCommandError | ViciUnknownCommandError | ViciUnknownEventError {
  return (
    error instanceof ViciCommandError ||
    error instanceof ViciUnknownCommandError ||
    error instanceof ViciUnknownEventError
  );
}
