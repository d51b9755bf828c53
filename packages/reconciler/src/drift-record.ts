import type { PolicyUuid } from '@esplanade/domain';
import type { Difference } from './held-entries.ts';
import type { Drift } from './reconciler.ts';

/** What was found to differ from what we had made it: how often, and of each policy when last. */
export class DriftRecord {
  readonly #lastMs = new Map<PolicyUuid, number>();
  #counts: Drift = { missing: 0, strangers: 0, idleIkeSas: 0 };

  get counts(): Drift {
    return this.#counts;
  }

  /** Epoch milliseconds; undefined when the policy was never found to differ. */
  lastMs(uuid: PolicyUuid): number | undefined {
    return this.#lastMs.get(uuid);
  }

  found({ missing, strangers }: Difference, nowMs: number): void {
    this.#counts = {
      ...this.#counts,
      missing: this.#counts.missing + missing.length,
      strangers: this.#counts.strangers + strangers.length,
    };
    for (const uuid of missing) this.#lastMs.set(uuid, nowMs);
  }

  idleIkeSasEnded(total: number): void {
    this.#counts = { ...this.#counts, idleIkeSas: total };
  }

  /** The policy is gone. */
  forget(uuid: PolicyUuid): void {
    this.#lastMs.delete(uuid);
  }
}
