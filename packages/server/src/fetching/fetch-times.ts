import type { RevocationList } from '@esplanade/domain';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Between two successful fetches. */
const pause = { least: 5 * minuteMs, most: 6 * hourMs };
/** After a failure; doubled with each. */
const retry = { least: 30_000, most: hourMs };
/** The part of a list's validity after which a newer one may be expected. */
const refreshShare = 0.25;

/**
 * When to look for a newer list after a successful fetch, in milliseconds from now: after a quarter of the time that a
 * list is for, and at the latest five minutes before the next one is due. `random` in [0, 1) takes up to a tenth off,
 * so that lists and servers do not all come at once.
 */
export function nextFetchDelayMs(
  list: Pick<RevocationList, 'thisUpdateMs' | 'nextUpdateMs'> | undefined,
  nowMs: number,
  random: number,
): number {
  if (list === undefined) return retryDelayMs(1, random);
  const share = (list.nextUpdateMs - list.thisUpdateMs) * refreshShare;
  const wanted = Math.min(Math.max(share, pause.least), pause.most);
  const leftMs = list.nextUpdateMs - nowMs;
  return spread(Math.min(wanted, Math.max(leftMs - pause.least, pause.least)), random);
}

/**
 * The same after so many failures in a row: an hour at most, and five minutes when the list that is there, if any, is due
 * within the hour or overdue.
 */
export function retryDelayMs(
  failures: number,
  random: number,
  list?: Pick<RevocationList, 'nextUpdateMs'>,
  nowMs = 0,
): number {
  const isUrgent = list !== undefined && list.nextUpdateMs - nowMs < retry.most;
  const most = isUrgent ? pause.least : retry.most;
  return spread(Math.min(retry.least * 2 ** Math.max(failures - 1, 0), most), random);
}

function spread(ms: number, random: number): number {
  return Math.round(ms * (1 - random / 10));
}
