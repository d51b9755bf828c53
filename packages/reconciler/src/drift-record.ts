import type { PolicyUuid } from '@esplanade/domain';
import type { Clock } from './clock.ts';
import type { Difference } from './held-entries.ts';
import type { Drift } from './reconciler.ts';

/** What a drift record needs. */
export interface DriftRecordOptions {
  readonly clock: Clock;
  /** How to call a policy in a sentence. */
  readonly callOf: (uuid: PolicyUuid) => string;
  /** Hears of each finding, in a sentence. */
  readonly tell: (sentence: string) => void;
}

/** What was found to differ from what we had made it: how often, and of each policy when last. */
export class DriftRecord {
  readonly #lastMs = new Map<PolicyUuid, number>();
  #counts: Drift = { missing: 0, strangers: 0, endedSas: 0, implied: 0, idleIkeSas: 0 };

  readonly #clock: Clock;
  readonly #callOf: (uuid: PolicyUuid) => string;
  readonly #tell: (sentence: string) => void;

  constructor({ clock, callOf, tell }: DriftRecordOptions) {
    this.#clock = clock;
    this.#callOf = callOf;
    this.#tell = tell;
  }

  get counts(): Drift {
    return this.#counts;
  }

  /** Epoch milliseconds; undefined when the policy was never found to differ. */
  lastMs(uuid: PolicyUuid): number | undefined {
    return this.#lastMs.get(uuid);
  }

  found(difference: Difference): void {
    const { missing, strangers } = difference;
    this.#counts = {
      ...this.#counts,
      missing: this.#counts.missing + missing.length,
      strangers: this.#counts.strangers + strangers.length,
    };
    for (const uuid of missing) this.#lastMs.set(uuid, this.#clock.nowMs());
    for (const sentence of sentencesOf(difference, this.#callOf)) this.#tell(sentence);
  }

  saEnded(uuid: PolicyUuid): void {
    this.#counts = { ...this.#counts, endedSas: this.#counts.endedSas + 1 };
    this.#lastMs.set(uuid, this.#clock.nowMs());
    this.#tell(`an SA of ${this.#callOf(uuid)} was ended by somebody else, and is brought back`);
  }

  impliedRestored(): void {
    this.#counts = { ...this.#counts, implied: this.#counts.implied + 1 };
    this.#tell('the entries for neighbour discovery were gone, and have been put back');
  }

  idleIkeSasEnded(total: number): void {
    this.#counts = { ...this.#counts, idleIkeSas: total };
  }

  /** The policy is gone. */
  forget(uuid: PolicyUuid): void {
    this.#lastMs.delete(uuid);
  }
}

/** What was found, for whoever reads logs: some of the policies one by one. */
function sentencesOf(
  { missing, strangers }: Difference,
  callOf: (uuid: PolicyUuid) => string,
): readonly string[] {
  return [
    ...missing
      .slice(0, namedPolicies)
      .map((uuid) => `${callOf(uuid)} was not in force as it was made, and is put right`),
    ...strangers
      .slice(0, namedPolicies)
      .map((uuid) => `something of ${callOf(uuid)} was in force that nobody desires, and is removed`),
    ...[missing.length + strangers.length].flatMap((found) =>
      found > namedPolicies ? [`${found} policies in all were found to differ`] : [],
    ),
  ];
}

const namedPolicies = 5;
