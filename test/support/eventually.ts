import { setTimeout as delay } from 'node:timers/promises';

/** Bounds of a wait. */
export interface Patience {
  /** Gives up after so long (15,000). */
  readonly deadlineMilliseconds?: number;
  /** Looks again after so long (50). */
  readonly intervalMilliseconds?: number;
}

/**
 * Asks again and again until the answer is neither `undefined` nor `false`, and resolves to it. Throws, naming what was
 * awaited, when the deadline passes.
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  patience: Patience = {},
): Promise<T> {
  const deadlineMilliseconds = patience.deadlineMilliseconds ?? 15_000;
  const start = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() - start > deadlineMilliseconds) {
      throw new Error(`not within ${deadlineMilliseconds} ms: ${what}`);
    }
    await delay(patience.intervalMilliseconds ?? 50);
  }
}
