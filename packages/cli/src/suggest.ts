import { closest, distance } from 'fastest-levenshtein';
import type { CommandError } from './exit-status.ts';
import { misused } from './parse.ts';
import type { Found } from './words.ts';

/** The known word that was most likely meant; undefined where none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(word, known);
  return distance(word, candidate) <= Math.max(1, Math.floor(word.length / 3)) ? candidate : undefined;
}

/** The sentence for words that lead nowhere, or to several commands. */
export function wrongWord(found: Extract<Found, { kind: 'ambiguous' | 'unknown' }>): CommandError {
  const { words, word, candidates } = found;
  const typed = [...words, word].join(' ');
  const line = (last: string): string => ['esplanade', ...words, last].join(' ');
  if (found.kind === 'ambiguous')
    return misused(`"${typed}" may be ${candidates.join(', ')}: write more of "${word}".`);
  const meant = nearest(word, candidates);
  const advice =
    meant === undefined
      ? `There are: ${candidates.join(', ')}. "${line('--help')}" tells what they do.`
      : `Did you mean "${line(meant)}"?`;
  return misused(`There is no command "${typed}". ${advice}`);
}
