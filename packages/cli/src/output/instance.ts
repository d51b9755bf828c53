import { padded, type TextWidth, wrapped, wrappedAtSpaces } from './text-width.ts';

/** Values are wrapped to no less than this, however narrow the terminal. */
const leastValueColumns = 16;

/**
 * One record as a block, as ONTAP draws it: labels at the right of their column, a colon, the value. A value of several
 * lines, or one that does not fit into `limit` columns, goes on beneath its beginning; lines that would have to be broken
 * there, as those of a certificate in PEM, begin at the margin, so that they can be copied.
 */
export function instanceLines(
  labels: readonly string[],
  values: readonly (readonly string[])[],
  limit: number,
  measure: TextWidth,
): readonly string[] {
  const labelWidth = Math.max(...labels.map(measure));
  const room = Math.max(leastValueColumns, limit - labelWidth - 2);
  return labels.flatMap((label, index) => {
    const lines = values[index] ?? [];
    const beginning = `${padded(label, labelWidth, measure, true)}:`;
    if (lines.length > 1 && lines.some((line) => measure(line) > room))
      return [beginning, ...lines.flatMap((line) => wrapped(line, limit, measure))];
    return lines
      .flatMap((line) => wrappedAtSpaces(line, room, measure))
      .map((line, lineIndex) =>
        (lineIndex === 0 ? `${beginning} ${line}` : `${' '.repeat(labelWidth + 2)}${line}`).trimEnd(),
      );
  });
}
