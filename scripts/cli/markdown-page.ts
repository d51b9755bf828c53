import {
  type DocumentedCommand,
  type DocumentedGroup,
  exitStatusRows,
  globalParameters,
  meaning,
  spelling,
  typedLines,
  usage,
} from '@esplanade/cli/documentation';
import { beginning, environment, formats, profiles, type Section, selecting, writing } from './texts.ts';

/** docs/cli.md. */
export function markdownPage(groups: readonly DocumentedGroup[]): string {
  return [
    '# The command line',
    'Generated from the commands by `npm run docs`. `esplanade --help` and `man esplanade` say the same; what is in one directory of commands is in one page of the manual, such as `man esplanade-security-ipsec-policy`. Why it is as it is: [decision 20](decisions/0020-command-line.md).',
    ...[beginning, writing, selecting, formats, profiles].map(sectionText),
    '## What every command takes that asks the server',
    table(['parameter', 'what it is'], globalParameters.map(parameterRow)),
    sectionText(environment),
    '## Exit statuses',
    table(
      ['status', 'meaning'],
      exitStatusRows().map(([status, text]) => [String(status), text]),
    ),
    '## Commands',
    ...groups.flatMap(groupText),
  ]
    .join('\n\n')
    .concat('\n');
}

function sectionText({ title, paragraphs, rows, lines }: Section): string {
  return [
    `## ${title}`,
    ...paragraphs,
    ...(rows === undefined
      ? []
      : [
          table(
            ['', ''],
            rows.map(([term, text]) => [`\`${cell(term)}\``, cell(text)]),
          ),
        ]),
    ...(lines === undefined ? [] : [codeBlock(lines)]),
  ].join('\n\n');
}

function groupText({ words, summary, commands }: DocumentedGroup): readonly string[] {
  const [first] = commands;
  const isAlone = commands.length === 1 && first?.words.length === 1;
  return [`### ${words.join(' ')}`, `${summary}.`, ...commands.flatMap((each) => commandText(each, isAlone))];
}

function commandText(
  { words, summary, command, parameters }: DocumentedCommand,
  isAlone: boolean,
): readonly string[] {
  const { description, examples } = command;
  return [
    ...(isAlone ? [] : [`#### ${words.join(' ')}`, `${summary}.`]),
    `\`${usage(words, parameters)}\``,
    ...description.map(escaped),
    ...(parameters.length === 0 ? [] : [table(['parameter', 'what it is'], parameters.map(parameterRow))]),
    ...(examples.length === 0
      ? []
      : [codeBlock(examples.map(({ line, explains }) => [`esplanade ${line}`, explains]))]),
  ];
}

function parameterRow(parameter: (typeof globalParameters)[number]): readonly string[] {
  return [`\`${cell(spelling(parameter))}\``, cell(escaped(meaning(parameter)))];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

function codeBlock(lines: readonly (readonly [line: string, explains: string])[]): string {
  return [
    '```',
    ...lines.map(([line, explains]) => `${typedLines(line, 80).join('\n')}\n    # ${explains}`),
    '```',
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** Prose of commands is plain text: what Markdown would take for marks is not meant. */
function escaped(text: string): string {
  return text.replaceAll(/[*_<>]/g, '\\$&');
}
