import type { Counters, Sample, SaSample } from './sample.ts';

/** An SA, and how much it carries each second; undefined until it was seen at two instants. */
export interface SaRate {
  readonly sa: SaSample;
  readonly perSecond: Counters | undefined;
}

/** SAs by their UUIDs. */
export type SaRates = ReadonlyMap<string, SaRate>;

/**
 * What each SA carried between two looks. Where the server has not looked again in between, the rate stays what it was:
 * equal counters of one instant say nothing. Counters that fall are those of another SA.
 */
export function ratesOf(before: SaRates, { sas }: Sample): SaRates {
  return new Map(
    sas.map((sa) => {
      const last = before.get(sa.uuid);
      return [sa.uuid, { sa, perSecond: last && rateOf(last, sa) }];
    }),
  );
}

function rateOf({ sa: last, perSecond }: SaRate, sa: SaSample): Counters | undefined {
  const seconds = (sa.atMs - last.atMs) / 1000;
  if (seconds <= 0) return perSecond;
  const per = (name: keyof Counters) => (sa.counters[name] - last.counters[name]) / seconds;
  const rate = {
    bytesIn: per('bytesIn'),
    bytesOut: per('bytesOut'),
    packetsIn: per('packetsIn'),
    packetsOut: per('packetsOut'),
  };
  return Object.values(rate).some((value) => value < 0) ? undefined : rate;
}

/** Rates of all together, of those that are known. */
export function sumOf(rates: Iterable<SaRate>): Counters {
  const sum = { bytesIn: 0, bytesOut: 0, packetsIn: 0, packetsOut: 0 };
  for (const { perSecond } of rates) {
    if (perSecond === undefined) continue;
    sum.bytesIn += perSecond.bytesIn;
    sum.bytesOut += perSecond.bytesOut;
    sum.packetsIn += perSecond.packetsIn;
    sum.packetsOut += perSecond.packetsOut;
  }
  return sum;
}
