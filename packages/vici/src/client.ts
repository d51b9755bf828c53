import { CallLimits, untilAborted, whenAborted } from './call-limits.ts';
import { Connector } from './connector.ts';
import { type CounterState, countersAtZero, type ViciCounters } from './counters.ts';
import {
  ViciCommandError,
  ViciConnectionError,
  ViciProtocolError,
  ViciUnknownCommandError,
  ViciUnknownEventError,
} from './errors.ts';
import { EventStream } from './event-stream.ts';
import { type Answer, commandFrame, exchangeCommand, exchangeStream, streamFrames } from './exchange.ts';
import { FifoLock } from './fifo-lock.ts';
import { Message, type MessageInput } from './message.ts';
import { Backoff, type BackoffOptions, sleep, systemTimer, type Timer } from './timing.ts';
import type { Transport } from './transport.ts';

/** Settings of a client; everything but the path has a default. */
export interface ViciClientOptions {
  /** Path of the daemon's Unix socket, e.g. `/run/charon.vici`. */
  readonly path: string;
  /** How long a call may take in milliseconds unless it says otherwise: 30000. Infinity is allowed. */
  readonly deadlineMs?: number;
  /** How many unread events an event stream keeps: 1024. */
  readonly eventCapacity?: number;
  /** Delays between attempts to connect: from 50 ms, doubling up to 5000 ms. */
  readonly backoff?: BackoffOptions;
  /** Source of jitter, in [0, 1): Math.random. */
  readonly random?: () => number;
  /** Source of time: the machine's. */
  readonly timer?: Timer;
}

/** Limits of one call. */
export interface CallOptions {
  /** Gives the call up: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long the whole call may take in milliseconds: waiting for its turn, connecting, and the answer. */
  readonly deadlineMs?: number | undefined;
}

interface Turn {
  readonly transport: Transport;
  readonly leave: () => void;
}

/**
 * A client of one daemon. Commands share one connection and take turns on it in the order they were called, since VICI
 * allows one at a time and numbers nothing; each event stream has a connection of its own. Connections are made when
 * they are needed, again after one broke. Nothing is ever sent twice.
 *
 * A call rejects with ViciCommandError when the daemon says no, ViciUnknownCommandError when it does not know the
 * command, ViciConnectionError when there is no answer, ViciProtocolError when the answer is not VICI, RangeError when
 * the message does not fit into a packet, and the reason of the caller's signal when that aborts.
 */
export class ViciClient {
  readonly #deadlineMs: number;
  readonly #eventCapacity: number;
  readonly #backoff: BackoffOptions;
  readonly #random: () => number;
  readonly #timer: Timer;
  readonly #connector: Connector;
  readonly #counters: CounterState = countersAtZero();
  readonly #turns = new FifoLock();
  readonly #calls = new Set<CallLimits>();
  readonly #eventStreams = new Set<EventStream>();
  #transport: Transport | undefined;
  #closed: ViciConnectionError | undefined;

  constructor(options: ViciClientOptions) {
    this.#deadlineMs = options.deadlineMs ?? 30_000;
    this.#eventCapacity = options.eventCapacity ?? 1024;
    this.#backoff = options.backoff ?? { initialMs: 50, maxMs: 5000 };
    this.#random = options.random ?? Math.random;
    this.#timer = options.timer ?? systemTimer;
    this.#connector = new Connector(
      { path: options.path, backoff: this.#backoff, random: this.#random, timer: this.#timer },
      this.#counters,
    );
  }

  /** What has happened so far: a copy, taken now. */
  get counters(): ViciCounters {
    return { ...this.#counters };
  }

  /**
   * Sends a command and resolves with its reply. Given up in mid-command, by signal or deadline, it closes the
   * connection; the daemon may still carry the command out.
   */
  async request(command: string, message: MessageInput = {}, options: CallOptions = {}): Promise<Message> {
    const frame = commandFrame(command, Message.from(message));
    const limits = this.#begin(command, options);
    try {
      const { transport, leave } = await this.#enter(command, limits);
      const forget = whenAborted(limits.signal, (reason) => transport.destroy(reason));
      try {
        this.#counters.commandsSent += 1;
        const answer = await exchangeCommand(transport, command, frame).catch((error: unknown) => {
          this.#counters.commandsUnanswered += 1;
          throw error;
        });
        return this.#settle(answer, command);
      } finally {
        forget();
        leave();
      }
    } finally {
      this.#end(limits);
    }
  }

  /**
   * Sends a command whose rows come as events, e.g. `list-sas` with `list-sa`; yields the rows, returns the reply. Sent
   * when the first row is asked for. It holds the commands' connection until the daemon has replied: a caller who is slow
   * makes the daemon wait, and a command awaited inside the loop would wait for the loop. Whoever leaves the loop early
   * waits until the rest has been read away; whoever aborts does not, but the next command does.
   */
  async *stream(
    command: string,
    event: string,
    message: MessageInput = {},
    options: CallOptions = {},
  ): AsyncGenerator<Message, Message, void> {
    const frames = streamFrames(command, event, Message.from(message));
    const limits = this.#begin(command, options);
    const { transport, leave } = await this.#enter(command, limits).catch((error: unknown) => {
      this.#end(limits);
      throw error;
    });
    if (limits.signal.aborted) {
      leave();
      this.#end(limits);
      throw limits.signal.reason;
    }
    const rows = this.#counted(exchangeStream(transport, command, event, frames));
    let drained: Promise<void> | undefined;
    const drain = (): Promise<void> => {
      const leaveAndEnd = (): void => {
        leave();
        this.#end(limits);
      };
      // Nobody waits for these rows; should they break off, that is counted and the next command connects anew.
      drained ??= readAway(rows).then(leaveAndEnd, leaveAndEnd);
      return drained;
    };
    whenAborted(limits.expired, (reason) => transport.destroy(reason));
    whenAborted(limits.signal, drain);
    try {
      for (;;) {
        const next = await untilAborted(rows.next(), limits.signal);
        if (next.done) return this.#settle(next.value, command, event);
        yield next.value;
      }
    } finally {
      const done = drain();
      if (!limits.signal.aborted) await done;
    }
  }

  /** Like `stream`, with all rows collected: nothing else waits for the caller's own work on them. */
  async list(
    command: string,
    event: string,
    message: MessageInput = {},
    options: CallOptions = {},
  ): Promise<readonly Message[]> {
    const rows: Message[] = [];
    for await (const row of this.stream(command, event, message, options)) rows.push(row);
    return rows;
  }

  /**
   * Opens a stream of events. When this resolves, the daemon has confirmed or refused each name, so that a listing made
   * afterwards misses nothing. The deadline is for opening; the signal also ends the opened stream.
   */
  async events(names: readonly string[], options: CallOptions = {}): Promise<EventStream> {
    const limits = this.#begin('the registration of events', options, () => undefined);
    try {
      const transport = await this.#connector.connect(limits.signal);
      const forget = whenAborted(limits.signal, (reason) => transport.destroy(reason));
      try {
        const stream = await EventStream.open(transport, names, this.#eventCapacity, this.#counters);
        this.#own(stream, options.signal);
        return stream;
      } catch (error) {
        transport.destroy(error);
        throw error;
      } finally {
        forget();
      }
    } finally {
      this.#end(limits);
    }
  }

  /**
   * Waits until the daemon answers and resolves with its `version` reply, trying again with growing, jittered delays
   * while there is no answer. Rejects when the signal aborts or the client is closed.
   */
  async ready(signal?: AbortSignal): Promise<Message> {
    const backoff = new Backoff(this.#backoff, this.#random);
    for (;;) {
      try {
        return await this.request('version', {}, { signal });
      } catch (error) {
        if (!(error instanceof ViciConnectionError) || this.#closed !== undefined) throw error;
        await sleep(this.#timer, backoff.next(), signal);
      }
    }
  }

  /** Closes all connections. Whatever is under way or called later rejects with ViciConnectionError (`closed`). */
  close(): void {
    const error = new ViciConnectionError('closed', 'the client was closed');
    this.#closed ??= error;
    for (const limits of this.#calls) limits.expire(error);
    for (const stream of this.#eventStreams) stream.close(error);
    this.#transport?.destroy(error);
  }

  #begin(
    what: string,
    options: CallOptions,
    holder = (): string | undefined => this.#turns.holder,
  ): CallLimits {
    if (this.#closed !== undefined) throw this.#closed;
    const deadlineMs = options.deadlineMs ?? this.#deadlineMs;
    const limits = new CallLimits(options.signal, deadlineMs, this.#timer, () => {
      const ahead = holder();
      const behind = ahead === undefined || ahead === what ? '' : `; ${ahead} held the connection`;
      return new ViciConnectionError('deadline', `no answer to ${what} within ${deadlineMs} ms${behind}`);
    });
    this.#calls.add(limits);
    return limits;
  }

  #end(limits: CallLimits): void {
    limits.release();
    this.#calls.delete(limits);
  }

  async #enter(command: string, limits: CallLimits): Promise<Turn> {
    const leave = await this.#turns.acquire(command, limits.signal);
    try {
      if (this.#transport?.hasUnread) {
        this.#transport.destroy(new ViciProtocolError('the daemon spoke without being asked'));
      }
      if (!this.#transport?.isOpen) this.#transport = await this.#connector.connect(limits.signal);
      return { transport: this.#transport, leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  #own(stream: EventStream, signal: AbortSignal | undefined): void {
    this.#eventStreams.add(stream);
    const forget =
      signal === undefined ? () => undefined : whenAborted(signal, (reason) => stream.close(reason));
    void stream.ended.then(() => {
      this.#eventStreams.delete(stream);
      forget();
    });
  }

  async *#counted(rows: AsyncGenerator<Message, Answer, void>): AsyncGenerator<Message, Answer, void> {
    this.#counters.commandsSent += 1;
    try {
      return yield* rows;
    } catch (error) {
      this.#counters.commandsUnanswered += 1;
      throw error;
    }
  }

  #settle(answer: Answer, command: string, event = ''): Message {
    if (answer.kind === 'reply' && answer.message.yesNo('success') !== false) return answer.message;
    this.#counters.commandsRefused += 1;
    if (answer.kind === 'unknown-command') throw new ViciUnknownCommandError(command);
    if (answer.kind === 'unknown-event') throw new ViciUnknownEventError(event);
    throw new ViciCommandError(command, answer.message.text('errmsg') ?? '', answer.message);
  }
}

async function readAway(rows: AsyncGenerator<Message, Answer, void>): Promise<void> {
  let next = await rows.next();
  while (!next.done) next = await rows.next();
}
