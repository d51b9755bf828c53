import { setTimeout as delay } from 'node:timers/promises';
import type { Carriers } from './resources/resource-parts.ts';

/**
 * Lets the first listing of SAs come in, so that the first request is not answered "not listed yet". Resolves after
 * `boundMs` in any case: a daemon may be away.
 */
export async function untilObserved(carriers: Carriers, boundMs: number): Promise<void> {
  const deadlineMs = performance.now() + boundMs;
  const isWaiting = (): boolean =>
    [...carriers.all()].some(({ reconciler }) => reconciler.readSad().kind === 'unavailable');
  while (isWaiting() && performance.now() < deadlineMs) await delay(5);
}
