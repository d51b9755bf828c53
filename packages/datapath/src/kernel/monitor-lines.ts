import type { KernelTable } from './protocol.ts';

/**
 * Reads what `ip xfrm monitor` prints, line by line, for what is taken away or replaced: a record's first line says that
 * it is, its second of which table. What is added is none of our concern.
 */
export class MonitorLines {
  #isTaken = false;

  /** The table that this line says something is gone from. */
  read(line: string): KernelTable | undefined {
    const [, flushed] = /^Flushed (policy|state)\b/.exec(line) ?? [];
    if (flushed !== undefined) return flushed === 'policy' ? 'policies' : 'states';
    if (!line.startsWith('\t')) {
      this.#isTaken = /^(Deleted|Updated|Expired) /.test(line);
      return undefined;
    }
    if (!this.#isTaken) return undefined;
    this.#isTaken = false;
    if (/^\tdir /.test(line)) return 'policies';
    return /^\tproto /.test(line) ? 'states' : undefined;
  }
}
