import { BoundedMap } from './bounded-map.ts';

/** Records that are kept printed, for each way of printing them: some megabytes. */
const mostKept = 2_000;

interface Printed {
  readonly parts: readonly unknown[];
  readonly text: string;
}

/**
 * `print`, but what was printed of the same parts before is not printed again. `partsOf` gives the objects that everything
 * printed of a row is read from; the first of them tells rows apart. The oldest texts are forgotten.
 */
export function printedOnce<Row>(
  print: (row: Row) => string,
  partsOf: (row: Row) => readonly unknown[],
): (row: Row) => string {
  const kept = new BoundedMap<unknown, Printed>(mostKept);
  return (row) => {
    const parts = partsOf(row);
    const known = kept.get(parts[0]);
    if (known?.parts.every((part, index) => part === parts[index])) return known.text;
    // In one piece: what was joined by `+` would be gathered from all its pieces each time that it is sent.
    const text = Buffer.from(print(row)).toString();
    kept.set(parts[0], { parts, text });
    return text;
  };
}
