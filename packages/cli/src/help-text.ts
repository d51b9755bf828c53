import type { Parameter } from './command.ts';

/** Wider lines are hard to read. */
const widestLine = 100;

/** What our lines begin with in other shells than our own. */
const ownName = 'esplanade';

/** The line of these words as it is typed. */
export function toType(words: readonly string[], program: string = ownName): string {
  return [...(program === '' ? [] : [program]), ...words].join(' ');
}

/** The columns that help may take on a terminal of so many. */
export function helpWidth(columns: number): number {
  return Math.max(40, Math.min(columns, widestLine));
}

/** Text in lines of at most `width` characters, each indented; words that are longer stand alone. */
export function wrap(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => `${indent}${each}\n`).join('');
}

/** A line as it is where it fits, and wrapped where it does not. */
export function wrapLonger(line: string, width: number): string {
  return line.length <= width ? `${line}\n` : wrap(line, width);
}

/**
 * A line to type, in lines of at most `width` characters where that can be: broken before parameters and what follows the command,
 * never inside quotes, so that a shell takes them for the one line they are.
 */
export function typedLines(line: string, width: number): readonly string[] {
  const lines: string[] = [];
  let current = '';
  for (const part of line.split(betweenParts)) {
    if (current !== '' && current.length + 1 + part.length + continued.length > width) {
      lines.push(`${current}${continued}`);
      current = `    ${part}`;
    } else current = current === '' ? part : `${current} ${part}`;
  }
  return [...lines, current];
}

const continued = ' \\';

/** Spaces before a parameter or an operator of shells, with an even number of quotes behind them. */
const betweenParts = / (?=(?:--?[a-z]|&&|\||[<>])(?:[^'"]|'[^']*'|"[^"]*")*$)/;

/** Two columns: terms, and what they mean, wrapped beside them; a term that is too long has a line of its own. */
export function twoColumns(
  rows: readonly (readonly [term: string, meaning: string])[],
  width: number,
): string {
  const longest = Math.max(0, ...rows.map(([term]) => term.length));
  const column = 2 + Math.min(longest, Math.floor(width * 0.4)) + 2;
  const indent = ' '.repeat(column);
  return rows
    .map(([term, meaning]) => {
      const beside = wrap(meaning, width, indent);
      return term.length + 4 <= column
        ? `  ${term.padEnd(column - 2)}${beside.slice(column)}`
        : `  ${term}\n${beside}`;
    })
    .join('');
}

/** How a parameter is written: `-action ESP_TRA|BYPASS|DISCARD`. */
export function spelling(parameter: Parameter): string {
  const value = placeholder(parameter);
  return value === '' ? `-${parameter.name}` : `-${parameter.name} ${value}`;
}

/** What stands for the value of a parameter. */
export function placeholder({ value }: Parameter): string {
  switch (value.kind) {
    case 'boolean':
      return 'true|false';
    case 'choice':
      return value.choices.join('|');
    case 'integer':
      return value.bare === undefined ? inCapitals(value.placeholder) : `[${inCapitals(value.placeholder)}]`;
    case 'secret':
    case 'switch':
      return '';
    case 'list':
      return `${inCapitals(value.placeholder)},...`;
    default:
      return inCapitals(value.placeholder);
  }
}

/** One word in capitals, to be seen for what is to be replaced: `VSERVER-NAME`. */
function inCapitals(placeholder: string): string {
  return /^[a-z]|\s/.test(placeholder) ? placeholder.toUpperCase().replaceAll(' ', '-') : placeholder;
}

/** What help says of a parameter, with what holds without it. */
export function meaning({ help, fallback, isRequired, aliases = [] }: Parameter): string {
  const also = aliases.length === 0 ? [] : [`also ${aliases.map((name) => `-${name}`).join(', ')}`];
  const without = fallback === undefined ? [] : [`without it: ${fallback}`];
  const notes = [...(isRequired === true ? ['required'] : []), ...without, ...also];
  return notes.length === 0 ? help : `${help} (${notes.join('; ')})`;
}

/** The first line of help: the words, what must and what may follow. */
export function usage(
  words: readonly string[],
  parameters: readonly Parameter[],
  program: string = ownName,
): string {
  return [toType(words, program), ...operandsOf(parameters)].join(' ');
}

/** The same in lines of at most `width` characters, a parameter and its value in one. */
export function usageLines(
  words: readonly string[],
  parameters: readonly Parameter[],
  width: number,
  program: string = ownName,
): readonly string[] {
  const lines: string[] = [];
  let current = toType(words, program);
  for (const operand of operandsOf(parameters)) {
    if (current.length + 1 + operand.length > width) {
      lines.push(current);
      current = `    ${operand}`;
    } else current = `${current} ${operand}`;
  }
  return [...lines, current];
}

function operandsOf(parameters: readonly Parameter[]): readonly string[] {
  const positional = parameters
    .filter(({ isPositional }) => isPositional === true)
    .map(({ name, isRequired }) => (isRequired === true ? name.toUpperCase() : `[${name.toUpperCase()}]`));
  const required = parameters
    .filter(({ isRequired, isPositional }) => isRequired === true && isPositional !== true)
    .map(spelling);
  const isMore = parameters.some(({ isRequired, isPositional }) => !isRequired && !isPositional);
  return [...positional, ...required, ...(isMore ? ['[PARAMETERS]'] : [])];
}
