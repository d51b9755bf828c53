import { closest, distance } from 'fastest-levenshtein';
import type { CommandEntry } from './command.ts';
import type { CommandError } from './exit-status.ts';
import { toType } from './help-text.ts';
import { misused } from './parse.ts';
import { entriesUnder, type Found } from './words.ts';

/** The known word that was most likely meant; undefined where none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  // One digit more or less makes another number, and no slip of the pen.
  if (known.length === 0 || /^\d+$/.test(word)) return undefined;
  const typed = word.toLowerCase();
  const [first, ...others] = [typed, ...transposed(typed)].map((spelling, index) => {
    const candidate = closest(spelling, known);
    return { candidate, edits: distance(spelling, candidate.toLowerCase()) + Math.sign(index) };
  });
  const best = others.reduce((least, each) => (least && least.edits <= each.edits ? least : each), first);
  // Of a word of one letter nothing would be left.
  const most = Math.min(word.length - 1, Math.max(1, Math.floor(word.length / 3)));
  return best && best.edits <= most ? best.candidate : undefined;
}

/** Two letters that changed places are one slip, which the distance counts as two. */
function transposed(word: string): readonly string[] {
  return Array.from(
    { length: Math.max(0, word.length - 1) },
    (_, index) => `${word.slice(0, index)}${word[index + 1]}${word[index]}${word.slice(index + 2)}`,
  );
}

/** The sentence for words that lead nowhere, or to several commands. */
export function wrongWord(
  found: Extract<Found, { kind: 'ambiguous' | 'unknown' }>,
  table: readonly CommandEntry[],
  program?: string,
): CommandError {
  const { words, word, candidates } = found;
  const typed = [...words, word].join(' ');
  const instead = words.length === 0 ? ofOntap[word] : undefined;
  if (instead !== undefined) return misused(`There is no command "${typed}", as ONTAP has. ${instead}`);
  if (found.kind === 'ambiguous')
    return misused(`"${typed}" may be ${candidates.join(', ')}: write more of "${word}".`);
  const near = nearest(word, candidates);
  const meant = near === undefined ? elsewhere(words, word, table) : [[...words, near].join(' ')];
  const more = meant.length === 1 ? bareWords(found.rest) : [];
  const advice =
    meant.length === 0
      ? `There are: ${candidates.join(', ')}. "${toType([...words, '--help'], program)}" tells what they do.`
      : `Did you mean ${meant.map((line) => `"${toType([line, ...more], program)}"`).join(' or ')}?`;
  return misused(`There is no command "${typed}". ${advice}`);
}

/** Why there are not those commands that people know from ONTAP's shell. */
const ofOntap: Readonly<Record<string, string>> = {
  set: 'There are no privilege levels: what an account may do is up to its role, and -force answers questions.',
  rows: 'Results are not paged: give -limit, or scroll.',
};

/** Up to the first parameter: what is a value of one need not come back on the screen. */
function bareWords(words: readonly string[]): readonly string[] {
  const end = words.findIndex((word) => word.startsWith('-') || /\s/.test(word));
  return end < 0 ? words : words.slice(0, end);
}

/** Above so many places a word says little. */
const manyPlaces = 3;

/** Where else below the words that were clear there is this word, written out. */
function elsewhere(path: readonly string[], word: string, table: readonly CommandEntry[]): readonly string[] {
  const places = new Set(
    entriesUnder(table, path).flatMap(({ words }) => {
      const index = words.indexOf(word);
      return index < 0 ? [] : [words.slice(0, index + 1).join(' ')];
    }),
  );
  return places.size > manyPlaces ? [] : [...places];
}
