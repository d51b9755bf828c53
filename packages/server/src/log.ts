import { UnavailableError } from '@esplanade/store';
import type { LogLevel } from './config.ts';
import { reasonOf } from './settings.ts';

/** What parts of the server log through: a sentence, and before it fields that a machine can read. */
export interface Log {
  error: LogWrite;
  warn: LogWrite;
  info: LogWrite;
}

interface LogWrite {
  (message: string): void;
  (fields: object, message: string): void;
}

/** How the log looks and how much of it there is. */
export interface LogSettings {
  readonly level: LogLevel;
  readonly format: 'text' | 'json';
}

/** A sink for log lines that are JSON objects, one each; writes them to `write` as they are or made readable. */
export function logStream(
  format: LogSettings['format'],
  write: (line: string) => void,
): { write(line: string): void } {
  return format === 'json' ? { write } : { write: (line) => write(readable(line)) };
}

const levelNames: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO ',
  40: 'WARN ',
  50: 'ERROR',
  60: 'FATAL',
};

/** `2026-11-21T11:20:39.123Z INFO  message key=value`. Names in a message cannot begin another line. */
function readable(line: string): string {
  const { level, time, msg, err, pid: _pid, hostname: _hostname, ...fields } = JSON.parse(line);
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  const stack = err === undefined ? '' : `\n${err.stack ?? err.message}`;
  const message = String(msg ?? '').replace(
    /\p{Cc}/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16)}`,
  );
  return `${new Date(time).toISOString()} ${levelNames[level] ?? level} ${message}${rest.join('')}${stack}\n`;
}

/**
 * Tells that something failed, and why. What the store or the system says of a full disk, say, is a sentence and needs no more;
 * anything else should never happen, and has its stack.
 */
export function logFailure(log: Pick<Log, 'error'>, what: string, error: unknown): void {
  const sentence = `${what}: ${reasonOf(error)}`;
  if (error instanceof UnavailableError || (error instanceof Error && 'syscall' in error))
    log.error(sentence);
  else log.error({ err: error }, sentence);
}
