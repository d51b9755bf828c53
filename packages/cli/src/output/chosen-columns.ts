import type { Column } from './column.ts';
import type { Listing, OutputFormat } from './output.ts';

/**
 * The columns that a format shows: keys and what was asked for with `-fields`; else those with a heading in a table, and
 * all in a block and for machines.
 */
export function chosenColumns(
  { columns, fields, isSingle }: Pick<Listing, 'columns' | 'fields' | 'isSingle'>,
  format: OutputFormat,
): readonly Column[] {
  if (fields !== undefined) {
    const keys = columns.filter((column) => column.isKey && !fields.includes(column.name));
    const asked = fields.map((name) => columns.find((column) => column.name === name));
    return [...keys, ...asked.filter((column) => column !== undefined)];
  }
  return format === 'table' && !isSingle ? columns.filter(({ heading }) => heading !== undefined) : columns;
}
