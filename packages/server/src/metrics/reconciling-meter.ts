import type { FinishedRun } from '@esplanade/reconciler';
import { family, labelsOf } from './exposition.ts';
import { Histogram } from './histogram.ts';

/** Counts what reconcilers do: a series for each kind of run and how it ended. */
export class ReconcilingMeter {
  readonly #durations = new Histogram();
  readonly #lastSuccess = new Map<string, number>();

  finished({ kind, outcome, seconds }: FinishedRun): void {
    this.#durations.observe(labelsOf({ kind, outcome }), seconds);
    if (outcome === 'done') this.#lastSuccess.set(labelsOf({ kind }), Date.now() / 1_000);
  }

  families(): string {
    return [
      this.#durations.family(
        'esplanade_reconcile_duration_seconds',
        'How long it took to carry out one policy, or to compare everything.',
      ),
      family(
        'esplanade_reconcile_last_success_timestamp_seconds',
        'gauge',
        'When that last ended well.',
        this.#lastSuccess,
      ),
    ].join('');
  }
}
