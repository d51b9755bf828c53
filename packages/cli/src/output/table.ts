import { breakable, padded, type TextWidth, wrapped } from './text-width.ts';

/** A column of a table, with what there is to show in it. */
export interface TableColumn {
  /** Lines of the heading; the last ones stand side by side. */
  readonly heading: readonly string[];
  readonly isRight: boolean;
  /** Whether its texts are never wrapped: numbers, times, keywords. */
  readonly isWhole: boolean;
  /** Keys are wrapped last: they tell where a row begins. */
  readonly isKey: boolean;
}

/** Words longer than this are broken where a table would not fit otherwise. */
const longestWord = 20;

/**
 * A table as ONTAP draws it: headings, dashes, one space between columns. Columns are as wide as what is in them; where
 * that is more than `limit` columns, texts are wrapped inside their cells. Undefined where even then it does not fit.
 */
export function tableLines(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  limit: number,
  measure: TextWidth,
): { readonly heading: readonly string[]; readonly body: readonly string[] } | undefined {
  const widths = fittingWidths(columns, rows, limit, measure);
  if (widths === undefined) return undefined;
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => padded(cell, widths[index] ?? 0, measure, columns[index]?.isRight))
      .join(' ')
      .trimEnd();
  const headingLines = Math.max(...columns.map(({ heading }) => heading.length));
  const heading = Array.from({ length: headingLines }, (_, index) =>
    line(columns.map((column) => column.heading[index - headingLines + column.heading.length] ?? '')),
  );
  const body: string[] = [];
  for (const row of rows) {
    const cells = row.map((text, index) => wrapped(text, widths[index] ?? 0, measure));
    const height = Math.max(...cells.map((lines) => lines.length));
    for (let index = 0; index < height; index++) body.push(line(cells.map((lines) => lines[index] ?? '')));
  }
  return { heading: [...heading, widths.map((width) => '-'.repeat(width)).join(' ')], body };
}

function fittingWidths(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  limit: number,
  measure: TextWidth,
): readonly number[] | undefined {
  const widths = columns.map(({ heading }, index) =>
    rows.reduce((widest, row) => Math.max(widest, measure(row[index] ?? '')), widest(heading, measure)),
  );
  const excess = () => widths.reduce((sum, width) => sum + width + 1, -1) - limit;
  if (excess() <= 0) return widths;
  const least = columns.map((column, index) =>
    column.isWhole ? (widths[index] ?? 0) : leastWidth(column, index, rows, measure),
  );
  for (const isKey of [false, true]) {
    while (excess() > 0) {
      const slack = columns.map((column, index) =>
        column.isKey === isKey && (widths[index] ?? 0) > (least[index] ?? 0) ? (widths[index] ?? 0) : -1,
      );
      const index = slack.indexOf(Math.max(...slack));
      if ((slack[index] ?? -1) < 0) break;
      widths[index] = (widths[index] ?? 0) - 1;
    }
  }
  return excess() <= 0 ? widths : undefined;
}

/** What a column needs when its texts are wrapped between words. */
function leastWidth(
  { heading }: TableColumn,
  index: number,
  rows: readonly (readonly string[])[],
  measure: TextWidth,
): number {
  const word = rows.reduce(
    (longest, row) => Math.max(longest, widest(breakable(row[index] ?? ''), measure)),
    0,
  );
  return Math.max(widest(heading, measure), Math.min(word, longestWord));
}

function widest(texts: readonly string[], measure: TextWidth): number {
  return texts.reduce((most, text) => Math.max(most, measure(text.trimEnd())), 0);
}
