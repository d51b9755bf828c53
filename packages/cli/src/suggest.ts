import type { CommandEntry } from './command.ts';
import { editDistance } from './edit-distance.ts';
import type { CommandError } from './exit-status.ts';
import { toType } from './help-text.ts';
import { misused, shortened } from './parse.ts';
import { entriesUnder, type Found, findCommand } from './words.ts';

/** Nobody types a longer word, and looking for what is like it would take its time. */
const longestWord = 64;

/** The known word that was most likely meant; undefined where none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  // One digit more or less makes another number, and no slip of the pen.
  if (word.length > longestWord || /^\d+$/.test(word)) return undefined;
  const typed = word.toLowerCase();
  // Of a word of one letter nothing would be left.
  let most = Math.min(word.length - 1, Math.max(1, Math.floor(word.length / 3)));
  let near: string | undefined;
  for (const candidate of known) {
    const edits = editDistance(typed, candidate.toLowerCase(), most);
    if (edits > most) continue;
    near = candidate;
    most = edits - 1;
  }
  return near;
}

/** The sentence for words that lead nowhere, or to several commands. */
export function wrongWord(
  found: Extract<Found, { kind: 'ambiguous' | 'unknown' }>,
  table: readonly CommandEntry[],
  program?: string,
): CommandError {
  const { words, word, candidates } = found;
  const typed = [...words, shortened(word)].join(' ');
  const instead = words.length === 0 ? ofOntap[word] : undefined;
  if (instead !== undefined) return misused(`There is no command "${typed}", as ONTAP has. ${instead}`);
  if (found.kind === 'ambiguous')
    return misused(`"${typed}" may be ${candidates.join(', ')}: write more of "${word}".`);
  const near = nearest(word, candidates);
  const places = near === undefined ? elsewhere(words, word, table) : [[...words, near]];
  const [only] = places;
  const meant =
    only !== undefined && places.length === 1
      ? [corrected([...only, ...bareWords(found.rest)], table)]
      : places;
  const advice =
    meant.length === 0
      ? `There are: ${candidates.join(', ')}. "${toType([...words, '--help'], program)}" tells what they do.`
      : `Did you mean ${meant.map((line) => `"${toType(line, program)}"`).join(' or ')}?`;
  return misused(`There is no command "${typed}". ${advice}`);
}

/** Why there are not those commands that people know from ONTAP's shell. */
const ofOntap: Readonly<Record<string, string>> = {
  set: 'There are no privilege levels: what an account may do is up to its role, and -force answers questions.',
  rows: 'Results are not paged: give -limit, or scroll.',
};

/** Up to the first parameter, of which values need not come back on the screen, or to a word that would fill it. */
function bareWords(words: readonly string[]): readonly string[] {
  const end = words.findIndex((word) => word.startsWith('-') || /\s/.test(word) || word !== shortened(word));
  return end < 0 ? words : words.slice(0, end);
}

/** Above so many places a word says little. */
const manyPlaces = 3;

/** Where else below the words that were clear there is this word, or what it was most likely meant for, written out. */
function elsewhere(
  path: readonly string[],
  word: string,
  table: readonly CommandEntry[],
): readonly (readonly string[])[] {
  const below = entriesUnder(table, path);
  const known = below.flatMap(({ words }) => words.slice(path.length));
  const meant = known.includes(word) ? word : nearest(word, known);
  const places = new Map(
    below.flatMap(({ words }) => {
      const place = words.slice(0, words.indexOf(meant ?? word) + 1);
      return place.length === 0 ? [] : [[place.join(' '), place]];
    }),
  );
  return places.size > manyPlaces ? [] : [...places.values()];
}

/** The line with those words, too, put right that come after the first one that was wrong. */
function corrected(line: readonly string[], table: readonly CommandEntry[]): readonly string[] {
  const found = findCommand(table, line);
  const near = found.kind === 'unknown' ? nearest(found.word, found.candidates) : undefined;
  if (found.kind !== 'unknown' || near === undefined) return line;
  return corrected([...found.words, near, ...found.rest], table);
}
