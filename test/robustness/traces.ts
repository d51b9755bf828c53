import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { eventually } from '../support/eventually.ts';
import type { RawAnswer } from '../support/https-client.ts';
import type { SecretSearch } from './secret-search.ts';

/** The kinds of places that a server lets something out to. */
export type TraceKind =
  | 'answer'
  /** An answer that may quote what it refuses, because a key stood where none belongs. */
  | 'quotation'
  | 'log'
  | 'log of others'
  | 'data while it runs'
  | 'data after a stop'
  | 'data after a crash'
  | 'backup'
  /** What the system tells about the process. */
  | 'process'
  /** What Node writes about a process in trouble: asked for by a signal, and of an error that nobody caught. */
  | 'report';

interface Trace {
  readonly kind: TraceKind;
  readonly place: string;
  readonly content: Buffer;
}

/** Something found in a trace. */
export interface Finding {
  readonly kind: TraceKind;
  readonly place: string;
  readonly label: string;
  readonly encoding: string;
}

/** Everything that a server let out, kept to be searched. */
export class Traces {
  readonly #traces: Trace[] = [];

  get bytes(): number {
    return this.#traces.reduce((sum, { content }) => sum + content.length, 0);
  }

  /** Status, headers and body. */
  answer(kind: 'answer' | 'quotation', what: string, { status, headers, text }: RawAnswer): void {
    this.#keep(kind, what, Buffer.from(`${JSON.stringify([status, headers])}\n${text}`));
  }

  log(kind: 'log' | 'log of others', lines: readonly string[]): void {
    this.#keep(kind, kind, Buffer.from(lines.join('\n')));
  }

  /** Every file in a directory, however deep. */
  async files(kind: TraceKind, directory: string): Promise<void> {
    for (const [file, content] of await filesUnder(directory)) this.#keep(kind, file, content);
  }

  text(kind: TraceKind, place: string, text: string): void {
    this.#keep(kind, place, Buffer.from(text));
  }

  /** Command line, name and environment of a process, as others may read them in /proc (proc(5)). */
  async process(pid: number): Promise<void> {
    for (const name of ['cmdline', 'comm', 'status', 'environ'])
      this.#keep('process', name, await readFile(`/proc/${pid}/${name}`));
  }

  /** What Node writes about a process that is in trouble, asked for by a signal; see `reportOptions`. */
  async report(pid: number, directory: string): Promise<void> {
    const before = (await readdir(directory)).length;
    process.kill(pid, 'SIGUSR2');
    await this.#nextReport(directory, before);
  }

  /** The report of a server that a signal ends with an error of that kind. */
  async dying(pid: number, signal: NodeJS.Signals, directory: string): Promise<void> {
    const before = (await readdir(directory)).length;
    process.kill(pid, signal);
    await this.#nextReport(directory, before);
    await eventually('the server is gone', () => !existsSync(`/proc/${pid}/exe`) || isZombie(pid));
  }

  async #nextReport(directory: string, before: number): Promise<void> {
    await eventually('the diagnostic report is written', async () => {
      const files = await filesUnder(directory);
      return files.length > before && files.every(([, content]) => /\}\s*$/.test(content.toString()));
    });
    await this.files('report', directory);
  }

  /** A secret's own file is no finding. */
  search(search: SecretSearch): readonly Finding[] {
    return this.#traces.flatMap(({ kind, place, content }) =>
      search
        .find(content)
        .filter(({ file }) => file === undefined || basename(place) !== file)
        .map(({ label, encoding }) => ({ kind, place, label, encoding })),
    );
  }

  #keep(kind: TraceKind, place: string, content: Buffer): void {
    this.#traces.push({ kind, place, content });
  }
}

/** Ended, and not yet taken note of by whoever started it (proc_pid_stat(5)). */
function isZombie(pid: number): boolean {
  return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

async function filesUnder(directory: string): Promise<readonly (readonly [string, Buffer])[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return await Promise.all(files.map(async (file) => [file, await readFile(file)] as const));
}
