import { fileURLToPath } from 'node:url';
import { runCommand } from '../test/support/command.ts';
import type { Comparison } from './median.ts';

/** Where the result stands in what the guest prints. */
export const resultMark = 'sa-collection: ';

const runner = fileURLToPath(new URL('../test/support/kernel/run.ts', import.meta.url));
const program = fileURLToPath(new URL('./sa-collection-guest.ts', import.meta.url));

/**
 * The SA collection of 1,000 real SAs. Ours: a GET over HTTPS of everything, and of a page. Theirs: `swanctl --list-sas
 * --raw` on the same charon. ESP is needed, so all of it runs in a user-mode Linux where this kernel has none.
 */
export async function saCollection(): Promise<readonly Comparison[]> {
  const command = [runner, '--timeout', '900', '--', process.execPath, program];
  const { stdout } = await runCommand(process.execPath, command, { timeoutMilliseconds: 920_000 });
  const line = stdout.split('\n').find((one) => one.startsWith(resultMark));
  if (line === undefined) throw new Error(`the guest gave no result:\n${stdout}`);
  return JSON.parse(line.slice(resultMark.length));
}
