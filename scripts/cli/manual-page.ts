import {
  type DocumentedCommand,
  type DocumentedGroup,
  exitStatusRows,
  globalParameters,
  meaning,
  spelling,
  typedLines,
  usageLines,
} from '@esplanade/cli/documentation';
import { beginning, environment, formats, profiles, type Section, selecting, writing } from './texts.ts';

/** esplanade(1): what holds for all commands, and which there are. */
export function generalManual(groups: readonly DocumentedGroup[]): string {
  return [
    head('esplanade'),
    '.SH NAME',
    'esplanade \\- IPsec policies, SAs and certificates in the words of ONTAP',
    '.SH SYNOPSIS',
    '.B esplanade',
    '.I COMMAND',
    '.RI [ PARAMETERS ]',
    ...[beginning, writing, selecting, formats, profiles].flatMap(sectionLines),
    '.SH GLOBAL PARAMETERS',
    'Every command that asks the server takes these.',
    ...globalParameters.flatMap(parameterLines),
    '.SH COMMANDS',
    'Each directory of commands has a page of its own.',
    ...groups.flatMap(({ words, summary }) => ['.TP', bold(pageName(words), '(1)'), text(summary)]),
    ...sectionLines(environment),
    '.SH EXIT STATUS',
    ...exitStatusRows().flatMap(([status, what]) => ['.TP', `.B ${status}`, text(what)]),
    '.SH SEE ALSO',
    '.BR esplanade\\-charon (8),',
    '.BR esplanade\\-kernel\\-reader (8)',
    '',
  ].join('\n');
}

/** The page of a directory of commands. */
export function groupManual({ words, summary, commands }: DocumentedGroup): string {
  return [
    head(pageName(words)),
    '.SH NAME',
    `${escaped(pageName(words))} \\- ${text(lowered(summary))}`,
    '.SH SYNOPSIS',
    '.nf',
    ...commands.flatMap(({ words, parameters }) => usageLines(words, parameters, pageWidth).map(text)),
    '.fi',
    ...commands.flatMap((command) => commandLines(command, commands.length === 1)),
    '.SH SEE ALSO',
    '.BR esplanade (1)',
    'has global parameters, formats, queries and exit statuses.',
    '',
  ].join('\n');
}

/** `esplanade-security-ipsec-policy`. */
export function pageName(words: readonly string[]): string {
  return ['esplanade', ...words].join('-');
}

/** What a page of 80 columns has between its margins. */
const pageWidth = 72;

function commandLines(
  { words, summary, command, parameters }: DocumentedCommand,
  isAlone: boolean,
): readonly string[] {
  const { description, examples } = command;
  return [
    `.SH ${isAlone ? 'DESCRIPTION' : quoted(words.join(' ').toUpperCase())}`,
    text(`${summary}.`),
    ...description.flatMap((paragraph) => ['.PP', text(paragraph)]),
    ...parameters.flatMap(parameterLines),
    ...(examples.length === 0 ? [] : ['.SS Examples']),
    ...examples.flatMap(({ line, explains }) => [
      '.PP',
      '.nf',
      ...typedLines(`esplanade ${line}`, pageWidth).map((each) => bold(each)),
      '.fi',
      '.RS',
      text(explains),
      '.RE',
    ]),
  ];
}

function parameterLines(parameter: (typeof globalParameters)[number]): readonly string[] {
  return ['.TP', bold(spelling(parameter)), text(`${meaning(parameter)}.`)];
}

function sectionLines({ title, paragraphs, rows = [], lines = [] }: Section): readonly string[] {
  return [
    `.SH ${quoted(title.toUpperCase())}`,
    ...paragraphs.flatMap((paragraph, index) => [...(index === 0 ? [] : ['.PP']), marked(paragraph)]),
    ...rows.flatMap(([term, what]) => ['.TP', bold(term), marked(what)]),
    ...lines.flatMap(([line, what]) => ['.TP', bold(line), marked(what)]),
  ];
}

function head(name: string): string {
  return `.TH ${quoted(name.toUpperCase())} 1 "" Esplanade Esplanade`;
}

function bold(term: string, roman = ''): string {
  return `\\fB${escaped(term)}\\fR${roman}`;
}

/** With what stands in backticks in bold. */
function marked(paragraph: string): string {
  return text(paragraph).replaceAll(/`([^`]*)`/g, '\\fB$1\\fR');
}

/** A line of prose: no request, whatever it begins with. */
function text(paragraph: string): string {
  return escaped(paragraph).replace(/^(?=[.'])/, '\\&');
}

function quoted(words: string): string {
  return `"${escaped(words).replaceAll('"', '')}"`;
}

/** Hyphens are minus signs here, as they are in what is typed; characters beyond ASCII have names in roff. */
function escaped(plain: string): string {
  return plain
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('’', '\\(cq')
    .replaceAll('“', '\\(lq')
    .replaceAll('”', '\\(rq')
    .replaceAll('…', '...')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha');
}

function lowered(summary: string): string {
  return /^[A-Z][a-z]/.test(summary) ? summary.charAt(0).toLowerCase() + summary.slice(1) : summary;
}
