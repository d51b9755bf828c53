import { header, line } from './exposition.ts';

/** From half a millisecond to ten seconds: what a request, a commit or a change in the datapath may take. */
export const secondsBounds = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
] as const;

interface Observed {
  /** As many as there are bounds, each without those of the others. */
  readonly counts: number[];
  sum: number;
  count: number;
}

/**
 * How often something took how long, by fixed bounds, so that several scrapers and several servers can be put together. Whoever
 * observes keeps the number of different labels small: each is a series per bound.
 */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #observed = new Map<string, Observed>();

  constructor(bounds: readonly number[] = secondsBounds) {
    this.#bounds = bounds;
  }

  /** Counts one value, in the unit of the bounds. */
  observe(labels: string, value: number): void {
    let observed = this.#observed.get(labels);
    if (observed === undefined) {
      observed = { counts: this.#bounds.map(() => 0), sum: 0, count: 0 };
      this.#observed.set(labels, observed);
    }
    observed.sum += value;
    observed.count += 1;
    const at = this.#bounds.findIndex((bound) => value <= bound);
    if (at >= 0) observed.counts[at] = (observed.counts[at] ?? 0) + 1;
  }

  /** The family under this name, which ends in the unit. */
  family(name: string, help: string): string {
    let text = header(name, 'histogram', help);
    for (const [labels, { counts, sum, count }] of this.#observed) {
      const before = labels === '' ? '' : `${labels},`;
      let below = 0;
      for (const [index, bound] of this.#bounds.entries()) {
        below += counts[index] ?? 0;
        text += line(`${name}_bucket`, `${before}le="${bound}"`, below);
      }
      text += line(`${name}_bucket`, `${before}le="+Inf"`, count);
      text += line(`${name}_sum`, labels, sum) + line(`${name}_count`, labels, count);
    }
    return text;
  }
}
