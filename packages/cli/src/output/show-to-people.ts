import type { Terminal } from '../terminal.ts';
import { chosenColumns } from './chosen-columns.ts';
import type { Listing } from './output.ts';

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
  const [records, { layout }] = await Promise.all([
    Array.fromAsync(listing.records),
    onceUnderWay(() => import('./layout.ts')),
  ]);
  if (records.length === 0) {
    terminal.write(
      listing.isFiltered === false
        ? 'This table is currently empty.\n'
        : 'There are no entries matching your query.\n',
    );
    return 0;
  }
  const lines = [...(await layout(listing, format, columns, records, terminal))];
  if (records.length > 1) lines.push(`${records.length} entries were displayed.`);
  terminal.write(`${lines.join('\n')}\n`);
  await terminal.drained();
  return records.length;
}

/** Loads something when the connection for the records is being made: it is there before the answer, and costs no time of its own. */
async function onceUnderWay<T>(load: () => Promise<T>): Promise<T> {
  await new Promise<void>((resolve) => void setImmediate(resolve));
  return load();
}
