import { timeText } from './quantities.ts';

/**
 * That something is what was last known, with why and, where the server tells when it was so, in ISO 8601, since when. As the
 * server says it: not yet printable.
 */
export function notCurrent(why: string, observedAt: string | undefined): string {
  const isInstant = observedAt !== undefined && !Number.isNaN(Date.parse(observedAt));
  return isInstant ? `Not current since ${timeText(observedAt)}: ${why}` : `Not current: ${why}`;
}
