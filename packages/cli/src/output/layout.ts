import type { Terminal } from '../terminal.ts';
import { paint } from './colour.ts';
import type { Column } from './column.ts';
import type { ApiRecord, Listing } from './output.ts';
import { printable } from './printable.ts';
import { tableLines } from './table.ts';
import { type TextWidth, widthFor } from './text-width.ts';
import { isRightAligned, member, valueText } from './value-text.ts';

/** The lines of a table, or of blocks where those were asked for or the table does not fit. */
export async function layout(
  { fields, isSingle }: Pick<Listing, 'fields' | 'isSingle'>,
  format: 'table' | 'instance',
  columns: readonly Column[],
  records: readonly ApiRecord[],
  terminal: Terminal,
): Promise<readonly string[]> {
  const isBlocks = format === 'instance' || isSingle === true;
  const lines = isBlocks ? undefined : await table(fields, columns, records, terminal);
  return lines ?? (await blocks(columns, records, terminal));
}

async function table(
  fields: Listing['fields'],
  columns: readonly Column[],
  records: readonly ApiRecord[],
  terminal: Terminal,
): Promise<readonly string[] | undefined> {
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
  const { instanceLines } = await import('./instance.ts');
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
