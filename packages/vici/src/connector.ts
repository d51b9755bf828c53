import { whenAborted } from './call-limits.ts';
import type { CounterState } from './counters.ts';
import { ViciConnectionError } from './errors.ts';
import { commandFrame, exchangeCommand } from './exchange.ts';
import { FifoLock } from './fifo-lock.ts';
import { Message } from './message.ts';
import { Backoff, type BackoffOptions, sleep, type Timer } from './timing.ts';
import { Transport } from './transport.ts';

/** Settings of a connector. */
export interface ConnectorOptions {
  readonly path: string;
  readonly backoff: BackoffOptions;
  readonly random: () => number;
  readonly timer: Timer;
}

/**
 * Makes connections, one at a time and each proven by a `version` round trip: charon's listen backlog is so short that
 * eight clients at once find it full.
 */
export class Connector {
  readonly #options: ConnectorOptions;
  readonly #counters: CounterState;
  readonly #turn = new FifoLock();

  constructor(options: ConnectorOptions, counters: CounterState) {
    this.#options = options;
    this.#counters = counters;
  }

  /**
   * A connection on which the daemon answers. Waits while the daemon's backlog is full; rejects with ViciConnectionError
   * when there is no daemon, or with the signal's reason.
   */
  async connect(signal: AbortSignal): Promise<Transport> {
    const leave = await this.#turn.acquire('connect', signal);
    try {
      const transport = await this.#dial(signal);
      const forget = whenAborted(signal, (reason) => transport.destroy(reason));
      try {
        await exchangeCommand(transport, 'version', commandFrame('version', new Message()));
      } finally {
        forget();
      }
      this.#counters.connectionsOpened += 1;
      return transport;
    } finally {
      leave();
    }
  }

  async #dial(signal: AbortSignal): Promise<Transport> {
    const { path, timer } = this.#options;
    const backoff = new Backoff(this.#options.backoff, this.#options.random);
    for (;;) {
      try {
        return await Transport.connect(path, signal);
      } catch (error) {
        this.#counters.connectionsFailed += 1;
        if (!isBacklogFull(error)) throw error;
        await sleep(timer, backoff.next(), signal);
      }
    }
  }
}

function isBacklogFull(error: unknown): boolean {
  if (!(error instanceof ViciConnectionError)) return false;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause && cause.code === 'EAGAIN';
}
