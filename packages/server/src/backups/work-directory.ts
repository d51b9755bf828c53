import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';

/**
 * Does work in a new directory of this prefix, for its owner alone, of which nothing is left: neither when it fails nor when the
 * process is told to exit meanwhile.
 */
export async function inWorkDirectory<T>(
  prefix: string,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(prefix);
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    return await work(directory);
  } finally {
    process.off('exit', remove);
    remove();
  }
}
