import type { Arguments } from '../command.ts';
import type { DirectoryField } from './directory.ts';

/** The value that is sent for what was given. */
export function wireValue(field: DirectoryField, given: Arguments): unknown {
  const { value, format, toWire } = field;
  const text = given.text(field.name) ?? '';
  if (value.kind === 'list') {
    const texts = given.list(field.name);
    return toWire === undefined ? texts.map((each) => wireText(field, each)) : toWire(texts.join(','));
  }
  if (toWire !== undefined) return toWire(text);
  if (value.kind === 'integer') return Number(text);
  const wire = wireText(field, text);
  return value.kind === 'boolean' || value.kind === 'switch' || format === 'boolean' ? wire === 'true' : wire;
}

/** What goes beside the body, of the fields that were given. */
export function parametersOf(
  fields: readonly DirectoryField[],
  given: Arguments,
): Readonly<Record<string, string>> {
  const parameters = fields
    .filter(({ isParameter }) => isParameter === true)
    .map((field) => ({ ...field, wire: wireValue(field, given) }))
    .filter(({ value, wire }) => value.kind !== 'switch' || wire === true);
  return Object.fromEntries(parameters.map(({ field, wire }) => [field, String(wire)]));
}

/** The API's word for ONTAP's CLI's. */
export function wireText({ words, isUpperCase, value }: DirectoryField, text: string): string {
  const word = Object.entries(words ?? {}).find(([, shown]) => shown.toLowerCase() === text.toLowerCase());
  if (word !== undefined) return word[0];
  return isUpperCase === true && value.kind === 'choice' ? text.toLowerCase() : text;
}

/** Whether a text names one value, and is no query. */
export function isExact(text: string | undefined): boolean {
  return text !== undefined && text !== 'null' && !/[!*|<>,{}"]|\.\./.test(text);
}

/** The member that a dotted name leads to. */
export function memberOf(record: Readonly<Record<string, unknown>>, field: string): unknown {
  let value: unknown = record;
  for (const name of field.split('.')) value = isObject(value) ? value[name] : undefined;
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether it is one value, as keys are. */
export function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
