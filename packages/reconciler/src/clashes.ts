import { clashesWith, type ForeignConnection } from '@esplanade/datapath';
import type { SpdEntry } from '@esplanade/domain';

/** How what is not ours gets in the way of an entry, as sentences; none of what is not loaded. */
export function clashesOf(
  entry: SpdEntry | undefined,
  foreign: readonly ForeignConnection[],
): readonly string[] {
  return entry === undefined ? [] : foreign.flatMap((one) => clashesWith(entry, one));
}

/** How many entries something gets in the way of. */
export function countClashing(
  entries: () => readonly SpdEntry[],
  foreign: readonly ForeignConnection[],
): number {
  if (foreign.length === 0) return 0;
  return entries().filter((entry) => clashesOf(entry, foreign).length > 0).length;
}
