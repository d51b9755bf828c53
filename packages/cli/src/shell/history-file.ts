import { appendFile, chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { baseDirectory } from '../base-directory.ts';

const mostLines = 1_000;

/** Lines that were entered, kept from one shell to the next in a file that nobody else can read. */
export class HistoryFile {
  readonly #base: string | undefined;

  constructor({ XDG_STATE_HOME: chosen, HOME: home }: NodeJS.ProcessEnv) {
    this.#base = baseDirectory(chosen, home, '.local/state');
  }

  get #path(): string {
    if (this.#base === undefined) throw new Error('this user has no home.');
    return join(this.#base, 'esplanade/history');
  }

  /** The latest first, no more than a thousand; the file is cut to these. */
  async read(): Promise<string[]> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    await appendFile(this.#path, '', { mode: 0o600 });
    // It may be older than we are.
    await chmod(this.#path, 0o600);
    const lines = (await readFile(this.#path, 'utf8')).split('\n').filter((line) => line !== '');
    const kept = lines.slice(-mostLines);
    if (lines.length > 2 * mostLines) {
      const made = `${this.#path}.${process.pid}`;
      await writeFile(made, `${kept.join('\n')}\n`, { mode: 0o600 });
      await rename(made, this.#path);
    }
    return kept.reverse();
  }

  async append(line: string): Promise<void> {
    await appendFile(this.#path, `${line}\n`, { mode: 0o600 });
  }
}
