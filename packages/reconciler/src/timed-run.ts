import type { Outcome } from './queue.ts';
import type { FinishedRun, ReconcilerOptions } from './reconciler-options.ts';

/** A run that tells how it ended and how long it took; one that throws has failed. */
export function timedRun<Key>(
  kind: FinishedRun['kind'],
  onRun: ReconcilerOptions['onRun'],
  run: (key: Key) => Promise<Outcome>,
): (key: Key) => Promise<Outcome> {
  if (onRun === undefined) return run;
  return async (key) => {
    const beganMs = performance.now();
    let outcome: Outcome = 'retry';
    try {
      outcome = await run(key);
      return outcome;
    } finally {
      onRun({ kind, outcome, seconds: (performance.now() - beganMs) / 1_000 });
    }
  };
}
