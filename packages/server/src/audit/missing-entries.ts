/** Entries that could not be written, one after the other. */
export interface Gap {
  readonly count: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Counts the entries that the audit log lacks until an entry in it says so. */
export class MissingEntries {
  #gap: Gap | undefined;

  /** Counts one. Tells whether it is the first since the last `take`. */
  add(atMs: number): boolean {
    const isFirst = this.#gap === undefined;
    this.putBack({ count: 1, fromMs: atMs, toMs: atMs });
    return isFirst;
  }

  /** What is not told yet, for the one who tells it; it counts no more. */
  take(): Gap | undefined {
    const gap = this.#gap;
    this.#gap = undefined;
    return gap;
  }

  /** What could not be told after all. */
  putBack(gap: Gap): void {
    const { count, fromMs, toMs } = this.#gap ?? { ...gap, count: 0 };
    this.#gap = {
      count: count + gap.count,
      fromMs: Math.min(fromMs, gap.fromMs),
      toMs: Math.max(toMs, gap.toMs),
    };
  }
}

/** The sentence of the entry that stands for them. */
export function gapSentence({ count, fromMs, toMs }: Gap): string {
  const missing = count === 1 ? '1 entry is missing' : `${count} entries are missing`;
  return `${missing} that could not be written, from ${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}`;
}
