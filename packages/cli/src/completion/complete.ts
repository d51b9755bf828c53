import type { CommandEntry, Named, Parameter, ValueSource } from '../command.ts';
import { isHarmful } from '../output/printable.ts';
import { globalParameters, parametersOf } from '../parameters.ts';
import { isName, matchingParameters, mayBeBare } from '../parse.ts';
import { entriesUnder, findCommand, nextWords } from '../words.ts';
import { wordsFirst } from '../words-first.ts';

/** Something that could be typed next. */
export interface Candidate {
  /** The whole word, without quotes of a shell. */
  readonly value: string;
  /** What the word means, where it is not written so: in a query `"n*"` is the name `n*`. It is found by either. */
  readonly meaning?: string;
  readonly description?: string;
}

interface Values {
  readonly kind: 'values';
  readonly candidates: readonly Candidate[];
}

export type Completion =
  | Values
  /** The shell knows better. */
  | { readonly kind: 'files' };

/** A value that is already given for another field of the same records. */
export interface GivenField {
  readonly field: string;
  readonly value: string;
  /** Whether the value is a query. */
  readonly isQuery: boolean;
}

/** What is asked of the server. */
export interface ValueQuestion {
  readonly source: ValueSource;
  /** What the values begin with. */
  readonly prefix: string;
  /** Fields of the same records that are given already. */
  readonly fields: readonly GivenField[];
  /** Whether the values are to be written as queries for themselves. */
  readonly isQuery: boolean;
  /** What the line gives for a parameter, such as `url`. */
  given(name: string): string | undefined;
}

/** What completion needs. */
export interface CompletionWorld {
  readonly commands: readonly CommandEntry[];
  /** Names of profiles. */
  profiles(): Promise<readonly string[]>;
  /** Values from the server. None where they cannot be had. */
  values(question: ValueQuestion): Promise<readonly Candidate[]>;
}

const nothing: Values = { kind: 'values', candidates: [] };

/** What could stand in the place of `partial`, after the finished `words` of the line (without the name of the program). */
export async function complete(
  words: readonly string[],
  partial: string,
  world: CompletionWorld,
): Promise<Completion> {
  const ordered = inOrder(words);
  const isBeforeCommand = ordered.length === 0 || (ordered !== words && ordered[0]?.startsWith('-'));
  if (isBeforeCommand) {
    const { open } = givenSoFar(words, globalParameters);
    return open !== undefined || partial.startsWith('-')
      ? completeArguments(globalParameters, words, partial, world)
      : values(wordsAfter([], world.commands), partial);
  }
  const found = findCommand(world.commands, ordered);
  if (found.kind === 'group') return values(wordsAfter(found.words, world.commands), partial);
  if (found.kind !== 'command') return nothing;
  const { entry, rest } = found;
  // A command may be the beginning of the words of others.
  const further = rest.length > 0 ? nothing : values(wordsAfter(entry.words, world.commands), partial);
  const own = await completeArguments(parametersOf(await entry.load()), rest, partial, world);
  if (own.kind === 'files') return further.candidates.length > 0 ? further : own;
  return values([...further.candidates, ...own.candidates], partial);
}

/** Global parameters may stand before the command. What is none stays where it is, and leads nowhere. */
function inOrder(words: readonly string[]): readonly string[] {
  const isNamed = named(globalParameters, words[0]?.split('=', 1)[0] ?? '') !== undefined;
  return isNamed ? wordsFirst(words) : words;
}

function wordsAfter(path: readonly string[], commands: readonly CommandEntry[]): readonly Candidate[] {
  return nextWords(commands, path).map((value) => {
    const below = [...path, value];
    const own = entriesUnder(commands, below).find(({ words }) => words.length === below.length);
    return { value, description: own?.summary ?? nextWords(commands, below).join(', ') };
  });
}

async function completeArguments(
  parameters: readonly Parameter[],
  words: readonly string[],
  partial: string,
  world: CompletionWorld,
): Promise<Completion> {
  const { given, open } = givenSoFar(words, parameters);
  const ofParameter = (parameter: Parameter, text: string): Promise<Completion> =>
    completeValue(parameter, text, given, world);
  if (open !== undefined && !mayBeBare(open.value)) return ofParameter(open, partial);
  const [, head, text] = assignment.exec(partial) ?? [];
  if (head !== undefined && text !== undefined) {
    const parameter = named(parameters, head);
    const completion = parameter === undefined ? nothing : await ofParameter(parameter, text);
    return completion.kind === 'files'
      ? completion
      : values(after(`${head}=`, completion.candidates), partial);
  }
  const free = parameters.filter((parameter) => !given.has(parameter) || parameter.value.kind === 'list');
  if (partial.startsWith('-')) return values(parameterNames(free, partial), partial);
  // Where a number may come, a bare word names no record.
  const [positional, ...others] = free.filter(
    (parameter) => parameter.isPositional && !given.has(parameter) && open === undefined,
  );
  const bare = positional === undefined ? nothing : await ofParameter(positional, partial);
  if (bare.kind === 'files') return bare;
  // Alone a bare word is the name, whatever comes before that in the order.
  const name = positional?.isRequired ? undefined : others.find(({ isName }) => isName);
  const alone = name === undefined ? nothing : await ofParameter(name, partial);
  const names = [...bare.candidates, ...(alone.kind === 'values' ? alone.candidates : [])];
  const bareWords = names.filter((candidate) => !isName(candidate.value));
  if (partial !== '') return values(bareWords, partial);
  // First what the command cannot do without; of what every command understands nothing, unless a dash is typed.
  const missing = free.filter((parameter) => parameter.isRequired);
  const own = free.filter((parameter) => !globalParameters.includes(parameter));
  return values([...bareWords, ...parameterNames(missing.length > 0 ? missing : own, partial)], partial);
}

/** `--name=value` */
const assignment = /^(--?[a-z][^=]*)=(.*)$/is;

/** What is given already, and the parameter whose value comes next. What is wrong in it is told when the line is run. */
function givenSoFar(
  words: readonly string[],
  parameters: readonly Parameter[],
): { readonly given: ReadonlyMap<Parameter, string>; readonly open?: Parameter } {
  const given = new Map<Parameter, string>();
  let open: Parameter | undefined;
  for (const word of words) {
    const [, head = word, value] = assignment.exec(word) ?? [];
    const parameter = named(parameters, head);
    if (parameter !== undefined) {
      given.set(parameter, value ?? '');
      open = value === undefined && needsValue(parameter) ? parameter : undefined;
    } else if (open !== undefined) {
      given.set(open, word);
      open = undefined;
    } else {
      const positional = parameters.find((candidate) => candidate.isPositional && !given.has(candidate));
      if (positional !== undefined) given.set(positional, word);
    }
  }
  return open === undefined ? { given } : { given, open };
}

/** The parameter that `-name` names, which may be shortened as long as it is the only one. */
function named(parameters: readonly Parameter[], word: string): Parameter | undefined {
  const name = /^--?([a-z].*)$/is.exec(word)?.[1];
  if (name === undefined) return undefined;
  const matching = matchingParameters(parameters, name);
  const exact = matching.find((parameter) => parameter.name === name || parameter.aliases?.includes(name));
  return exact ?? (matching.length === 1 ? matching[0] : undefined);
}

function needsValue({ value }: Parameter): boolean {
  return value.kind !== 'switch' && value.kind !== 'secret';
}

/** With as many dashes as were typed. */
function parameterNames(parameters: readonly Parameter[], partial: string): readonly Candidate[] {
  const dashes = partial.startsWith('--') ? '--' : '-';
  const typed = partial.replace(/^-*/, '');
  return parameters.map((parameter) => ({
    value: dashes + nameLike(parameter, typed),
    description: parameter.help,
  }));
}

/** The name, or another one where that is what is being typed. */
function nameLike({ name, aliases = [] }: Named, typed: string): string {
  return [name, ...aliases].find((each) => each.startsWith(typed)) ?? name;
}

const filePlaceholders: ReadonlySet<string> = new Set(['FILE', 'DIR']);

async function completeValue(
  parameter: Parameter,
  text: string,
  given: ReadonlyMap<Parameter, string>,
  world: CompletionWorld,
): Promise<Completion> {
  const { value, isQuery } = parameter;
  if (
    value.kind === 'file' ||
    (value.kind === 'text' && filePlaceholders.has(value.placeholder.toUpperCase()))
  )
    return { kind: 'files' };
  // What stands before the value that is being typed: earlier ones of a list or of a query, and what negates it.
  const isList = value.kind === 'list';
  const separators = `${isList ? ',' : ''}${isQuery ? '|' : ''}`;
  const [head = ''] =
    separators === ''
      ? []
      : (new RegExp(`^(.*[${separators}])?${isQuery ? '!?' : ''}`, 's').exec(text) ?? []);
  const prefix = text.slice(head.length);
  const candidates = after(head, await valuesOf(parameter, prefix, given, world));
  if (!isList) return values(candidates, text);
  const already = new Set(head.split(','));
  return values(
    candidates.filter((candidate) => !already.has(candidate.value.slice(head.length))),
    text,
  );
}

async function valuesOf(
  { name, value, source, isQuery = false }: Parameter,
  prefix: string,
  given: ReadonlyMap<Parameter, string>,
  world: CompletionWorld,
): Promise<readonly Candidate[]> {
  if (name === 'profile') return (await world.profiles()).map((profile) => ({ value: profile }));
  if (value.kind === 'boolean') return [{ value: 'true' }, { value: 'false' }];
  if (value.kind === 'list' && value.names !== undefined)
    return value.names.map((each) => ({ value: nameLike(each, prefix) }));
  const choices = value.kind === 'choice' || value.kind === 'list' ? value.choices : undefined;
  if (choices !== undefined) return choices.map((choice) => ({ value: choice }));
  if (source === undefined) return [];
  const [, quote = '', beginning = ''] = (isQuery ? /^(["{]?)(.*)$/s : /^()(.*)$/s).exec(prefix) ?? [];
  // It says already what is to match.
  if (isQuery && quote === '' && /[*<>=]|\.\./.test(beginning)) return [];
  const byName = new Map([...given].map(([parameter, text]) => [parameter.name, text]));
  const fields = [...given].flatMap(([{ source: other, isQuery: isOther }, text]) =>
    other?.path === source.path && other.field !== source.field && text !== ''
      ? [{ field: other.field, value: text, isQuery: isOther === true }]
      : [],
  );
  return world.values({ source, prefix: beginning, fields, isQuery, given: (name) => byName.get(name) });
}

function after(head: string, candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.map(({ value, meaning, ...candidate }) => ({
    ...candidate,
    value: head + value,
    ...(meaning !== undefined && { meaning: head + meaning }),
  }));
}

/** Those that begin with what is typed. What a terminal would act upon is left out. */
function values(candidates: readonly Candidate[], partial: string): Values {
  const fitting = candidates.filter(
    ({ value, meaning }) =>
      (value.startsWith(partial) || meaning?.startsWith(partial) === true) && !isHarmful(value),
  );
  const byValue = new Map(fitting.map((candidate) => [candidate.value, candidate]));
  return { kind: 'values', candidates: [...byValue.values()] };
}
