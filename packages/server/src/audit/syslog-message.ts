import type { AuditDestination } from '@esplanade/desired';
import type { LogEntry } from '@esplanade/store';
import { readAuditText } from './audit-entry.ts';

/** Numbers of the facilities (RFC 5424 6.2.1). */
const facilities: Readonly<Record<AuditDestination['facility'], number>> = {
  kern: 0,
  user: 1,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
};

/** Numbers of the severities (RFC 5424 6.2.1): warning, notice, informational. */
const severities = { error: 4, success: 5, pending: 6 } as const;

/**
 * An entry as a syslog message (RFC 5424 6), its number in the log and its text as they are, as JSON: what a receiver keeps can be
 * compared with the log, and its members need no parser of our own.
 */
export function syslogMessage(
  { index, entry }: LogEntry,
  facility: AuditDestination['facility'],
  hostname: string,
): string {
  const { timestamp, state } = readAuditText(entry);
  const priority = facilities[facility] * 8 + severities[state];
  const host = hostname.replace(/[^\x21-\x7e]/g, '').slice(0, 255) || '-';
  return `<${priority}>1 ${timestamp} ${host} esplanade - audit - {"index":${index},"entry":${oneLine(entry)}}`;
}

/** A message in a stream, with its length before it (RFC 6587 3.4.1, RFC 5425 4.3). */
export function counted(message: string): string {
  return `${Buffer.byteLength(message)} ${message}`;
}

/** JSON has no line feed but between members; what is no JSON becomes a text of it. */
function oneLine(entry: string): string {
  return entry.startsWith('{') && !/[\r\n]/.test(entry) ? entry : JSON.stringify(entry);
}
