import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
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

  /** What Node writes about a process that is in trouble; it was started with `--report-on-signal`. */
  async report(pid: number, directory: string): Promise<void> {
    process.kill(pid, 'SIGUSR2');
    await eventually('the diagnostic report is written', async () => {
      const files = await filesUnder(directory);
      return files.length > 0 && files.every(([, content]) => /\}\s*$/.test(content.toString()));
    });
    await this.files('report', directory);
  }

  search(search: SecretSearch): readonly Finding[] {
    return this.#traces.flatMap(({ kind, place, content }) =>
      search.find(content).map((hit) => ({ kind, place, ...hit })),
    );
  }

  #keep(kind: TraceKind, place: string, content: Buffer): void {
    this.#traces.push({ kind, place, content });
  }
}

async function filesUnder(directory: string): Promise<readonly (readonly [string, Buffer])[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return await Promise.all(files.map(async (file) => [file, await readFile(file)] as const));
}
