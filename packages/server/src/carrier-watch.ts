import type { Log } from './log.ts';
import type { Carriers } from './resources/resource-parts.ts';

/** Writes into the log when the datapath of an IPspace stops answering, and when it answers again. */
export class CarrierWatch {
  readonly #carriers: Carriers;
  readonly #log: Log;
  /** IPspaces (UUID) that were last seen without an answer. */
  #silent: ReadonlySet<string> = new Set();

  constructor(carriers: Carriers, log: Log) {
    this.#carriers = carriers;
    this.#log = log;
  }

  /** Looks once and tells what has changed since the last look. */
  look(): void {
    const silent = new Set<string>();
    for (const carrier of this.#carriers.all()) {
      const { ipspace, reconciler } = carrier;
      const { ready, reason } = reconciler.health();
      const wasSilent = this.#silent.has(ipspace.uuid);
      if (!ready) silent.add(ipspace.uuid);
      if (!ready && !wasSilent) this.#log.warn(`IPspace ${ipspace.name} is not ready: ${reason}`);
      if (ready && wasSilent) this.#log.info(`IPspace ${ipspace.name} is ready again: ${carrier.describe()}`);
    }
    this.#silent = silent;
  }
}
