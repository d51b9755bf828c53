import type { CommandEntry } from './command.ts';

/** Where the words of a command line lead to in the tree of commands. */
export type Found =
  /** To a command; `rest` are the words that are left for it. */
  | { readonly kind: 'command'; readonly entry: CommandEntry; readonly rest: readonly string[] }
  /** To a directory of commands. With `isQuestion` help was asked for, of the words that begin with `prefix`. */
  | {
      readonly kind: 'group';
      readonly words: readonly string[];
      readonly prefix: string;
      readonly isQuestion: boolean;
    }
  /** To several words: none of `candidates` is meant for sure. */
  | {
      readonly kind: 'ambiguous';
      readonly words: readonly string[];
      readonly word: string;
      readonly candidates: readonly string[];
    }
  /** Nowhere: there is no such word among `candidates`. */
  | {
      readonly kind: 'unknown';
      readonly words: readonly string[];
      readonly word: string;
      readonly candidates: readonly string[];
      /** What was typed after it. */
      readonly rest: readonly string[];
    };

/**
 * Follows words into the tree. As in ONTAP's CLI each may be cut short as long as it is the beginning of one word only
 * of its directory: `sec ips pol sh`. A word that is written out is meant even where longer ones begin with it.
 */
export function findCommand(table: readonly CommandEntry[], words: readonly string[]): Found {
  const path: string[] = [];
  for (const [index, word] of words.entries()) {
    const here = entriesUnder(table, path);
    const command = here.find((entry) => entry.words.length === path.length);
    const isHelp = isHelpWord(word);
    if (command !== undefined && (isHelp || word.startsWith('-') || here.length === 1))
      return { kind: 'command', entry: command, rest: words.slice(index) };
    if (isHelp) return { kind: 'group', words: path, prefix: '', isQuestion: true };
    const names = nextWords(table, path);
    if (word.endsWith('?')) {
      const prefix = word.slice(0, -1);
      return names.some((name) => name.startsWith(prefix))
        ? { kind: 'group', words: path, prefix, isQuestion: true }
        : { kind: 'unknown', words: path, word: prefix, candidates: names, rest: [] };
    }
    const matching = names.includes(word) ? [word] : names.filter((name) => name.startsWith(word));
    const [only] = matching;
    if (only !== undefined && matching.length === 1) path.push(only);
    else if (command !== undefined) return { kind: 'command', entry: command, rest: words.slice(index) };
    else
      return matching.length > 1
        ? { kind: 'ambiguous', words: path, word, candidates: matching }
        : { kind: 'unknown', words: path, word, candidates: names, rest: words.slice(index + 1) };
  }
  const command = table.find((entry) => isSame(entry.words, path));
  if (command !== undefined) return { kind: 'command', entry: command, rest: [] };
  return { kind: 'group', words: path, prefix: '', isQuestion: false };
}

/** What may follow these words, which are written out: each word once, in the order of the table. */
export function nextWords(table: readonly CommandEntry[], path: readonly string[]): readonly string[] {
  const names = new Set<string>();
  for (const { words } of entriesUnder(table, path)) {
    const next = words[path.length];
    if (next !== undefined) names.add(next);
  }
  return [...names];
}

/** The commands whose words begin with these. */
export function entriesUnder(
  table: readonly CommandEntry[],
  path: readonly string[],
): readonly CommandEntry[] {
  return table.filter(({ words }) => path.every((word, index) => words[index] === word));
}

/** `?`, as in ONTAP's CLI, or `--help`, as everywhere else. */
export function isHelpWord(word: string): boolean {
  return word === '?' || word === '-?' || word === '--help' || word === '-help' || word === '-h';
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((word, index) => other[index] === word);
}
