/**
 * Rows that together have every item that any row has, by the greedy rule: always the row with most items still missing;
 * of equals the one whose items were used least, so that the rest of the rows is not all alike, and of those the first.
 * The same rows give the same cover on every machine.
 */
export function coverOf<Row>(rows: readonly Row[], itemsOf: (row: Row) => readonly string[]): readonly Row[] {
  const numbers = new Map<string, number>();
  const numberOf = (item: string): number => {
    const number = numbers.get(item) ?? numbers.size;
    numbers.set(item, number);
    return number;
  };
  const candidates = rows.map((row) => {
    const items = itemsOf(row).map(numberOf);
    return { row, items, missing: items.length };
  });
  /** How often each item is in the cover. */
  const uses = new Uint32Array(numbers.size);
  const cover: Row[] = [];
  for (;;) {
    let best: (typeof candidates)[number] | undefined;
    let most = 0;
    let fewestUses = 0;
    for (const candidate of candidates) {
      // What is missing only becomes less.
      if (candidate.missing < most || candidate.missing === 0) continue;
      let missing = 0;
      let used = 0;
      for (const item of candidate.items) {
        const times = uses[item] ?? 0;
        if (times === 0) missing += 1;
        used += times;
      }
      candidate.missing = missing;
      if (missing < most || missing === 0 || (missing === most && used >= fewestUses)) continue;
      [best, most, fewestUses] = [candidate, missing, used];
    }
    if (best === undefined) return cover;
    cover.push(best.row);
    for (const item of best.items) uses[item] = (uses[item] ?? 0) + 1;
  }
}
