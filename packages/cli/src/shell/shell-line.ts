import type { Command, CommandEntry, Parameter } from '../command.ts';
import { readTypedLine } from '../completion/typed-line.ts';
import { CommandError } from '../exit-status.ts';
import { parametersOf } from '../parameters.ts';
import { matchingParameters } from '../parse.ts';
import { parseWords } from '../understand.ts';
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

/** Reads a line that was entered in the directory `path`. */
export function readShellLine(
  line: string,
  path: readonly string[],
  commands: readonly CommandEntry[],
): ShellLine {
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

/**
 * Whether a line may hold a secret, written out where it does not belong: it is refused, and must not be kept either. By
 * the parameters of the command, however they are shortened, and by those of all where there is no such command. What is
 * misspelt may have been meant for a secret, and so may what is shortened too far.
 */
export async function mayHoldSecret(
  line: string,
  path: readonly string[],
  commands: readonly CommandEntry[],
): Promise<boolean> {
  const typed = readTypedLine(`${line} `);
  // A quote that is not closed hides what stands behind it.
  const words = typed.partial === '' ? typed.words : [...typed.words, typed.partial];
  if (words.some((word) => addressWithAccount.test(word) || secretSetting.test(word))) return true;
  const found = findCommand(commands, fromTop(words, path, commands));
  if (found.kind === 'command') {
    const command = await found.entry.load();
    const parameters = [...parametersOf(command), ...(command.selectors ?? [])];
    if (writesOutSecret(found.rest, parameters)) return true;
    // A word too many, for one, may be what should have been asked for.
    return parameters.some(isSecret) && !(await isUnderstood(command, found.rest));
  }
  // Which command was meant nobody knows: it may have been any.
  if (!words.some((word) => parameterWord.test(word))) return false;
  const all = await Promise.all(commands.map(async ({ load }) => parametersOf(await load())));
  return writesOutSecret(words, all.flat());
}

/** `https://admin:password@host`. A password may hold what ends a host. */
const addressWithAccount = /:\/\/.*@/s;

const secretName = /pass|secret|shared|psk|private-key|ppk/;

/** `ESPLANADE_PASSWORD=…`, as sh would take it. */
const secretSetting = /^\w*(?:pass|secret|psk|shared_key)\w*=./is;

/** `-name` and `--name=value`, also in braces and with the dash that a word processor makes of one. */
const parameterWord = /^[^\w\s]*[-\u2013\u2014]([a-z][^=]*)(?:=(.*))?$/is;

function writesOutSecret(typed: readonly string[], parameters: readonly Parameter[]): boolean {
  const words = typed.flatMap((word) => (word.startsWith('{') ? word.slice(1).trim().split(/\s+/) : [word]));
  return words.some((word, index) => {
    const [, name, inline = ''] = parameterWord.exec(word) ?? [];
    if (name === undefined || !mayBeSecret(plain(name), parameters)) return false;
    const next = words[index + 1];
    return inline !== '' || (next !== undefined && !isParameter(next, parameters));
  });
}

function isSecret({ value }: Parameter): boolean {
  return value.kind === 'secret';
}

async function isUnderstood(command: Command, words: readonly string[]): Promise<boolean> {
  try {
    await parseWords(command, words);
    return true;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}

function isParameter(word: string, parameters: readonly Parameter[]): boolean {
  const name = word.startsWith('-') ? parameterWord.exec(word)?.[1] : undefined;
  return name !== undefined && matchingParameters(parameters, plain(name)).length > 0;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

function mayBeSecret(name: string, parameters: readonly Parameter[]): boolean {
  if (secretName.test(name)) return true;
  const matching = matchingParameters(parameters, name);
  if (matching.some(isSecret)) return true;
  const isExact = matching.some((each) => each.name === name || each.aliases?.includes(name));
  return !isExact && new Set(matching.map((each) => each.name)).size !== 1;
}
