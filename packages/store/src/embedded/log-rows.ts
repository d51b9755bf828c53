import type { SQLOutputValue } from 'node:sqlite';
import type { LogEntry, LogHead } from '../store.ts';

type Row = Readonly<Record<string, SQLOutputValue>>;

/**
 * Of a head. Numbers that a double does not hold come only from a hand that is not ours, and must not end the reading that
 * would find it.
 */
export const selectLogHead = `
  SELECT ${['first', 'last', 'bytes'].map((name) => `min(max(${name}, 0), ${Number.MAX_SAFE_INTEGER}) AS ${name}`).join(', ')},
    base, link, seal
  FROM logs WHERE name = ?`;

/** A row of `selectLogHead`. */
export function logHeadOf(row: Row): LogHead {
  return {
    first: Number(row['first']),
    base: bytesOf(row['base']),
    last: Number(row['last']),
    link: bytesOf(row['link']),
    bytes: Number(row['bytes']),
    seal: bytesOf(row['seal']),
  };
}

/** The number of an entry, held to those of a double for the same reason. */
export const readablePosition = `min(max(position, -${Number.MAX_SAFE_INTEGER}), ${Number.MAX_SAFE_INTEGER})`;

/** A row of `log_entries`, its position as `number`. */
export function logEntryOf(row: Row): LogEntry {
  return { index: Number(row['number']), entry: String(row['entry']), link: bytesOf(row['link']) };
}

function bytesOf(value: SQLOutputValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}
