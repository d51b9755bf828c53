import { ordered, type Sorting } from './order.ts';
import { type SaRate, type SaRates, sumOf } from './rates.ts';
import type { Counters } from './sample.ts';

/** Which SAs, and in what order. */
export interface Choice {
  readonly rates: SaRates;
  readonly sorting: Sorting;
  readonly isReversed: boolean;
  /** Only SAs with this text in a name or an address. */
  readonly filter: string;
}

/** The SAs that were chosen, and what they carry together. */
export interface Selection {
  readonly sas: readonly SaRate[];
  /** Of those whose rates are known; undefined where there are SAs, and no rate of any is known. */
  readonly sum: Counters | undefined;
  /** How many have no rate yet. */
  readonly newcomers: number;
}

/** The last selection of each look: to sort 100,000 SAs takes longer than somebody who scrolls wants to wait. */
const last = new WeakMap<SaRates, { readonly choice: Choice; readonly selection: Selection }>();

/** What is chosen; as long as the choice is the same, what it was the time before. */
export function selectionOf({ rates, sorting, isReversed, filter }: Choice): Selection {
  const known = last.get(rates);
  if (
    known !== undefined &&
    known.choice.sorting === sorting &&
    known.choice.isReversed === isReversed &&
    known.choice.filter === filter
  ) {
    return known.selection;
  }
  const choice = { rates, sorting, isReversed, filter };
  const selection = selected(choice);
  last.set(rates, { choice, selection });
  return selection;
}

function selected({ rates, sorting, isReversed, filter }: Choice): Selection {
  const wanted = filter.toLowerCase();
  const matching = [...rates.values()].filter(({ sa }) =>
    [sa.vserver, sa.policyName, sa.localAddress, sa.remoteAddress].some((text) =>
      text.toLowerCase().includes(wanted),
    ),
  );
  const newcomers = matching.filter(({ perSecond }) => perSecond === undefined).length;
  return {
    sas: ordered(matching, sorting, isReversed),
    sum: newcomers > 0 && newcomers === matching.length ? undefined : sumOf(matching),
    newcomers,
  };
}
