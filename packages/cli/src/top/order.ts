import type { SaRate } from './rates.ts';

/** What SAs can be sorted by: the key to press, and what the column is called. */
export const sortings = {
  rate: { key: 'b', title: 'both rates' },
  in: { key: 'i', title: 'inbound rate' },
  out: { key: 'o', title: 'outbound rate' },
  total: { key: 't', title: 'bytes so far' },
  policy: { key: 'n', title: 'policy name' },
  remote: { key: 'a', title: 'remote address' },
} as const;

/** One of {@link sortings}. */
export type Sorting = keyof typeof sortings;

/** Whether a word is one of {@link sortings}. */
export function isSorting(word: string): word is Sorting {
  return Object.hasOwn(sortings, word);
}

/** The SAs in that order: numbers largest first, names from A to Z, or the other way round. Equal ones by name. */
export function ordered(rates: Iterable<SaRate>, sorting: Sorting, isReversed: boolean): readonly SaRate[] {
  const direction = isReversed ? -1 : 1;
  return [...rates].sort(
    (one, other) => direction * compare(one, other, sorting) || byName(one, other) || byUuid(one, other),
  );
}

function compare(one: SaRate, other: SaRate, sorting: Sorting): number {
  switch (sorting) {
    case 'policy':
      return byName(one, other);
    case 'remote':
      return text(one.sa.remoteAddress, other.sa.remoteAddress);
    default:
      return amount(other, sorting) - amount(one, sorting);
  }
}

/** SAs whose rate is not known yet come after all others. */
function amount({ sa, perSecond }: SaRate, sorting: 'rate' | 'in' | 'out' | 'total'): number {
  if (sorting === 'total') return sa.counters.bytesIn + sa.counters.bytesOut;
  if (perSecond === undefined) return -1;
  if (sorting === 'rate') return perSecond.bytesIn + perSecond.bytesOut;
  return sorting === 'in' ? perSecond.bytesIn : perSecond.bytesOut;
}

function byName(one: SaRate, other: SaRate): number {
  return text(one.sa.policyName, other.sa.policyName) || text(one.sa.vserver, other.sa.vserver);
}

function byUuid(one: SaRate, other: SaRate): number {
  return one.sa.uuid < other.sa.uuid ? -1 : 1;
}

/** Names and addresses with their numbers as numbers: `nfs9` before `nfs10`. */
const collator = new Intl.Collator('en', { numeric: true });

function text(one: string, other: string): number {
  return collator.compare(one, other);
}
