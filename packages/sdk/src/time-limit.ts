/** The longest that a timer takes, 24 days; one of more is over at once. */
export const longestTimerMs = 2 ** 31 - 1;

/** A limit as a timer takes it, without one at most. Throws a RangeError where it is no time. */
export function timeLimitMs(name: string, ms: number): number {
  if (!(ms > 0)) throw new RangeError(`${name} is a number of milliseconds above 0, not ${ms}`);
  return Math.min(ms, longestTimerMs);
}
