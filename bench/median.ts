/** The middle of some measurements. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  const lower = sorted[sorted.length % 2 === 1 ? middle : middle - 1];
  if (upper === undefined || lower === undefined) throw new Error('nothing was measured');
  return (upper + lower) / 2;
}

/** Milliseconds that `work` took. */
export async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** One line of the result: ours beside what users know, both as medians, and their ratio. */
export interface Comparison {
  readonly what: string;
  readonly unit: 'ms' | 'requests/s' | 'bytes';
  readonly ours: { readonly does: string; readonly values: readonly number[] };
  readonly theirs: { readonly does: string; readonly values: readonly number[] };
}

/** The comparison as a row of the table in docs/benchmarks.md. */
export function row(comparison: Comparison): string {
  const ours = median(comparison.ours.values);
  const theirs = median(comparison.theirs.values);
  const figure = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(1));
  return (
    `| ${comparison.what} | ${comparison.ours.does}: **${figure(ours)} ${comparison.unit}** ` +
    `| ${comparison.theirs.does}: **${figure(theirs)} ${comparison.unit}** | **${(ours / theirs).toPrecision(2)}×** |`
  );
}
