import type { Arguments } from '../command.ts';
import { misused, shortened } from '../parse.ts';
import type { DirectoryField } from './directory.ts';
import { type Span, shownAs } from './shown-as.ts';
import { wireText } from './wire.ts';

/** What a query is made of: text in quotes or braces, which is taken as it stands, operators, and what they are about. */
const parts =
  /(?<literal>"[^"]*"|\{[^}]*\})|(?<operator>[!<>=]+|\.\.|\|)|(?<operand>(?:(?!\.\.)[^!<>=|"{}])+)/g;

/**
 * The query that is sent for what was given: with keywords, numbers, and local times in the API's spelling, else as typed.
 * A number or time that is written as it is shown stands for all that are shown so.
 */
export function wireQuery(field: DirectoryField, given: Arguments): string {
  const typed = given.text(field.name) ?? '';
  let before = '';
  return typed.replaceAll(parts, (part, literal, operator, _operand, offset: number) => {
    const last = before;
    before = operator ?? '';
    if (operator !== undefined) return part;
    const isRangeStart = typed.startsWith('..', offset + part.length);
    const span = spanOf(field, literal?.startsWith('"') ? literal.slice(1, -1) : part);
    if (span !== undefined) return bounded(span, last, isRangeStart);
    return literal === undefined ? queryText(field, part) : part;
  });
}

/** Where a span is compared with, the end of it that the operator is about. */
function bounded({ least, most }: Span, operator: string, isRangeStart: boolean): string {
  if (isRangeStart || operator.endsWith('>=') || operator.endsWith('<')) return least;
  if (operator === '..' || operator.endsWith('<=') || operator.endsWith('>')) return most;
  return least === most ? least : `${least}..${most}`;
}

function spanOf({ name, format, shown, words }: DirectoryField, typed: string): Span | undefined {
  // What people see of these is made of the value, and says nothing about what it is.
  if (shown !== undefined || words !== undefined) return undefined;
  const text = typed.trim();
  const span = shownAs(format, text);
  const wanted = wantedOf[format];
  if (span !== undefined || wanted === undefined || text === 'null' || text.includes('*')) return span;
  throw misused(`-${name} is ${wanted}, not "${shortened(text)}".`);
}

/** What numbers are; times have forms that the server knows. */
const wantedOf: Readonly<Partial<Record<DirectoryField['format'], string>>> = {
  integer: 'a whole number',
  count: 'a whole number',
  bytes: 'a whole number, or bytes such as 1.2 GB',
  seconds: 'a whole number, or a duration such as 1 h 12 m',
};

function queryText(field: DirectoryField, operand: string): string {
  const { toWire, value, queryField } = field;
  const isKeyword = queryField === undefined && value.kind === 'choice' && value.choices.includes(operand);
  return toWire !== undefined && isKeyword ? String(toWire(operand)) : wireText(field, operand);
}
