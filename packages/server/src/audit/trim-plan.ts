import type { LogEntry, LogHead } from '@esplanade/store';
import { readAuditText } from './audit-entry.ts';

/** How much of the audit log is kept: what is older or beyond goes, the oldest first. */
export interface AuditKeep {
  readonly days: number;
  readonly mebibytes: number;
}

/** Entries to remove: those below `before`. */
export interface Trim {
  readonly before: number;
  readonly cause: 'size' | 'age';
  /** For the entry that says so. */
  readonly reason: string;
}

const dayMs = 86_400_000;
const mebibyte = 1_048_576;
/** What is cut off beyond the limit, so that not every entry needs another one that tells of a trim. */
const spareDays = 1;
const spareShare = 1 / 16;

/**
 * Which of the oldest entries go: none while the log keeps its limits, or exceeds them by less than is worth an entry.
 * Entries are asked in order, and the first that may stay ends it, so that a clock that was put back in between harms none.
 */
export function planTrim(
  oldest: readonly LogEntry[],
  { bytes }: LogHead,
  keep: AuditKeep,
  nowMs: number,
): Trim | undefined {
  const [first] = oldest;
  if (first === undefined) return undefined;
  const isTooOld = (entry: LogEntry, days: number) => timeOf(entry) < nowMs - days * dayMs;
  const mostBytes = keep.mebibytes * mebibyte;
  const isTooLarge = bytes > mostBytes;
  if (!isTooLarge && !isTooOld(first, keep.days + spareDays)) return undefined;
  const aim = isTooLarge ? mostBytes * (1 - spareShare) : mostBytes;
  let left = bytes;
  let before = first.index;
  for (const entry of oldest) {
    if (left <= aim && !isTooOld(entry, keep.days)) break;
    left -= Buffer.byteLength(entry.entry);
    before = entry.index + 1;
  }
  const reason = isTooLarge ? `more than ${keep.mebibytes} MiB` : `older than ${keep.days} days`;
  return { before, cause: isTooLarge ? 'size' : 'age', reason };
}

function timeOf({ entry }: LogEntry): number {
  return Date.parse(readAuditText(entry).timestamp);
}
