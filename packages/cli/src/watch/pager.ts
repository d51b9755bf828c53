import { firstColumns, type TextWidth, widthFor, wrapped } from '../output/text-width.ts';
import type { Terminal } from '../terminal.ts';

/** Text that may be longer than the screen, and where in it the reader is. */
export class Pager {
  #lines: readonly string[] = [];
  #measure: TextWidth = (text) => text.length;
  #top = 0;

  /** Takes a text in place of the one before; the reader stays where they are in it. */
  async show(text: string, { columns }: Terminal): Promise<void> {
    const lines = text.replace(/\n$/, '').split('\n');
    this.#measure = await widthFor(lines.map(withoutColour));
    this.#lines = lines.flatMap((line) =>
      this.#measure(withoutColour(line)) <= columns
        ? [line]
        : wrapped(withoutColour(line), columns, this.#measure),
    );
  }

  /** Moves by a key, on pages of so many lines; whether it was one that moves. */
  scroll(key: string, pageLines: number): boolean {
    const step = steps[key];
    if (step === undefined) return false;
    this.#top = Math.max(0, this.#top + step(pageLines, this.#lines.length));
    return true;
  }

  /** The lines to show in so many rows. Where there are more, the last one says so. */
  page(columns: number, rows: number): readonly string[] {
    if (this.#lines.length <= rows) return this.#lines;
    this.#top = Math.min(this.#top, this.#lines.length - rows + 1);
    const shown = this.#lines.slice(this.#top, this.#top + rows - 1);
    const where = `Lines ${this.#top + 1}-${this.#top + shown.length} of ${this.#lines.length}; arrow keys scroll, q ends`;
    return [...shown, firstColumns(where, columns, this.#measure)];
  }

  /** A line of this width with one text at its left and one at its right, the left one cut where both do not fit. */
  headed(left: string, right: string, columns: number): string {
    const room = columns - right.length - 1;
    if (room < 1) return firstColumns(left, columns, (text) => text.length);
    return `${firstColumns(left, room, (text) => text.length).padEnd(room)} ${right}`;
  }
}

const steps: Readonly<Record<string, (page: number, all: number) => number>> = {
  '\x1b[A': () => -1,
  '\x1b[B': () => 1,
  '\x1b[5~': (page) => -page,
  '\x1b[6~': (page) => page,
  '\x1b[H': (_, all) => -all,
  '\x1b[F': (_, all) => all,
};

function withoutColour(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are sequences that begin with ESC
  return text.replace(/\x1b\[[0-9;]*m/g, '');
}
