/** JSON that is printed already, for the depth at which it will stand in the whole. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** How JSON is laid out: on one line, or for people with two spaces for each level. */
export interface JsonLayout {
  /** Between a member's name and its value. */
  readonly colon: string;
  /** What stands before a member or an element at that depth, and before the bracket that ends one. */
  lineAt(depth: number): string;
}

const forPeople: JsonLayout = { colon: ': ', lineAt: (depth) => `\n${'  '.repeat(depth)}` };
const onOneLine: JsonLayout = { colon: ':', lineAt: () => '' };

/** The layout for people, or the short one. */
export function jsonLayout(isPretty: boolean): JsonLayout {
  return isPretty ? forPeople : onOneLine;
}

/**
 * Prints as `JSON.stringify` does, with two extensions: what is printed already stands as it is, and a bigint is a number
 * digit by digit (JSON's numbers have no bound).
 */
export function printJson(value: unknown, layout: JsonLayout, depth = 0): string {
  if (value instanceof JsonText) return value.text;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const line = layout.lineAt(depth + 1);
  // Joined by `+=`, which copies nothing before the whole is sent.
  let inner = '';
  if (Array.isArray(value)) {
    for (const element of value)
      inner += `${inner === '' ? '' : ','}${line}${printJson(element, layout, depth + 1)}`;
    return inner === '' ? '[]' : `[${inner}${layout.lineAt(depth)}]`;
  }
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const opening = `${inner === '' ? '' : ','}${line}${JSON.stringify(name)}${layout.colon}`;
    inner += `${opening}${printJson(member, layout, depth + 1)}`;
  }
  return inner === '' ? '{}' : `{${inner}${layout.lineAt(depth)}}`;
}
