/** How what comes next is quoted. */
export type Quoting = 'none' | 'single' | 'double';

/** A line as far as it is typed. */
export interface TypedLine {
  /** The finished words, without their quotes. */
  readonly words: readonly string[];
  /** The word at the end, without its quotes; empty after a space. */
  readonly partial: string;
  readonly quoting: Quoting;
  /** How many characters of `partial` stand before what the line editor replaces: it breaks words at more than spaces. */
  readonly kept: number;
  /** Where, in the line, that begins which the line editor replaces. */
  readonly replacedFrom: number;
  /** Whether the word at the end is the file of `<` or `>`. */
  readonly isRedirected: boolean;
}

/** What reading a line differs in. */
export interface LineRules {
  /** Characters after which a line editor begins a new word, quoted or not: `COMP_WORDBREAKS` of bash. */
  readonly breaks?: string;
  /** Whether `<` and `>` redirect. */
  readonly hasRedirection?: boolean;
}

/** What a backslash takes the meaning of between double quotes (POSIX 2.2.3). */
const escapedInDoubleQuotes = '$`"\\\n';

/** Reads words as sh quotes them, and expands nothing. */
export function readTypedLine(line: string, rules: LineRules = {}): TypedLine {
  const words: string[] = [];
  let word: string | undefined;
  let quoting: Quoting = 'none';
  let kept = 0;
  let replacedFrom = 0;
  let isRedirected = false;
  const finish = (): void => {
    if (word !== undefined && !isRedirected) words.push(word);
    if (word !== undefined) isRedirected = false;
    word = undefined;
  };
  const breakAfter = (index: number): void => {
    kept = word?.length ?? 0;
    replacedFrom = index + 1;
  };
  for (let index = 0; index < line.length; index += 1) {
    const character = line.charAt(index);
    const next = line.charAt(index + 1);
    if (quoting === 'single') {
      if (character === "'") quoting = 'none';
      else word += character;
    } else if (quoting === 'double') {
      if (character === '"') quoting = 'none';
      else if (character === '\\' && next !== '' && escapedInDoubleQuotes.includes(next)) {
        word += next;
        index += 1;
      } else word += character;
    } else if (character === "'" || character === '"') {
      quoting = character === "'" ? 'single' : 'double';
      word ??= '';
      breakAfter(index);
    } else if (character === '\\') {
      word = (word ?? '') + next;
      index += 1;
    } else if (/\s/.test(character)) {
      finish();
      breakAfter(index);
    } else if (rules.hasRedirection && (character === '<' || character === '>')) {
      finish();
      isRedirected = true;
      breakAfter(index);
    } else {
      word = (word ?? '') + character;
      if (rules.breaks?.includes(character)) breakAfter(index);
    }
  }
  return { words, partial: word ?? '', quoting, kept, replacedFrom, isRedirected };
}

/** Of words that could stand at the end those that go on from the part of it that the line editor leaves as it is. */
export function replaceable<T extends { readonly value: string }>(
  candidates: readonly T[],
  { partial, kept }: Pick<TypedLine, 'partial' | 'kept'>,
): readonly T[] {
  return candidates.filter(({ value }) => value.startsWith(partial.slice(0, kept)));
}

/** What to type for `text` where the quoting is as given; between quotes the closing one is left to the line editor. */
export function quoted(text: string, quoting: Quoting): string {
  if (quoting === 'single') return text.replaceAll("'", String.raw`'\''`);
  if (quoting === 'double') return text.replaceAll(/[$`"\\]/g, String.raw`\$&`);
  return text.replaceAll(/[^\p{L}\p{N}_@%+=:,./-]/gu, String.raw`\$&`);
}
