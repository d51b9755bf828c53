import { stat } from 'node:fs/promises';
import { printable } from './output/printable.ts';
import { misused } from './parse.ts';
import type { Terminal } from './terminal.ts';

/**
 * The secret on the only line of a file, without the end of that line. Throws a CommandError where there is none, or more: a
 * wrong file, most likely, and servers only say that the password is wrong.
 */
export function secretOf(parameter: string, text: string): string {
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') throw misused(`-${parameter}: there is nothing in it.`);
  if (/[\r\n]/.test(secret)) throw misused(`-${parameter}: a secret is one line, and this is more than one.`);
  return secret;
}

/** Says it where everybody on this machine can read what only some should. */
export async function warnOfReaders(path: string, terminal: Terminal): Promise<void> {
  const stats = await stat(path);
  if (stats.isFile() && (stats.mode & 0o004) !== 0)
    terminal.note(
      `Everybody on this machine can read ${printable(path)}: chmod o= ${printable(path)}, and have another secret.\n`,
    );
}
