import type { DesiredState } from '@esplanade/desired';
import type { Clock } from '@esplanade/reconciler';
import { ownersWarnings } from './pki-in-use.ts';

/** What the watch looks at and tells. */
export interface ExpiryWatchOptions {
  readonly desired: Pick<DesiredState, 'snapshot'>;
  readonly clock: Clock;
  /** Hears a sentence when something begins to need a look. */
  readonly onWarning: (sentence: string) => void;
  readonly onUnexpected: (error: unknown) => void;
}

const firstLookMs = 2_000;
const lookMs = 3_600_000;

/**
 * Tells, once each, which certificates of policies expire soon or have expired. Looks soon after the start and every
 * hour.
 */
export class ExpiryWatch {
  readonly #options: ExpiryWatchOptions;
  #told: ReadonlySet<string> = new Set();
  #cancel: () => void;
  #isClosed = false;

  constructor(options: ExpiryWatchOptions) {
    this.#options = options;
    this.#cancel = options.clock.after(firstLookMs, () => void this.#look());
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  async #look(): Promise<void> {
    const { clock, desired, onWarning, onUnexpected } = this.#options;
    try {
      const warnings = await ownersWarnings(desired.snapshot(), clock.nowMs());
      for (const warning of warnings) if (!this.#told.has(warning)) onWarning(warning);
      this.#told = warnings;
    } catch (error) {
      onUnexpected(error);
    }
    if (!this.#isClosed) this.#cancel = clock.after(lookMs, () => void this.#look());
  }
}
