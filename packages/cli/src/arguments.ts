import type { Arguments, Parameter } from './command.ts';
import type { Context } from './context.ts';
import { exitStatus } from './exit-status.ts';
import { misused, named, type Parsed, shortened } from './parse.ts';
import { UnknownNameError } from './unknown-name-error.ts';

/** The world that values come from: files, standard input, and who can be asked. */
type Source = Pick<Context, 'terminal' | 'signal'>;

/** Checks what was given against the parameters, and reads files and secrets. */
export async function readArguments(
  parameters: readonly Parameter[],
  { values }: Parsed,
  source: Source,
): Promise<Arguments> {
  const missing = parameters.filter(({ name, isRequired }) => isRequired === true && !isGiven(name, values));
  const unasked = missing.filter(({ value }) => value.kind !== 'secret');
  if (unasked.length > 0) throw misused(`Missing: ${unasked.map(wanted).join(', ')}.`);
  const read = new Map<string, readonly string[]>();
  for (const parameter of parameters) {
    const given = values.get(parameter.name);
    if (given === undefined && !missing.includes(parameter)) continue;
    const typed =
      given?.[0] === '-' && source.terminal.isInputTerminal ? secretOfFile(parameter, parameters) : undefined;
    read.set(
      parameter.name,
      typed === undefined
        ? await valuesOf(parameter, given ?? [''], values, source)
        : [await secretTyped(typed, source)],
    );
  }
  await moveSecretsOfFiles(parameters, values, read, source);
  return {
    has: (name) => read.has(name),
    text: (name) => read.get(name)?.[0],
    list: (name) => read.get(name) ?? [],
  };
}

/** As usage writes it, with the words that it may be. */
function wanted({ name, value, isPositional }: Parameter): string {
  const spelled = isPositional === true ? name.toUpperCase() : `-${name}`;
  return value.kind === 'choice' ? `${spelled} (${value.choices.join(', ')})` : spelled;
}

function isGiven(name: string, values: Parsed['values']): boolean {
  return values.has(name) || values.has(`${name}-file`);
}

async function valuesOf(
  parameter: Parameter,
  given: readonly string[],
  values: Parsed['values'],
  source: Source,
): Promise<readonly string[]> {
  const [first = ''] = given;
  switch (parameter.value.kind) {
    case 'list':
      return parameter.isQuery === true
        ? [given.join(',')]
        : given.flatMap((value) => splitList(value)).map((value) => checked(parameter, value));
    case 'file':
      return [await contents(parameter, first, source)];
    case 'secret':
      if (first !== '') throw secretInArguments(parameter);
      if (values.has(`${parameter.name}-file`))
        throw misused(`-${parameter.name} and -${parameter.name}-file say the same: give one of them.`);
      return [await secretTyped(parameter, source)];
    default:
      return [checked(parameter, await plainNumber(parameter, first))];
  }
}

/** The number that was written with units or commas; everything else as it is. */
async function plainNumber({ name, value, isQuery }: Parameter, text: string): Promise<string> {
  if (isQuery === true || value.kind !== 'integer' || value.unit === undefined || /^-?\d+$/.test(text))
    return text;
  const { quantityOf, wantedQuantity } = await import('./quantity.ts');
  const number = quantityOf(value.unit, text.trim());
  if (number !== undefined) return String(number);
  throw misused(`-${name} is ${wantedQuantity(value.unit, text.trim())}, not "${shortened(text)}".`);
}

/** The value with its spelling made ours; what is a query is for the server to judge. */
function checked({ name, value, isQuery }: Parameter, text: string): string {
  if (isQuery === true && (value.kind === 'integer' || /[!*|<>,{}"]|\.\./.test(text))) return text;
  const wrong = (wanted: string) => misused(`-${name} is ${wanted}, not "${shortened(text)}".`);
  switch (value.kind) {
    case 'integer':
      if (!/^-?\d+$/.test(text)) throw wrong('a whole number');
      return text;
    case 'switch':
    case 'boolean': {
      const spelled = spelledBoolean(text);
      if (spelled === undefined && !(isQuery === true && text === 'null')) throw wrong('true or false');
      return spelled ?? text;
    }
    case 'choice':
    case 'list': {
      if (value.choices === undefined) return text;
      const names = value.kind === 'list' ? (value.names ?? []) : [];
      const choice =
        value.choices.find((each) => comparable(each) === comparable(text)) ?? named(names, text)?.name;
      if (choice === undefined && !(isQuery === true && text === 'null'))
        throw new UnknownNameError(
          exitStatus.misused,
          wrong(`one of ${value.choices.join(', ')}`).message,
          text,
          value.choices,
        );
      return choice ?? text;
    }
    default:
      return text;
  }
}

function spelledBoolean(text: string): string | undefined {
  if (/^(true|yes|on)$/i.test(text)) return 'true';
  return /^(false|no|off)$/i.test(text) ? 'false' : undefined;
}

/** ONTAP's CLI and API write the same keyword as `ESP_TRA`, `esp-tra` and `esp_tra`. */
function comparable(keyword: string): string {
  return keyword.toLowerCase().replaceAll('_', '-');
}

/** At commas outside of double quotes, which are taken away. */
function splitList(text: string): readonly string[] {
  if (text === '') return [];
  const parts = text.match(/(?:"[^"]*"|[^,])+|(?<=,)(?=,|$)|^(?=,)/g) ?? [];
  return parts.map((part) => part.replace(/^"(.*)"$/, '$1').trim());
}

/** The secret that such a file is of. */
function secretOfFile({ name }: Parameter, parameters: readonly Parameter[]): Parameter | undefined {
  return parameters.find((each) => each.value.kind === 'secret' && `${each.name}-file` === name);
}

async function contents(parameter: Parameter, path: string, { terminal }: Source): Promise<string> {
  if (path === '-') return terminal.readInput();
  const { createReadStream } = await import('node:fs');
  const { readText, unreadable } = await import('./input-text.ts');
  const name = `-${parameter.name}: "${path}"`;
  try {
    return await readText(name, createReadStream(path));
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    throw unreadable(name, reasons[String(cause.code)] ?? cause.message);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'you may not read it',
  EISDIR: 'it is a directory',
};

/** Without the value, which must not come back on the screen either. */
function secretInArguments({ name }: Parameter): Error {
  return misused(
    `-${name} takes no value: everybody on this machine can read command lines. ` +
      `Leave the value out to be asked, or give -${name}-file FILE (- is standard input).`,
  );
}

async function secretTyped({ name, help, value }: Parameter, source: Source): Promise<string> {
  const { askedSecret } = await import('./asked-secret.ts');
  return askedSecret({ name, help, isNew: value.kind === 'secret' && value.isNew === true }, source);
}

/** What came by `-shared-key-file` is the value of `-shared-key`. */
async function moveSecretsOfFiles(
  parameters: readonly Parameter[],
  values: Parsed['values'],
  read: Map<string, readonly string[]>,
  { terminal }: Source,
): Promise<void> {
  for (const { name, value } of parameters) {
    const file = `${name}-file`;
    const [text] = read.get(file) ?? [];
    if (value.kind !== 'secret' || text === undefined) continue;
    const { secretOf, warnOfReaders } = await import('./secret-file.ts');
    read.set(name, [secretOf(file, text)]);
    read.delete(file);
    const [path = '-'] = values.get(file) ?? [];
    if (path !== '-') await warnOfReaders(path, terminal);
  }
}
