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

/** A row of `log_entries`. */
export function logEntryOf(row: Row): LogEntry {
  return { index: Number(row['position']), entry: String(row['entry']), link: bytesOf(row['link']) };
}

function bytesOf(value: SQLOutputValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}
