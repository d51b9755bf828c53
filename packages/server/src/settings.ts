import { readFileSync } from 'node:fs';
import { getSystemErrorMessage, parseArgs } from 'node:util';
import { environmentName, type Option, serveOptions } from './option.ts';

/** What was given for each option, with where it was given so that a wrong value can be traced. */
export type Settings = ReadonlyMap<string, { readonly values: readonly string[]; readonly from: string }>;

/** Switches that belong to the command line alone. */
export interface CommandLine {
  readonly settings: Settings;
  readonly switches: ReadonlySet<string>;
}

/** Something the user must mend on the command line, in the environment or in the file. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Collects settings: a flag beats the environment, which beats the `--config` file. An empty environment variable is
 * an unset one. Throws UsageError on an option nobody knows, in either place; the file is that of `serve`, of which a
 * command takes what concerns it.
 */
export function collectSettings(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  options: readonly Option[],
  switches: readonly string[],
): CommandLine {
  const { values, given } = parseFlags(args, options, switches);
  const configFile = values.get('config')?.[0] ?? (environment['ESPLANADE_CONFIG'] || undefined);
  const settings = new Map<string, { values: readonly string[]; from: string }>();
  const fromFile = configFile === undefined ? undefined : readConfigFile(configFile, serveOptions);
  for (const option of options) {
    const variable = environmentName(option);
    const text = environment[variable];
    const flag = values.get(option.name);
    const filed = fromFile?.get(option.name);
    if (flag !== undefined) settings.set(option.name, { values: flag, from: `--${option.name}` });
    else if (text !== undefined && text !== '')
      settings.set(option.name, { values: option.repeatable ? text.split(',') : [text], from: variable });
    else if (filed !== undefined)
      settings.set(option.name, { values: filed, from: `"${option.name}" in ${configFile}` });
  }
  return { settings, switches: given };
}

function parseFlags(args: readonly string[], options: readonly Option[], switches: readonly string[]) {
  const strings: readonly Pick<Option, 'name' | 'repeatable'>[] = [...options, { name: 'config' }];
  const types = {
    ...Object.fromEntries(strings.map(({ name }) => [name, { type: 'string' as const, multiple: true }])),
    ...Object.fromEntries(switches.map((name) => [name, { type: 'boolean' as const }])),
  };
  const values = new Map<string, readonly string[]>();
  const given = new Set<string>();
  // Not strict: a value may begin with a dash, as that of a number below 0 does, and what is wrong is told in our words.
  const { tokens } = parseArgs({ args: [...args], options: types, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option') throw unexpected(token.kind === 'positional' ? token.value : '--');
    const { name, rawName, value, inlineValue } = token;
    const option = strings.find((each) => each.name === name);
    if (switches.includes(name)) {
      if (value !== undefined) throw new UsageError(`${rawName} takes no value.`);
      given.add(name);
    } else if (option === undefined) {
      throw new UsageError(`There is no option ${rawName}. ${seeHelp}`);
    } else if (value === undefined || (inlineValue === false && value.startsWith('--'))) {
      throw new UsageError(`--${name}: the value is missing. ${seeHelp}`);
    } else {
      values.set(name, [...(values.get(name) ?? []), value]);
    }
  }
  for (const { name, repeatable } of strings) {
    const texts = values.get(name) ?? [];
    if (texts.includes(''))
      throw new UsageError(`--${name}: the value is empty. Leave it out for the default.`);
    if (texts.length > 1 && !repeatable)
      throw new UsageError(`--${name} is given ${texts.length} times; give it once.`);
  }
  return { values, given };
}

const seeHelp = '--help tells what there is.';

/** An argument that nothing is known to be done with. */
function unexpected(argument: string): UsageError {
  return new UsageError(`"${argument}" is one argument too many. ${seeHelp}`);
}

function readConfigFile(path: string, options: readonly Option[]): ReadonlyMap<string, readonly string[]> {
  const parsed = parseJsonObject(path);
  const values = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(parsed)) {
    const option = options.find((candidate) => candidate.name === name);
    if (option === undefined)
      throw new UsageError(
        `${path}: unknown setting "${name}"; known are ${options.map((o) => o.name).join(', ')}.`,
      );
    const list = option.repeatable && Array.isArray(value) ? value : [value];
    const texts = list.filter((item) => typeof item === 'string');
    if (texts.length !== list.length)
      throw new UsageError(
        `${path}: "${name}" must be a string${option.repeatable ? ' or an array of strings' : ''}.`,
      );
    if (texts.includes(''))
      throw new UsageError(`"${name}" in ${path}: the value is empty. Leave it out for the default.`);
    values.set(name, texts);
  }
  return values;
}

function parseJsonObject(path: string): object {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--config: cannot read ${path}: ${reasonOf(error)}.`, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${reasonOf(error)}.`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${path} must hold one JSON object, {"listen": "…", …}.`);
  return value;
}

/** The sentence of an error, for people. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the operating system says, without the names of its error and of the call, which are ours. */
export function systemReasonOf(error: unknown): string {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number'
    ? getSystemErrorMessage(error.errno)
    : reasonOf(error);
}
