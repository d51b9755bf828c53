import type { Command, CommandEntry } from './command.ts';
import { commandTable } from './command-table.ts';
import { exitStatus } from './exit-status.ts';
import { groupSummaries } from './groups.ts';
import { globalParameters, parametersOf } from './parameters.ts';

export { meaning, spelling, typedLines, usage, usageLines } from './help-text.ts';
export { globalParameters };

/** A command with what it says of itself. */
export interface DocumentedCommand {
  readonly words: readonly string[];
  readonly summary: string;
  readonly command: Command;
  /** What it takes besides what every command does. */
  readonly parameters: Command['parameters'];
}

/** The commands of one directory, or one that is in none: what is read together. */
export interface DocumentedGroup {
  readonly words: readonly string[];
  readonly summary: string;
  readonly commands: readonly DocumentedCommand[];
}

/** Every command, by directory, in alphabetical order of these. Loads them all. */
export async function documentedGroups(): Promise<readonly DocumentedGroup[]> {
  const groups = Map.groupBy(commandTable, ({ words }) => groupOf(words).join(' '));
  const names = [...groups.keys()].sort();
  return Promise.all(names.map((name) => documentedGroup(name, groups.get(name) ?? [])));
}

function groupOf(words: readonly string[]): readonly string[] {
  return words.length === 1 ? words : words.slice(0, -1);
}

async function documentedGroup(name: string, entries: readonly CommandEntry[]): Promise<DocumentedGroup> {
  const summary = groupSummaries[name] ?? entries[0]?.summary ?? '';
  const commands = await Promise.all(entries.map(documentedCommand));
  return { words: name.split(' '), summary, commands };
}

async function documentedCommand({ words, summary, load }: CommandEntry): Promise<DocumentedCommand> {
  const command = await load();
  const common = new Set(globalParameters);
  return {
    words,
    summary,
    command,
    parameters: parametersOf(command).filter((parameter) => !common.has(parameter)),
  };
}

/** What each exit status means. */
export const exitStatusMeanings: Readonly<Record<keyof typeof exitStatus, string>> = {
  done: 'done; also when a `show` finds nothing',
  failed: 'could not be done, for a reason that has no number of its own',
  misused:
    'the command line is wrong: an unknown word or parameter, a value that cannot be, or no `-force` where several would change. Nothing was changed',
  notFound: 'nothing has that name, or matches',
  notAllowed: 'not logged in, a wrong password, or an account that may not do that',
  conflict: 'in conflict with what is there, such as a name that is taken',
  invalid:
    'the server refused a value; also where ONTAP takes a name that is not there for one, as that of the SVM of a new policy',
  notReached:
    'no answer from the server, not even about what became of a change; or its certificate is not the known one',
  unavailable: 'the server answers, and cannot do it now',
  interrupted: 'Ctrl-C: shells make this of SIGINT, which the command ends by, so that their loops end too',
};

/** The statuses with their meanings, in order. */
export function exitStatusRows(): readonly (readonly [status: number, meaning: string])[] {
  const ours = Object.entries(exitStatusMeanings).map(([name, meaning]): readonly [number, string] => [
    statusOf(name),
    meaning,
  ]);
  return [...ours, [141, 'whoever read the results went away, as `head` does']];
}

function statusOf(name: string): number {
  return Object.entries(exitStatus).find(([each]) => each === name)?.[1] ?? exitStatus.failed;
}
