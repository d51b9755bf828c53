import { globalParameters } from './parameters.ts';
import { findParameter } from './parse.ts';
import { isHelpWord } from './words.ts';

/** The words with the global parameters that stand before the command behind it, and `help COMMAND` as `COMMAND --help`. */
export function wordsFirst(words: readonly string[]): readonly string[] {
  const moved: string[] = [];
  let index = 0;
  for (let word = words[index]; word?.startsWith('-') && !isHelpWord(word); word = words[index]) {
    const name = word.replace(/^--?/, '');
    const parameter = findParameter(globalParameters, name.split('=', 1)[0] ?? '');
    const length = parameter.value.kind === 'switch' || name.includes('=') ? 1 : 2;
    moved.push(...words.slice(index, index + length));
    index += length;
  }
  const rest = words.slice(index);
  return rest[0] === 'help' ? [...rest.slice(1), '--help'] : [...rest, ...moved];
}
