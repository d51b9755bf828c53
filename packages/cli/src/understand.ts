import type { Arguments, Command, Parameter } from './command.ts';
import { parametersOf } from './parameters.ts';
import { misused, type Parsed, parse } from './parse.ts';
import type { World } from './world.ts';

/** What the words after those of a command come to. */
export type Understood =
  | { readonly kind: 'question'; readonly question: NonNullable<Parsed['question']> }
  | { readonly kind: 'given'; readonly given: Arguments };

/** Reads the words after those of the command, the files they name, and the secrets that are to be asked for. */
export async function understand(
  command: Command,
  words: readonly string[],
  world: World,
): Promise<Understood> {
  const parameters = parametersOf(command);
  const { selectors = [] } = command;
  const { asked, parsed } = await parseWords(command, words);
  const question = asked?.question ?? parsed.question;
  if (question !== undefined) return { kind: 'question', question };
  refuseMistaken(parameters, parsed, asked);
  const { readArguments } = await import('./arguments.ts');
  const given = await readArguments(parameters, parsed, world);
  if (asked === undefined) return { kind: 'given', given };
  return { kind: 'given', given: { ...given, where: await readArguments(selectors, asked, world) } };
}

/** Before anything is asked for or sent: that would be as another account than was meant. */
function refuseMistaken(parameters: readonly Parameter[], parsed: Parsed, asked: Parsed | undefined): void {
  for (const { name, aliases: [alias] = [], mistaken } of parameters) {
    if (mistaken === undefined || !parsed.values.has(mistaken)) continue;
    if (parsed.values.has(name) || asked?.values.has(name)) continue;
    throw misused(`-${mistaken} is who asks; the account is -${name}${alias ? `, or -${alias}` : ''}.`);
  }
}

/** What the words say, of the query in braces and of the parameters. Throws a CommandError `misused` where they cannot be. */
export async function parseWords(
  command: Command,
  words: readonly string[],
): Promise<{ readonly asked: Parsed | undefined; readonly parsed: Parsed }> {
  const [query, rest] = await withoutQuery(command, words);
  return {
    asked: query && parse(command.selectors ?? [], query),
    parsed: parse(parametersOf(command), rest),
  };
}

/** The words of a query in braces, where the command knows what that is, and the others. */
async function withoutQuery(
  { selectors }: Command,
  words: readonly string[],
): Promise<readonly [query: readonly string[] | undefined, rest: readonly string[]]> {
  if (words[0]?.startsWith('{') !== true) return [undefined, words];
  if (selectors === undefined) {
    if (words[0].startsWith('{-'))
      throw misused(
        'A query in braces is for modify and delete. Leave the braces out: parameters of show are queries.',
      );
    return [undefined, words];
  }
  const { takeExtendedQuery } = await import('./extended-query.ts');
  return takeExtendedQuery(words);
}
