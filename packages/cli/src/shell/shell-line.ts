import type { CommandEntry } from '../command.ts';
import { readTypedLine } from '../completion/typed-line.ts';
import { findCommand } from '../words.ts';

/** What a line of the shell asks for. */
export type ShellLine =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'leave' }
  | { readonly kind: 'history' }
  /** To go to a directory of commands. */
  | { readonly kind: 'enter'; readonly path: readonly string[] }
  /** A command, or help, with all its words from the top. */
  | { readonly kind: 'execute'; readonly words: readonly string[] }
  | { readonly kind: 'wrong'; readonly message: string };

/** Words of the shell itself, with what they do. `top` is one only in a directory: elsewhere it is the command. */
export const shellWords: Readonly<Record<string, string>> = {
  '..': 'Go up one directory',
  up: 'Go up one directory',
  top: 'Go to the top of the directories',
  history: 'Show the lines entered before',
  exit: 'Leave',
  quit: 'Leave',
};

/** Reads a line that was entered in the directory `path`; `outside` are commands that the shell does not have. */
export function readShellLine(
  line: string,
  path: readonly string[],
  commands: readonly CommandEntry[],
  outside: readonly CommandEntry[] = [],
): ShellLine {
  if (/^\s*#/.test(line)) return { kind: 'nothing' };
  const { words, quoting } = readTypedLine(`${line} `);
  if (quoting !== 'none') return { kind: 'wrong', message: 'A quote is not closed.' };
  const [first] = words;
  if (first === undefined) return { kind: 'nothing' };
  if (words.length === 1) {
    if (first === 'exit' || first === 'quit') return { kind: 'leave' };
    if (first === 'history') return { kind: 'history' };
    if (first === '..' || first === 'up') return { kind: 'enter', path: path.slice(0, -1) };
    if (first === '/' || (first === 'top' && path.length > 0)) return { kind: 'enter', path: [] };
  }
  const absolute = fromTop(words, path, commands);
  const found = findCommand(commands, absolute);
  if (
    found.kind === 'unknown' &&
    found.words.length <= path.length &&
    outside.some((each) => each.words[0] === first)
  )
    return {
      kind: 'wrong',
      message: `"${first}" is not in the shell: run it outside, as "esplanade ${words.join(' ')}".`,
    };
  return found.kind === 'group' && !found.isQuestion
    ? { kind: 'enter', path: found.words }
    : { kind: 'execute', words: absolute };
}

/** The words from the top: those of the directory come first, and whatever is not in it is looked for at the top. */
export function fromTop(
  words: readonly string[],
  path: readonly string[],
  commands: readonly CommandEntry[],
): readonly string[] {
  const here = [...path, ...words];
  const found = findCommand(commands, here);
  const isElsewhere = found.kind === 'unknown' && found.words.length <= path.length;
  return isElsewhere && findCommand(commands, words).kind !== 'unknown' ? words : here;
}
