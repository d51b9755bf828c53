import type { SeededRandom } from '../robustness/seeded-random.ts';

/** Where a value was expected in a query. */
const strangeTexts: readonly string[] = [
  '',
  ' ',
  '*',
  '**',
  '***',
  '!',
  '!!',
  '|',
  '||',
  '..',
  '...',
  'null',
  '!null',
  '"null"',
  '"',
  '{',
  '}',
  '"a{b}c"',
  '<',
  '<=',
  '>=<',
  '=',
  '==',
  '&',
  ',',
  '__proto__',
  'constructor',
  '*a*a*a*a*a*a*a*a*b',
  `${'*a'.repeat(400)}*b`,
  `${'a|'.repeat(800)}b`,
  `${'!'.repeat(999)}x`,
  `${'{'.repeat(500)}`,
  'a'.repeat(4_000),
  '9'.repeat(60),
  '-1',
  '0',
  '1e309',
  '0x10',
  'NaN',
  '9007199254740993',
  '18446744073709551616',
  '1..2..3',
  '10KB',
  '99999999PB',
  '-1KB',
  'yes',
  'OFF',
  '2026-02-30',
  '2026-01-01T00:00:00+99:99',
  '0000-00-00',
  '::',
  '::ffff:1.2.3.4',
  '1.2.3.4/24',
  'fe80::1%eth0',
  '256.1.1.1',
  '0-0',
  '1-70000',
  '99999999-1',
  '\u0000',
  '\u0001\u001f\u007f',
  '\u2028\u202e\ufeff',
  'é',
  '💥',
  "' or 1=1 --",
  '../..',
];

/** Where nothing is known of a field. */
const plainTexts = [
  '1',
  '20',
  'abc',
  'x',
  'true',
  '10.0.0.1',
  '2001:db8::1',
  '2026-01-01T00:00:00Z',
  '24-24',
];

/** Encodings that are none, or of what UTF-8 has no place for. */
const strangeEncodings = [
  '%',
  '%2',
  '%zz',
  '%ED%A0%80',
  '%FF%FE',
  '%C0%80',
  '%00',
  '%252e',
  '%u0041',
  '+',
  '%2B',
  '\xff',
];

/** A query on values like `known`, in ONTAP's query language or nearly so; not yet encoded. */
export function expression(known: readonly string[], random: SeededRandom, depth = 0): string {
  const value = (): string =>
    random.below(20) === 0 ? random.pick(strangeTexts) : random.pick(known.length === 0 ? plainTexts : known);
  switch (random.below(depth > 2 ? 6 : 12)) {
    case 0:
      return `${random.pick(['<', '<=', '>', '>='])}${value()}`;
    case 1:
      return `${value()}..${value()}`;
    case 2: {
      const text = value();
      const cut = random.below(text.length + 1);
      return random.pick([
        `*${text.slice(cut)}`,
        `${text.slice(0, cut)}*`,
        `${text.slice(0, cut)}*${text.slice(cut + 1)}`,
      ]);
    }
    case 3:
      return random.pick([`"${value()}"`, `{${value()}}`]);
    case 4:
      return random.pick(['null', '!null', '*']);
    case 6:
      return `!${expression(known, random, depth + 1)}`;
    case 7:
    case 8:
      return `${expression(known, random, depth + 1)}|${expression(known, random, depth + 1)}`;
    default:
      return value();
  }
}

/** `text` percent-encoded, more or less as clients do it, and at times wrongly. */
export function encoded(text: string, random: SeededRandom): string {
  const written = random.below(4) === 0 ? minimally(text) : encodeURIComponent(text.toWellFormed());
  if (random.below(80) > 0) return written;
  const place = random.below(written.length + 1);
  return `${written.slice(0, place)}${random.pick(strangeEncodings)}${written.slice(place)}`;
}

/** What a careless client encodes: only what would end the parameter or the line. */
function minimally(text: string): string {
  return text.replace(/[^\x21-\x7e]|[&#%+]/gu, (character) => encodeURIComponent(character.toWellFormed()));
}
