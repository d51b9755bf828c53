/**
 * ONTAP's query language read once more, as slowly and plainly as it can be: letter by letter, with a note at each
 * whether it was quoted. Shares nothing with the product.
 */

/** A letter, or the place of a quotation (which may be empty). */
interface Cell {
  readonly letter: string;
  readonly isQuoted: boolean;
}

/** One of the alternatives. */
export interface NaiveAlternative {
  readonly isNegated: boolean;
  readonly test: NaiveTest;
}

export type NaiveTest =
  | { readonly kind: 'null' }
  | { readonly kind: '=' | '<' | '<=' | '>' | '>='; readonly text: string }
  | { readonly kind: '..'; readonly from: string; readonly to: string }
  /** undefined stands for a `*`. */
  | { readonly kind: 'like'; readonly letters: readonly (string | undefined)[] };

/** The alternatives of a query; undefined when it is none. */
export function readNaively(text: string): readonly NaiveAlternative[] | undefined {
  const cells = cellsOf(text);
  if (cells === undefined) return undefined;
  const alternatives = splitAt(cells, '|').map(readAlternative);
  return alternatives.every((alternative) => alternative !== undefined) ? alternatives : undefined;
}

function cellsOf(text: string): readonly Cell[] | undefined {
  const cells: Cell[] = [];
  let end = '';
  for (const letter of text.split('')) {
    if (end === '' && (letter === '"' || letter === '{')) {
      end = letter === '"' ? '"' : '}';
      cells.push({ letter: '', isQuoted: true });
    } else if (letter === end) end = '';
    else cells.push({ letter, isQuoted: end !== '' });
  }
  return end === '' ? cells : undefined;
}

function splitAt(cells: readonly Cell[], mark: string): readonly (readonly Cell[])[] {
  const parts: Cell[][] = [[]];
  for (const cell of cells) {
    if (isMark(cell, mark)) parts.push([]);
    else parts.at(-1)?.push(cell);
  }
  return parts;
}

function readAlternative(given: readonly Cell[]): NaiveAlternative | undefined {
  let cells = given;
  let isNegated = false;
  while (isMark(cells[0], '!')) {
    isNegated = !isNegated;
    cells = cells.slice(1);
  }
  const test = readTest(cells);
  return test && { isNegated, test };
}

function readTest(cells: readonly Cell[]): NaiveTest | undefined {
  if (cells.length === 4 && cells.every(({ isQuoted }) => !isQuoted) && textOf(cells) === 'null')
    return { kind: 'null' };
  for (const kind of ['<=', '>=', '<', '>'] as const)
    if (kind.split('').every((letter, index) => isMark(cells[index], letter))) {
      const rest = cells.slice(kind.length);
      const isPlain = rest.length > 0 && dotsIn(rest) < 0 && !rest.some((cell) => isMark(cell, '*'));
      return isPlain ? { kind, text: textOf(rest) } : undefined;
    }
  const dots = dotsIn(cells);
  if (dots >= 0) {
    const from = cells.slice(0, dots);
    const to = cells.slice(dots + 2);
    const isPlain = dotsIn(to) < 0 && !cells.some((cell) => isMark(cell, '*'));
    if (!isPlain || from.length === 0 || to.length === 0) return undefined;
    return { kind: '..', from: textOf(from), to: textOf(to) };
  }
  if (cells.some((cell) => isMark(cell, '*')))
    return { kind: 'like', letters: cells.map((cell) => (isMark(cell, '*') ? undefined : cell.letter)) };
  return cells.length === 0 ? undefined : { kind: '=', text: textOf(cells) };
}

function dotsIn(cells: readonly Cell[]): number {
  return cells.findIndex((cell, index) => isMark(cell, '.') && isMark(cells[index + 1], '.'));
}

function isMark(cell: Cell | undefined, mark: string): boolean {
  return cell !== undefined && !cell.isQuoted && cell.letter === mark;
}

function textOf(cells: readonly Cell[]): string {
  return cells.map(({ letter }) => letter).join('');
}
