import type { Terminal } from '../terminal.ts';
import { chosenColumns } from './chosen-columns.ts';
import { paint } from './colour.ts';
import type { Column } from './column.ts';
import { instanceLines } from './instance.ts';
import type { ApiRecord, Listing } from './output.ts';
import { printable } from './printable.ts';
import { tableLines } from './table.ts';
import { type TextWidth, widthFor } from './text-width.ts';
import { isRightAligned, member, valueText } from './value-text.ts';

/**
 * Records as ONTAP's CLI shows them: a table, or blocks where those were asked for or the table does not fit. Returns how
 * many there were.
 */
export async function showToPeople(
  listing: Listing,
  format: 'table' | 'instance',
  terminal: Terminal,
): Promise<number> {
  const columns = chosenColumns(listing, format);
  const records: ApiRecord[] = [];
  for await (const record of listing.records) records.push(record);
  if (records.length === 0) {
    terminal.write(
      listing.isFiltered === false
        ? 'This table is currently empty.\n'
        : 'There are no entries matching your query.\n',
    );
    return 0;
  }
  const isBlocks = format === 'instance' || listing.isSingle === true;
  const lines = (isBlocks ? undefined : await table(listing, columns, records, terminal)) ?? [
    ...(await blocks(columns, records, terminal)),
  ];
  if (records.length > 1) lines.push(`${records.length} entries were displayed.`);
  terminal.write(`${lines.join('\n')}\n`);
  await terminal.drained();
  return records.length;
}

async function table(
  { fields }: Listing,
  columns: readonly Column[],
  records: readonly ApiRecord[],
  terminal: Terminal,
): Promise<string[] | undefined> {
  const rows = records.map((record) =>
    columns.map((column) => printable(valueText(column, member(record, column.field)))),
  );
  const headings = columns.map((column) => ({
    heading: fields === undefined ? (column.heading ?? []) : [column.name],
    isRight: fields === undefined && isRightAligned(column),
    isWhole: !['text', 'list'].includes(column.format),
    isKey: column.isKey === true,
  }));
  const laidOut = tableLines(headings, rows, terminal.lineLimit, await widthFor(rows.flat()));
  return laidOut && [...laidOut.heading.map((line) => paint(line, 'heading', terminal)), ...laidOut.body];
}

async function blocks(
  columns: readonly Column[],
  records: readonly ApiRecord[],
  terminal: Terminal,
): Promise<readonly string[]> {
  const labels = columns.map(({ label }) => label);
  const values = records.map((record) =>
    columns.map((column) =>
      valueText(column, member(record, column.field))
        .replace(/\r?\n$/, '')
        .split(/\r?\n/)
        .map(printable),
    ),
  );
  const measure: TextWidth = await widthFor([...labels, ...values.flat(2)]);
  return values.flatMap((block, index) => [
    ...(index === 0 ? [] : ['']),
    ...instanceLines(labels, block, terminal.lineLimit, measure),
  ]);
}
