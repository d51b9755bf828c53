import { describe, expect, it } from 'vitest';
import { nextFetchDelayMs, retryDelayMs } from './fetch-times.ts';

const minute = 60_000;
const hour = 60 * minute;
const list = (hours: number) => ({ thisUpdateMs: 0, nextUpdateMs: hours * hour });

describe('the times of fetches', () => {
  it('are a quarter of the time that a list is for, within bounds', () => {
    expect(nextFetchDelayMs(list(8), 0, 0)).toBe(2 * hour);
    expect(nextFetchDelayMs(list(24 * 30), 0, 0)).toBe(6 * hour);
    expect(nextFetchDelayMs(list(0.1), 0, 0)).toBe(5 * minute);
  });

  it('are before the next list is due, and not at once when that is near or past', () => {
    expect(nextFetchDelayMs(list(8), 7 * hour, 0)).toBe(55 * minute);
    expect(nextFetchDelayMs(list(8), 8 * hour - 1, 0)).toBe(5 * minute);
    expect(nextFetchDelayMs(list(8), 100 * hour, 0)).toBe(5 * minute);
  });

  it('grow from failure to failure, up to an hour', () => {
    expect([1, 2, 3, 8, 1_000].map((failures) => retryDelayMs(failures, 0))).toEqual([
      30_000,
      minute,
      2 * minute,
      hour,
      hour,
    ]);
  });

  it('grow up to five minutes when the next list is due within the hour, or was', () => {
    expect(retryDelayMs(8, 0, list(8), 7 * hour)).toBe(hour);
    expect(retryDelayMs(8, 0, list(8), 7 * hour + 1)).toBe(5 * minute);
    expect(retryDelayMs(8, 0, list(8), 100 * hour)).toBe(5 * minute);
  });

  it('are spread by chance over a tenth', () => {
    expect(nextFetchDelayMs(list(8), 0, 0.5)).toBe(1.9 * hour);
    expect(retryDelayMs(1, 0.999_999)).toBe(27_000);
  });
});
