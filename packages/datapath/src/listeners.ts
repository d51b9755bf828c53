import type { DatapathEvent } from './datapath.ts';
import { Mailbox } from './mailbox.ts';

/** Everybody who listens to a datapath's events. */
export class Listeners {
  readonly #mailboxes = new Set<Mailbox>();

  /** Tells all who listen now. */
  tell(event: DatapathEvent): void {
    for (const mailbox of this.#mailboxes) mailbox.post(event);
  }

  /**
   * What one listener hears until its signal aborts: first what `begin` says, where it says anything, then the events.
   */
  async *listen(
    signal: AbortSignal,
    begin: () => Promise<DatapathEvent | undefined>,
  ): AsyncGenerator<DatapathEvent> {
    const mailbox = new Mailbox();
    const close = (): void => mailbox.close();
    signal.addEventListener('abort', close, { once: true });
    try {
      if (signal.aborted) return;
      const first = await begin();
      this.#mailboxes.add(mailbox);
      if (first !== undefined) mailbox.post(first);
      yield* mailbox.events();
    } finally {
      signal.removeEventListener('abort', close);
      this.#mailboxes.delete(mailbox);
    }
  }

  /** Ends what everybody hears. */
  close(): void {
    for (const mailbox of this.#mailboxes) mailbox.close();
  }
}
