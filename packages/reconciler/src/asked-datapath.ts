import {
  type Datapath,
  type DatapathEntry,
  DatapathRefusedError,
  type DatapathSettings,
  DatapathUnavailableError,
  type InstalledEntry,
  type ObservedSa,
} from '@esplanade/datapath';
import type { PolicyUuid } from '@esplanade/domain';
import type { Clock } from './clock.ts';
import { withDeadline } from './deadline.ts';
import type { Doubt } from './state-of.ts';
import type { ReconcilerTiming } from './timing.ts';

/** Whom to ask, and how long to wait. */
export interface AskedDatapathOptions {
  readonly datapath: Datapath;
  readonly clock: Clock;
  readonly timing: ReconcilerTiming;
  /** Ends whatever is being asked. */
  readonly signal: AbortSignal;
}

/** A datapath that answers each operation within a bound, or else with DatapathUnavailableError. */
export class AskedDatapath {
  readonly #options: AskedDatapathOptions;
  /** What it has said of itself: it may be half there, and answer some questions all the same. */
  #loss: Doubt | undefined;
  /** What the last question came to. */
  #unanswered: Doubt | undefined;

  constructor(options: AskedDatapathOptions) {
    this.#options = options;
  }

  /** Why it is not there, or else why the last thing asked had no answer, and since when; absent when all is well. */
  get silence(): Doubt | undefined {
    return this.#loss ?? this.#unanswered;
  }

  /** It answers (again). */
  connected(): void {
    this.#loss = undefined;
    this.#unanswered = undefined;
  }

  /** It does not answer, or not wholly, until it is connected. */
  lost(reason: string): void {
    this.#loss = this.#doubt(reason);
  }

  install(entry: DatapathEntry, settings: DatapathSettings): Promise<void> {
    return this.#ask((datapath, signal) => datapath.install(entry, settings, signal));
  }

  installAll(
    entries: readonly DatapathEntry[],
    settings: DatapathSettings,
  ): Promise<ReadonlyMap<PolicyUuid, Error>> {
    return this.#ask(
      (datapath, signal) => datapath.installAll(entries, settings, signal),
      entries.length * this.#options.timing.perEntryMs,
    );
  }

  remove(policyUuid: PolicyUuid): Promise<void> {
    return this.#ask((datapath, signal) => datapath.remove(policyUuid, signal));
  }

  /** `expected`: about how many there are, since listing thousands takes its time. */
  installed(expected: number): Promise<readonly InstalledEntry[]> {
    return this.#ask(
      (datapath, signal) => datapath.installed(signal),
      expected * this.#options.timing.perEntryMs,
    );
  }

  securityAssociations(): Promise<readonly ObservedSa[]> {
    return this.#ask((datapath, signal) => datapath.securityAssociations(signal));
  }

  async #ask<Result>(
    operation: (datapath: Datapath, signal: AbortSignal) => Promise<Result>,
    extraMs = 0,
  ): Promise<Result> {
    const { clock, datapath, signal, timing } = this.#options;
    const options = { clock, who: datapath.describe(), boundMs: timing.operationMs + extraMs, signal };
    try {
      const result = await withDeadline(options, (deadline) => operation(datapath, deadline));
      this.#unanswered = undefined;
      return result;
    } catch (error) {
      if (error instanceof DatapathUnavailableError) this.#unanswered = this.#doubt(error.message);
      else if (error instanceof DatapathRefusedError) this.#unanswered = undefined;
      throw error;
    }
  }

  #doubt(reason: string): Doubt {
    return { reason, sinceMs: this.silence?.sinceMs ?? this.#options.clock.nowMs() };
  }
}
