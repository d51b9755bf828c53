import type { Command, CommandEntry, Parameter } from '../command.ts';
import { readTypedLine } from '../completion/typed-line.ts';
import { CommandError } from '../exit-status.ts';
import { parametersOf } from '../parameters.ts';
import { matchingParameters } from '../parse.ts';
import { parseWords } from '../understand.ts';
import { type Found, findCommand } from '../words.ts';
import { wordsFirst } from '../words-first.ts';
import { fromTop, shellWords } from './shell-line.ts';

/** How long a line that was entered is remembered. */
export type Keeping =
  /** For the next time too. */
  | 'kept'
  /** As long as the shell goes on, for whoever mistyped a word. */
  | 'for-now'
  /** From when it was done: then the server has taken its bare words for names, which are no secrets. */
  | 'once-done'
  | 'never';

/**
 * How long a line is remembered, which may hold a secret, written out where it does not belong: it is refused, and must not
 * be kept either. Of a command that takes a secret nothing is believed to be none but what a parameter names. By the
 * parameters of the command, however they are shortened, and by those of all where there is no such command. What is
 * misspelt may have been meant for a secret, and so may what is shortened too far. A line that begins with no word of a command
 * may itself be one, typed a moment too late.
 */
export async function keepingOf(
  line: string,
  path: readonly string[],
  commands: readonly CommandEntry[],
): Promise<Keeping> {
  const typed = readTypedLine(`${line} `);
  // A quote that is not closed hides what stands behind it.
  const words = typed.partial === '' ? typed.words : [...typed.words, typed.partial];
  if (words.some((word) => addressWithAccount.test(word) || secretSetting.test(word))) return 'never';
  const found = commandOf(words, path, commands);
  if (found?.kind === 'group') return found.isQuestion ? 'for-now' : 'kept';
  if (found?.kind === 'command') {
    const command = await found.entry.load();
    const parameters = [...parametersOf(command), ...(command.selectors ?? [])];
    if (writesOutSecret(found.rest, parameters)) return 'never';
    if (!parameters.some(isSecret)) return 'kept';
    const bareWords = await bareWordsOf(command, found.rest);
    if (bareWords === undefined) return 'never';
    return bareWords === 0 ? 'kept' : 'once-done';
  }
  if (words.length === 1 && words[0] !== undefined && Object.hasOwn(shellWords, words[0])) return 'for-now';
  // What was typed leads nowhere from its first word on: it may have been for a question that was there no longer.
  if (found === undefined || (found.kind === 'unknown' && found.words.length <= path.length)) return 'never';
  // Which command was meant nobody knows: it may have been any.
  if (!words.some((word) => parameterWord.test(word))) return 'for-now';
  const all = await Promise.all(commands.map(async ({ load }) => parametersOf(await load())));
  return writesOutSecret(words, all.flat()) ? 'never' : 'for-now';
}

/** Where the words lead, as they are executed; undefined where what stands before the command is unknown. */
function commandOf(
  words: readonly string[],
  path: readonly string[],
  commands: readonly CommandEntry[],
): Found | undefined {
  const [first] = words;
  if (first?.startsWith('-') !== true && first !== 'help')
    return findCommand(commands, fromTop(words, path, commands));
  try {
    return findCommand(commands, wordsFirst(words));
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
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

/** Of words that the command understands, how many were given as bare ones; undefined of others, and of questions. */
async function bareWordsOf(command: Command, words: readonly string[]): Promise<number | undefined> {
  try {
    const { asked, parsed } = await parseWords(command, words);
    if (parsed.question !== undefined || asked?.question !== undefined) return undefined;
    return parsed.bareWords + (asked?.bareWords ?? 0);
  } catch (error) {
    if (error instanceof CommandError) return undefined;
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
