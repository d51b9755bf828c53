import type { Arguments } from '../command.ts';
import { misused, shortened } from '../parse.ts';
import { wantedQuantity } from '../quantity.ts';
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
    const span = spanOf(field, literal === undefined ? part : literal.slice(1, -1));
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
  if (span !== undefined || text === 'null') return span;
  const wanted = wantedOf(format, text);
  if (wanted === undefined) return undefined;
  throw misused(`-${name} is ${wanted}, not "${shortened(text)}".`);
}

/** What is taken where this text is not; undefined where it is for the server to judge. */
function wantedOf(format: DirectoryField['format'], text: string): string | undefined {
  if (format === 'time') return apiTime.test(text) ? undefined : times;
  if (text.includes('*')) return undefined;
  if (format === 'integer' || format === 'count') return 'a whole number';
  return format === 'bytes' || format === 'seconds' ? wantedQuantity(format, text) : undefined;
}

const times = 'a time such as 2026-11-22 07:42:00, 11/22/2026 07:42:00 or 2026-11-22T07:42:00Z';

/** An instant with its zone or a fraction of a second; what may be part of one, with `*`. */
const apiTime =
  /^(?:\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?|(?<=\.\d+))|[\dTZ:.+-]*\*[\dTZ:.+*-]*)$/i;

function queryText(field: DirectoryField, operand: string): string {
  const { toWire, value, queryField } = field;
  const isKeyword = queryField === undefined && value.kind === 'choice' && value.choices.includes(operand);
  return toWire !== undefined && isKeyword ? String(toWire(operand)) : wireText(field, operand);
}
