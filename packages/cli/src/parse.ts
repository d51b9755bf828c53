import type { Named, Parameter } from './command.ts';
import { CommandError, exitStatus } from './exit-status.ts';
import { isHelpWord } from './words.ts';

/** What was typed for a command, put to its parameters by name; the values are as typed. */
export interface Parsed {
  /** By full name. A parameter without a value has `''`. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** How many of the values were given as bare words. */
  readonly bareWords: number;
  /** Help was asked for: of one parameter (`-action ?`), or of the command. */
  readonly question?: Parameter | 'command';
}

/**
 * Reads the words after those of the command. `-name value`, `--name value` and `--name=value` are the same; a name may be
 * cut short as long as it is the beginning of one only; bare words are the positional parameters in their order, and so is
 * everything after `--`. A value may begin with a dash unless it looks like another parameter.
 */
export function parse(parameters: readonly Parameter[], words: readonly string[]): Parsed {
  const values = new Map<string, readonly string[]>();
  const bare: string[] = [];
  const give = (parameter: Parameter, typed: string): void => {
    const value = switched(parameter, typed);
    if (value === undefined) return;
    const given = values.get(parameter.name);
    if (given !== undefined && parameter.value.kind !== 'list')
      throw misused(`-${parameter.name} is given twice.`);
    values.set(parameter.name, [...(given ?? []), value]);
  };
  let index = 0;
  let isParameters = true;
  while (index < words.length) {
    const word = words[index] ?? '';
    index += 1;
    if (isParameters && isHelpWord(word)) return { values, bareWords: bare.length, question: 'command' };
    if (isParameters && word === '--') {
      isParameters = false;
      continue;
    }
    if (!isParameters || !isName(word)) {
      bare.push(word);
      continue;
    }
    const [name, inline] = splitName(word);
    const parameter = findParameter(parameters, name);
    const next = words[index];
    if (inline !== undefined) give(parameter, inline);
    else if (next !== undefined && isHelpWord(next))
      return { values, bareWords: bare.length, question: parameter };
    else if (next !== undefined && takes(parameter, next, parameters)) {
      give(parameter, next);
      index += 1;
    } else give(parameter, valueOfBare(parameter, next));
  }
  const positional = parameters.filter(
    ({ isPositional, name }) => isPositional === true && !values.has(name),
  );
  for (const [parameter, word] of placed(positional, bare)) give(parameter, word);
  return { values, bareWords: bare.length };
}

/** Bare words in the order of the parameters; where there are fewer, those that must be given, or are the name, go first. */
function* placed(
  positional: readonly Parameter[],
  bare: readonly string[],
): Generator<readonly [Parameter, string]> {
  const surplus = bare[positional.length];
  if (surplus !== undefined) throw misused(`"${shortened(surplus)}" is a word too many.`);
  let optional = bare.length - positional.filter(isFirst).length;
  let index = 0;
  for (const parameter of positional) {
    const word = bare[index];
    if (word === undefined) return;
    if (!isFirst(parameter) && optional <= 0) continue;
    if (!isFirst(parameter)) optional -= 1;
    index += 1;
    yield [parameter, word];
  }
}

function isFirst({ isRequired, isName }: Parameter): boolean {
  return isRequired === true || isName === true;
}

/** The parameter of that name, written out or cut short, without dashes. Throws a sentence where there is none, or several. */
export function findParameter(parameters: readonly Parameter[], name: string): Parameter {
  const matching = meant(parameters, name);
  const [only] = matching;
  if (only === undefined) throw new UnknownParameterError(name, parameters);
  // Both ways to give a secret begin alike; the shorter name is meant.
  if (matching.every((other) => other.name === only.name || other.name === `${only.name}-file`)) return only;
  const names = matching.map((other) => `-${other.name}`).join(', ');
  throw misused(`"-${name}" may be ${names}: write more of it.`);
}

/** The one that is called so, written out or cut short; undefined where there is none. Throws a sentence where there are several. */
export function named<T extends Named>(all: readonly T[], name: string): T | undefined {
  const [only, ...others] = meant(all, name.toLowerCase().replaceAll('_', '-'));
  if (only === undefined || others.length === 0) return only;
  const names = [only, ...others].map((other) => other.name).join(', ');
  throw misused(`"${name}" may be ${names}: write more of it.`);
}

function meant<T extends Named>(all: readonly T[], name: string): readonly T[] {
  const exact = all.find((each) => namesOf(each).includes(name));
  return exact === undefined ? beginning(all, name) : [exact];
}

function beginning<T extends Named>(all: readonly T[], name: string): readonly T[] {
  return all.filter((each) => namesOf(each).some((other) => other.startsWith(name)));
}

/** Those of which a name begins so. */
export function matchingParameters(parameters: readonly Parameter[], name: string): readonly Parameter[] {
  return beginning(parameters, name);
}

/** There is no parameter of that name. */
export class UnknownParameterError extends CommandError {
  /** As typed, without dashes. */
  readonly parameter: string;
  readonly candidates: readonly string[];

  constructor(parameter: string, parameters: readonly Parameter[]) {
    super(exitStatus.misused, `There is no parameter "-${shortened(parameter)}".`);
    this.parameter = parameter;
    this.candidates = [...parameters.flatMap(namesOf), 'help'];
  }
}

const mostRepeated = 60;

/** A word as a sentence repeats it: of one that would fill the screen its beginning. */
export function shortened(word: string): string {
  return word.length <= mostRepeated
    ? word
    : `${word.slice(0, mostRepeated).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** The command line is wrong. */
export function misused(message: string): CommandError {
  return new CommandError(exitStatus.misused, message);
}

function namesOf({ name, aliases }: Named): readonly string[] {
  return aliases === undefined ? [name] : [name, ...aliases];
}

/** Whether the word is a parameter where no value is awaited. Numbers below zero, and a dash alone, are values. */
export function isName(word: string): boolean {
  return /^--?[a-z]/i.test(word);
}

function splitName(word: string): readonly [name: string, inline: string | undefined] {
  const start = word.startsWith('--') ? 2 : 1;
  const equals = word.indexOf('=');
  // Underscores are what the API writes.
  const name = word.slice(start, equals < 0 ? undefined : equals).replaceAll('_', '-');
  return [name.toLowerCase(), equals < 0 ? undefined : word.slice(equals + 1)];
}

/** Whether the next word is the value of this parameter. */
function takes({ value }: Parameter, next: string, parameters: readonly Parameter[]): boolean {
  const isSwitched = next === 'true' || next === 'false';
  if (value.kind === 'switch') return isSwitched;
  // A bare word after `-watch` would be read as a number by one person, and as the name of a record by another.
  if (mayBeBare(value) && next === '--') return false;
  if (!isName(next)) return true;
  const [name] = splitName(next);
  return matchingParameters(parameters, name).length === 0;
}

/** Whether it is a switch and a number at once. */
export function mayBeBare(value: Parameter['value']): value is BareInteger {
  return value.kind === 'integer' && value.bare !== undefined;
}

type BareInteger = Extract<Parameter['value'], { readonly kind: 'integer' }> & { readonly bare: string };

/** The value of what is a switch and a number at once: `-watch false` is as if it was not there. */
function switched({ name, value }: Parameter, typed: string): string | undefined {
  if (!mayBeBare(value)) return typed;
  if (typed === 'false') return undefined;
  if (typed === 'true') return value.bare;
  if (/^-?\d+$/.test(typed)) return typed;
  throw misused(
    `-${name} takes ${value.placeholder} or nothing, not "${shortened(typed)}". If that names a record, it goes first: "${shortened(typed)} -${name}".`,
  );
}

function valueOfBare({ name, value }: Parameter, next: string | undefined): string {
  if (value.kind === 'secret') return '';
  if (value.kind === 'switch' || value.kind === 'boolean') return 'true';
  if (mayBeBare(value)) return value.bare;
  if (next === undefined) throw misused(`-${name} needs a value.`);
  throw misused(`-${name} needs a value, and "${next}" is a parameter; if it is meant: "-${name}=${next}".`);
}
