/**
 * Rows that together have every item that any row has, by the greedy rule: always the row with most items still missing,
 * the first of equals. The same rows give the same cover on every machine.
 */
export function coverOf<Row>(rows: readonly Row[], itemsOf: (row: Row) => readonly string[]): readonly Row[] {
  const numbers = new Map<string, number>();
  const numberOf = (item: string): number => {
    const number = numbers.get(item) ?? numbers.size;
    numbers.set(item, number);
    return number;
  };
  const candidates = rows.map((row) => ({ row, items: itemsOf(row).map(numberOf) }));
  const missing = new Set(numbers.values());
  const cover: Row[] = [];
  while (missing.size > 0) {
    let best: Row | undefined;
    let bestItems: readonly number[] = [];
    let most = 0;
    for (const { row, items } of candidates) {
      let count = 0;
      for (const item of items) if (missing.has(item)) count += 1;
      if (count > most) [best, bestItems, most] = [row, items, count];
    }
    if (best === undefined) throw new Error('an item that no row has');
    cover.push(best);
    for (const item of bestItems) missing.delete(item);
  }
  return cover;
}
