import type { Command, CommandEntry, Parameter } from './command.ts';
import { groupSummaries } from './groups.ts';
import {
  helpWidth,
  meaning,
  placeholder,
  spelling,
  toType,
  twoColumns,
  typedLines,
  usageLines,
  wrap,
} from './help-text.ts';
import { globalParameters, parametersOf } from './parameters.ts';
import { entriesUnder, nextWords } from './words.ts';

/** Above so many commands help of a directory shows its next words alone. */
const manyCommands = 16;

/** Where it is read. */
interface Reading {
  readonly columns: number;
  /** What lines begin with there. */
  readonly program?: string | undefined;
}

/** Help of a directory of commands; of the words in it that begin with `prefix`. */
export function groupHelp(
  table: readonly CommandEntry[],
  path: readonly string[],
  prefix: string,
  { columns, program }: Reading,
): string {
  const width = helpWidth(columns);
  const rows = groupRows(table, path, prefix);
  if (path.length === 0 && prefix === '') return generalHelp(rows, width, program);
  const summary = groupSummaries[path.join(' ')];
  return [
    `${toType([...path, 'COMMAND'], program)}\n\n`,
    summary === undefined ? '' : `${wrap(`${summary}.`, width)}\n`,
    twoColumns(rows, width),
    `\n"${toType([...path, 'COMMAND', '--help'], program)}" tells more of one.\n`,
  ].join('');
}

function generalHelp(rows: readonly Row[], width: number, program: string | undefined): string {
  const line = (words: string) => toType([words], program);
  const rowsOf = (words: readonly string[]) =>
    words.flatMap((word) => rows.filter(([term]) => term === word || term === `${word}>`));
  const told = new Set(firstWords.flatMap(([, words]) => rowsOf(words)));
  const others = rows.filter((row) => !told.has(row));
  const sections = [
    ...firstWords.map(([title, words]) => [title, rowsOf(words)] as const),
    ['Other', others] as const,
  ];
  return [
    `${line('COMMAND [PARAMETERS]')}\n\n`,
    wrap(
      "IPsec policies, SAs and certificates of an Esplanade server, or of an ONTAP, in ONTAP's words.",
      width,
    ),
    ...sections
      .filter(([, rows]) => rows.length > 0)
      .map(([title, rows]) => `\n${title}:\n${twoColumns(rows, width)}`),
    '\nBegin with:\n',
    twoColumns(
      program === ''
        ? firstSteps.filter(([line]) => rowsOf(line.split(' ', 1)).length > 0)
        : [...firstSteps.map(([words, what]) => [line(words), what] as const), manual],
      width,
    ),
    '\n',
    wrap(
      `More of a command: "${line('COMMAND --help')}"; of what is in a directory (>): "${line('security ?')}". ` +
        `Words may be cut short as long as they are clear: "${line('sec ips pol sh')}".`,
      width,
    ),
    '\nEvery command that asks the server takes:\n',
    twoColumns(
      globalParameters.map((parameter) => [spelling(parameter), meaning(parameter)]),
      width,
    ),
  ].join('');
}

/** The first words of commands, by what people are after. */
const firstWords: readonly (readonly [title: string, words: readonly string[]])[] = [
  ['See how it is', ['status', 'top', 'version']],
  ['Manage', ['security', 'vserver', 'network', 'cluster', 'datapath', 'simulator']],
  ['Reach a server', ['login', 'logout', 'profile', 'shell', 'completion']],
  ['Run a server on this machine', ['serve', 'backup', 'restore', 'admin', 'audit', 'key']],
];

const firstSteps: readonly Row[] = [
  ['serve', 'a server on this machine, with a simulator where there is no strongSwan'],
  ['login https://127.0.0.1:8443', 'once: trust its certificate, and keep the account'],
  ['status', 'is IPsec on, what is not up, and why'],
  ['security ipsec policy create --help', 'how to protect something, with examples'],
];

const manual: Row = ['man esplanade', 'everything, once the package is installed'];

type Row = readonly [term: string, meaning: string];

/** All commands of a small directory, and the next words of a large one, where `>` marks directories as in ONTAP's CLI. */
function groupRows(table: readonly CommandEntry[], path: readonly string[], prefix: string): readonly Row[] {
  const entries = entriesUnder(table, path);
  if (path.length > 0 && prefix === '' && entries.length <= manyCommands)
    return entries.map(({ words, summary }) => [words.slice(path.length).join(' '), summary]);
  return nextWords(table, path)
    .filter((word) => word.startsWith(prefix))
    .map((word) => {
      const words = [...path, word];
      const command = table.find((entry) => entry.words.join(' ') === words.join(' '));
      if (command !== undefined) return [word, command.summary];
      return [`${word}>`, groupSummaries[words.join(' ')] ?? nextWords(table, words).join(', ')];
    });
}

/** Help of a command: how it is written, what it does, its parameters, and lines to learn from. */
export function commandHelp(
  { words, summary }: CommandEntry,
  command: Command,
  { columns, program }: Reading,
): string {
  const width = helpWidth(columns);
  const { description, examples } = command;
  const parameters = parametersOf(command);
  const own = parameters.filter((parameter) => !globalParameters.includes(parameter));
  const common = parameters.filter((parameter) => globalParameters.includes(parameter));
  return [
    usageLines(words, own, width, program)
      .map((line) => `${line}\n`)
      .join(''),
    `\n${wrap(`${summary}.`, width)}`,
    ...description.map((paragraph) => `\n${wrap(paragraph, width)}`),
    own.length === 0 ? '' : '\nParameters:\n',
    twoColumns(
      own.map((parameter) => [spelling(parameter), meaning(parameter)]),
      width,
    ),
    common.length === 0
      ? ''
      : `\n${wrap(`Also ${common.map(({ name }) => `-${name}`).join(', ')}: "${toType(['--help'], program)}".`, width)}`,
    own.some(({ isQuery }) => isQuery === true) ? `\n${wrap(queryHelp, width)}` : '',
    command.selectors === undefined ? '' : `\n${wrap(extendedQueryHelp, width)}`,
    examples.length === 0 ? '' : '\nExamples:\n',
    ...examples.map(({ line, explains }) => {
      const lines = typedLines(toType([line], program), width - 2).map((each) => `  ${each}\n`);
      return `${lines.join('')}${wrap(explains, width, '      ')}`;
    }),
  ].join('');
}

/** How values select, in one paragraph. */
const queryHelp =
  'Values select: nfs* begins so, !x is not x, a|b is either, 1..5 lies between, >100 is greater, null is unset; numbers and times as they are shown, too: >1.2 GB. ' +
  'Put them in quotes, because shells read such characters too.';

/** What may stand before the parameters. */
const extendedQueryHelp =
  'A query in braces in front selects by any field, also one that is changed: {-PARAMETER VALUE ...}.';

/** Help of one parameter: `-action ?`. */
export function parameterHelp(parameter: Parameter, { columns }: Reading): string {
  const { value } = parameter;
  const choices = 'choices' in value ? (value.choices ?? []) : [];
  const shown = choices.length === 0 ? placeholder(parameter) : choices.join(', ');
  return twoColumns(
    [[`-${parameter.name}`, `${meaning(parameter)}${shown === '' ? '' : `: ${shown}`}`]],
    helpWidth(columns),
  );
}
