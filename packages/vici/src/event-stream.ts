import type { CounterState } from './counters.ts';
import { ViciConnectionError } from './errors.ts';
import type { Message } from './message.ts';
import { frameOf } from './packet.ts';
import { outOfTurn, type Transport } from './transport.ts';

/** What an event stream yields: an event, or the note that `dropped` events are missing at this place. */
export type ViciEvent =
  | { readonly kind: 'event'; readonly name: string; readonly message: Message }
  | { readonly kind: 'overflow'; readonly dropped: number };

type Kept = Extract<ViciEvent, { kind: 'event' }>;

/**
 * Events of the daemon, on a connection of their own. They are read as they come, since a paused event connection would
 * grow the daemon instead; what the consumer leaves unread is kept up to a bound, beyond it dropped and counted in an
 * `overflow` item at that place. Iteration never ends but by rejecting: when the connection breaks, events are missing
 * and the caller must list again. Leaving the loop closes the connection. For one consumer.
 */
export class EventStream implements AsyncIterable<ViciEvent> {
  readonly #transport: Transport;
  readonly #capacity: number;
  readonly #counters: CounterState;
  readonly #registered: string[] = [];
  readonly #refused: string[] = [];
  readonly #kept: Kept[] = [];
  #dropped = 0;
  #end: { readonly error: unknown } | undefined;
  #wake: () => void = () => undefined;
  #ended: Promise<void> = Promise.resolve();

  /**
   * Registers the names on a fresh connection, which then belongs to the stream. Rejects, the connection being left to
   * the caller, when the connection breaks or the daemon answers out of turn.
   */
  static async open(
    transport: Transport,
    names: readonly string[],
    capacity: number,
    counters: CounterState,
  ): Promise<EventStream> {
    const stream = new EventStream(transport, capacity, counters);
    for (const name of names) await stream.#register(name);
    stream.#ended = stream.#pump();
    return stream;
  }

  private constructor(transport: Transport, capacity: number, counters: CounterState) {
    this.#transport = transport;
    this.#capacity = capacity;
    this.#counters = counters;
  }

  /** Names the daemon confirmed. */
  get registered(): readonly string[] {
    return this.#registered;
  }

  /** Names the daemon does not know, in its release. */
  get refused(): readonly string[] {
    return this.#refused;
  }

  /** Resolves when the connection is closed, for whatever reason; events may still be kept then. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Closes the connection; the consumer gets `reason` at once, in place of what is still kept. */
  close(reason: unknown = new ViciConnectionError('closed', 'the event stream was closed')): void {
    this.#kept.length = 0;
    this.#dropped = 0;
    this.#transport.destroy(reason);
  }

  /** Events in the order they came. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ViciEvent, never, void> {
    try {
      for (;;) {
        const event = this.#kept.shift();
        if (event !== undefined) {
          yield event;
        } else if (this.#dropped > 0) {
          const dropped = this.#dropped;
          this.#dropped = 0;
          yield { kind: 'overflow', dropped };
        } else if (this.#end !== undefined) {
          throw this.#end.error;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      this.close();
    }
  }

  async #register(name: string): Promise<void> {
    await this.#transport.send(frameOf({ kind: 'event-register', name }));
    let answer = await this.#transport.receive();
    // Events registered a moment ago may come before this confirmation.
    while (answer.kind === 'event') {
      this.#keep(answer);
      answer = await this.#transport.receive();
    }
    if (answer.kind === 'event-confirm') this.#registered.push(name);
    else if (answer.kind === 'event-unknown') this.#refused.push(name);
    else throw outOfTurn(answer, `the confirmation of ${name}`);
  }

  async #pump(): Promise<void> {
    try {
      for (;;) {
        const packet = await this.#transport.receive();
        if (packet.kind !== 'event') throw outOfTurn(packet, 'an event');
        this.#keep(packet);
        this.#wake();
      }
    } catch (error) {
      this.#transport.destroy(error);
      this.#end = { error };
      this.#wake();
    }
  }

  #keep(event: Kept): void {
    this.#counters.eventsReceived += 1;
    // Once events are missing, later ones are missed too until the note is read: otherwise it would stand too late.
    if (this.#dropped > 0 || this.#kept.length >= this.#capacity) {
      this.#dropped += 1;
      this.#counters.eventsDropped += 1;
    } else {
      this.#kept.push(event);
    }
  }
}
