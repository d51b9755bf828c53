import type { DesiredState } from '@esplanade/desired';
import type { Clock } from '@esplanade/reconciler';
import { UnavailableError } from '@esplanade/store';
import type { EntryParts } from './audit-trail.ts';
import { type AuditKeep, planTrim } from './trim-plan.ts';

/** What is trimmed, how far, and who words the entries that say so. */
export interface AuditRetentionOptions {
  readonly desired: Pick<DesiredState, 'auditHead' | 'readAudit' | 'trimAudit'>;
  readonly keep: AuditKeep;
  readonly entryText: (parts: EntryParts) => string;
  readonly clock: Clock;
  readonly onUnexpected: (error: unknown) => void;
}

const lookMs = 60_000;
/** Removed in one commit, so that none waits long behind it. */
const mostAtOnce = 1_000;

/**
 * Keeps the audit log within its limits: looks every minute, and removes the oldest entries, some at a time. Of those that are
 * only old it removes that many a minute, so that a clock that is wrong for a while does not cost the whole log.
 */
export class AuditRetention {
  readonly #options: AuditRetentionOptions;
  #cancel: () => void;
  #looking: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: AuditRetentionOptions) {
    this.#options = options;
    this.#cancel = options.clock.after(lookMs, () => this.#wake());
  }

  /** Ends after the step under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    await this.#looking;
  }

  #wake(): void {
    this.#looking = this.#look().finally(() => {
      if (!this.#isClosed) this.#cancel = this.#options.clock.after(lookMs, () => this.#wake());
    });
  }

  async #look(): Promise<void> {
    try {
      while (!this.#isClosed && (await this.#trimSome()));
    } catch (error) {
      // Tried again at the next look; what is wrong with the store is told elsewhere.
      if (!(error instanceof UnavailableError)) this.#options.onUnexpected(error);
    }
  }

  /** Whether there may be more that cannot wait for the next look. */
  async #trimSome(): Promise<boolean> {
    const { desired, keep, entryText, clock } = this.#options;
    const head = await desired.auditHead();
    const oldest = await desired.readAudit({ after: head.first - 1, limit: mostAtOnce });
    const trim = planTrim(oldest, head, keep, clock.nowMs());
    if (trim === undefined) return false;
    const { before, cause, reason } = trim;
    await desired.trimAudit(
      before,
      entryText({
        application: 'internal',
        state: 'success',
        input: 'trim the audit log',
        message: `entries ${head.first} to ${before - 1} were removed: ${reason}`,
      }),
    );
    return cause === 'size';
  }
}
