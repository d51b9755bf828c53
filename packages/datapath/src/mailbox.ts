import type { DatapathEvent } from './datapath.ts';

/**
 * Events that one listener has not taken yet. Bounded by what there is to say: an event displaces an earlier one on the
 * same matter, which is no loss because events are hints about a state, not its history.
 */
export class Mailbox {
  readonly #waiting = new Map<string, DatapathEvent>();
  #arrival = Promise.withResolvers<void>();
  #isClosed = false;

  post(event: DatapathEvent): void {
    const matter =
      event.kind === 'negotiation-failed' ? `${event.policyUuid} ${event.remote ?? ''}` : event.kind;
    this.#waiting.delete(matter);
    this.#waiting.set(matter, event);
    this.#arrival.resolve();
  }

  /** Ends `events` once what waits has been taken. */
  close(): void {
    this.#isClosed = true;
    this.#arrival.resolve();
  }

  /** Every event posted, in order, until closed. */
  async *events(): AsyncGenerator<DatapathEvent> {
    while (true) {
      for (const [matter, event] of this.#waiting) {
        this.#waiting.delete(matter);
        yield event;
      }
      if (this.#isClosed) return;
      await this.#arrival.promise;
      this.#arrival = Promise.withResolvers();
    }
  }
}
