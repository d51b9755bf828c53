import { describe, expect, it } from 'vitest';
import { commandTable } from './command-table.ts';
import { documentedGroups, exitStatusRows, typedLines, usage, usageLines } from './documentation.ts';
import { exitStatus } from './exit-status.ts';
import { groupSummaries } from './groups.ts';
import { groupHelp } from './help.ts';
import { parametersOf } from './parameters.ts';
import { parse } from './parse.ts';
import { entriesUnder, findCommand } from './words.ts';

const groups = await documentedGroups();
const commands = groups.flatMap((group) => group.commands);

/** What a shell makes of lines that end in a backslash. */
function joined(lines: readonly string[]): string {
  return lines
    .map((line) => line.trimStart())
    .join('\n')
    .replaceAll('\\\n', '');
}

/** As a shell splits a line: what it would replace is a word, and what it would do with the result is left out. */
function split(line: string): readonly string[] {
  const [command = ''] = line.replaceAll(/\$\([^)]*\)/g, 'today').split(/ (?:&&|[<>|])/);
  const words = command.match(/(?:"[^"]*"|'[^']*'|\S)+/g) ?? [];
  return words.map((word) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}

describe('the table of commands', () => {
  it('has each command once', () => {
    const lines = commandTable.map(({ words }) => words.join(' '));
    expect(lines).toEqual([...new Set(lines)]);
  });

  it('has a summary of each directory, and of no other', () => {
    const directories = commandTable.flatMap(({ words }) =>
      words.slice(1).map((_word, index) => words.slice(0, index + 1).join(' ')),
    );
    expect(Object.keys(groupSummaries).sort()).toEqual([...new Set(directories)].sort());
  });

  it('has every first word among what people are after', () => {
    expect(groupHelp(commandTable, [], '', { columns: 80 })).not.toContain('Other:');
  });
});

describe.each(commands.map((each) => [each.words.join(' '), each] as const))('%s', (_line, documented) => {
  const { words, summary, command } = documented;
  const parameters = parametersOf(command);

  it('is told in sentences, and its summaries without a full stop', () => {
    expect(summary).toMatch(/^[A-Z].*[^.]$/);
    expect(command.description.length).toBeGreaterThan(0);
    for (const paragraph of command.description) expect(paragraph).toMatch(/[.:!?)]$/);
    for (const { help } of parameters) expect(help).toMatch(/[^.\s]$/);
  });

  it('can be watched where it shows how things are', () => {
    const isShowing = words.at(-1)?.startsWith('show') || ['status', 'version'].includes(words.join(' '));
    if (isShowing) expect(parameters.map(({ name }) => name)).toContain('watch');
  });

  it('has each parameter once', () => {
    const names = parameters.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    expect(names).toEqual([...new Set(names)]);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
    // Where it says which server, it says so for every command.
    const ofConnection = ['profile', 'url', 'user', 'timeout'];
    const own = command.parameters.map(({ name }) => name);
    if (command.isLocal !== true) expect(own.filter((name) => ofConnection.includes(name))).toEqual([]);
  });

  it('has a synopsis that fits a page, broken between what belongs together', () => {
    const lines = usageLines(words, parameters, 72);
    expect(lines.filter(({ length }) => length > 72)).toEqual([]);
    expect(lines.slice(1).filter((line) => !/^ {4}[[A-Z-]/.test(line))).toEqual([]);
    expect(lines.map((line) => line.trimStart()).join(' ')).toBe(usage(words, parameters));
  });

  it('has examples that it understands, and no abbreviations in them', () => {
    expect(command.examples.length).toBeGreaterThan(0);
    for (const { line } of command.examples) {
      expect(line.replaceAll(/"[^"]*"|'[^']*'/g, '""'), 'a shell reads a query for itself').not.toMatch(
        /[*!]|\S\||\|\S|-\S+ [<>]/,
      );
      const found = findCommand(commandTable, split(line));
      expect(found, line).toMatchObject({ kind: 'command', entry: { words } });
      const lines = typedLines(`esplanade ${line}`, 72);
      expect(
        lines.filter(({ length }) => length > 74),
        'a line fits a page',
      ).toEqual([]);
      expect(joined(lines)).toBe(`esplanade ${line}`);
      if (found.kind !== 'command') return;
      expect(split(line).slice(0, words.length)).toEqual(words);
      const { values } = parse(parameters, found.rest);
      const missing = parameters.filter(
        ({ name, isRequired, value }) =>
          isRequired === true && value.kind !== 'secret' && !values.has(name) && !values.has(`${name}-file`),
      );
      expect(
        missing.map(({ name }) => name),
        line,
      ).toEqual([]);
    }
  });
});

it('tells each exit status, in order', () => {
  const told = exitStatusRows().map(([status]) => status);
  expect(told).toEqual([...told].sort((one, other) => one - other));
  expect(told).toEqual(expect.arrayContaining(Object.values(exitStatus)));
});

it('knows directories by their words alone', () => {
  expect(entriesUnder(commandTable, ['security', 'ipsec']).length).toBeGreaterThan(10);
});
