import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { RunOptions, Screen } from '../support/terminal.ts';

/** A line that is typed, and what is answered when it asks. */
export type Line = string | (RunOptions & { readonly line: string });

/** What differs from run to run, with something as wide in its place. */
const volatile: readonly (readonly [RegExp, (found: string) => string])[] = [
  // SPIs; codes of errors look like them.
  [/(?<!error\s)\b(?:[0-9a-f]{16}|[0-9a-f]{8})\b/g, (spi) => 'f'.repeat(spi.length)],
  [/^( *(?:Inbound|Outbound) (?:Offload )?(?:Bytes|Packets): ).*$/gm, (line) => line.replace(/: .*$/, ': …')],
];

/** Whether the files are written instead of compared: `ESPLANADE_TRANSCRIPTS=write`. */
const isWritten = process.env['ESPLANADE_TRANSCRIPTS'] === 'write';

/**
 * Types the lines one after the other, and expects the screen to show what the file of that name in `transcripts/` holds:
 * each line behind `$`, what it printed, and its status where that is not 0.
 */
export async function expectTranscript(name: string, screen: Screen, lines: readonly Line[]): Promise<void> {
  const told: string[] = [];
  for (const each of lines) {
    const { line, ...options } = typeof each === 'string' ? { line: each } : each;
    const { text, status } = await screen.run(line, options);
    told.push(
      `$ ${line}`,
      ...(text === '' ? [] : [steady(text)]),
      ...(status === 0 ? [] : [`[status ${status}]`]),
      '',
    );
  }
  const actual = told.join('\n');
  const directory = new URL('transcripts/', import.meta.url);
  const file = fileURLToPath(new URL(`${name}.txt`, directory));
  if (isWritten) {
    await mkdir(directory, { recursive: true });
    await writeFile(file, actual);
  }
  expect(actual).toBe(await readFile(file, 'utf8'));
}

function steady(text: string): string {
  return volatile.reduce((left, [pattern, replacement]) => left.replaceAll(pattern, replacement), text);
}
