import type { Log } from './log.ts';
import type { Carriers } from './resources/resource-parts.ts';

/** Writes into the log when the datapath of an IPspace stops answering, and when it answers again. */
export class CarrierWatch {
  readonly #carriers: Carriers;
  readonly #log: Log;
  /** IPspaces (UUID) that were last seen without an answer. */
  #silent: ReadonlySet<string> = new Set();
  /** IPspaces (UUID) that were last seen without a guard. */
  #unguarded: ReadonlySet<string> = new Set();

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
    this.#lookForGuards();
  }

  #lookForGuards(): void {
    const unguarded = new Set<string>();
    for (const { ipspace, reconciler, guard } of this.#carriers.all()) {
      if (guard() !== 'absent' || !reconciler.health().ready) continue;
      unguarded.add(ipspace.uuid);
      if (!this.#unguarded.has(ipspace.uuid))
        this.#log.warn(
          `IPspace ${ipspace.name} has no guard: protected traffic leaves in clear while charon is stopped; start one with esplanade-charon`,
        );
    }
    this.#unguarded = unguarded;
  }
}
