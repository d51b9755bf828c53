import type { Log } from './log.ts';

/** Writes into the log when changes cannot be saved, and when they can be again. */
export class StoreWatch {
  readonly #store: { readonly trouble: string | undefined };
  readonly #log: Log;
  #told: string | undefined;

  /** `trouble`: why the last commit could not be written; undefined where it could. */
  constructor(store: { readonly trouble: string | undefined }, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  /** Looks once and tells what has changed since the last look: however many commits fail, the log does not grow by each. */
  look(): void {
    const { trouble } = this.#store;
    if (trouble === this.#told) return;
    this.#told = trouble;
    if (trouble === undefined) this.#log.info('changes can be saved again');
    else this.#log.error(`changes cannot be saved: ${trouble}`);
  }
}
