/**
 * One thing wrong with a value: ONTAP's code, the field in ONTAP's dotted spelling, and a sentence that says what to
 * change. Validation returns all of them at once and never throws.
 */
export interface Problem {
  readonly code: string;
  readonly target: string;
  readonly message: string;
  /** How `message` was made: the kind's sentence, and what stands for each `{name}` in it. */
  readonly wording?: { readonly template: string; readonly values: Readonly<Record<string, string>> };
}

/** What became of text from outside: a value to trust from here on, or everything that is wrong with it. */
export type Parsed<T> =
  | { readonly kind: 'valid'; readonly value: T }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/** The parse succeeded. */
export function valid<T>(value: T): Parsed<T> {
  return { kind: 'valid', value };
}

/** The parse failed, for these reasons. */
export function invalid(...problems: readonly Problem[]): Parsed<never> {
  return { kind: 'invalid', problems };
}

/** Parsed parts as one parsed whole: valid when all are, otherwise with the problems of all, in order. */
export function combine<T extends object>(parts: { readonly [K in keyof T]: Parsed<T[K]> }): Parsed<T> {
  const whole: Partial<T> = {};
  const problems: Problem[] = [];
  let isWhole = true;
  for (const key in parts) {
    const part = parts[key];
    if (part.kind === 'valid') {
      whole[key] = part.value;
    } else {
      isWhole = false;
      problems.push(...part.problems);
    }
  }
  return isWhole ? valid(whole as T) : invalid(...problems);
}

/** The value of a parse that succeeded, else `undefined`: for checks across parts that go on past a failure. */
export function valueIfValid<T>(parsed: Parsed<T>): T | undefined {
  return parsed.kind === 'valid' ? parsed.value : undefined;
}

const longestQuoteCharacters = 80;

/**
 * A given value as it may stand in a message: quoted, control characters escaped, cut at 80 characters. Not for secrets;
 * a private key that came in a field of something else is not repeated.
 */
export function quoted(value: string): string {
  if (value.includes('PRIVATE KEY')) return '[a private key]';
  const shown = value.length > longestQuoteCharacters ? `${value.slice(0, longestQuoteCharacters)}…` : value;
  return JSON.stringify(shown);
}
