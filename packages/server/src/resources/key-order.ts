/** Several sequences, each in ascending order of its keys, as one that is too. */
export function* inKeyOrder<Row>(
  sequences: readonly Iterable<Row>[],
  keyOf: (row: Row) => string,
): Iterable<Row> {
  const [only, ...others] = sequences;
  if (only !== undefined && others.length === 0) {
    yield* only;
    return;
  }
  const heads = sequences.flatMap((sequence) => headOf(sequence[Symbol.iterator]()) ?? []);
  for (let head = lowest(heads, keyOf); head !== undefined; head = lowest(heads, keyOf)) {
    yield head.row;
    const next = headOf(head.rest);
    heads.splice(heads.indexOf(head), 1, ...(next === undefined ? [] : [next]));
  }
}

/** The next row of a sequence, and what comes after it. */
interface Head<Row> {
  readonly row: Row;
  readonly rest: Iterator<Row>;
}

function headOf<Row>(rest: Iterator<Row>): Head<Row> | undefined {
  const next = rest.next();
  return next.done === true ? undefined : { row: next.value, rest };
}

function lowest<Row>(heads: readonly Head<Row>[], keyOf: (row: Row) => string): Head<Row> | undefined {
  const [first, ...others] = heads;
  if (first === undefined) return undefined;
  return others.reduce((least, head) => (keyOf(head.row) < keyOf(least.row) ? head : least), first);
}
