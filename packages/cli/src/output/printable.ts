/**
 * What would move the cursor, change colours, reorder or hide text on a terminal: C0 and C1 control characters, DEL,
 * bidirectional controls, line separators, invisible spaces and lone surrogates.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
const harmful = /[\0-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/gu;

const named: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** The text with everything that a terminal would act upon spelt out: `\x1b`, `\u202e`. What servers say goes through here. */
export function printable(text: string): string {
  return text.replace(harmful, (character) => named.get(character) ?? escaped(character));
}

/** JSON, or YAML in double quotes, with the same characters escaped as both languages understand it: no value changes. */
export function printableJson(json: string): string {
  return json.replace(harmful, (character) => (character === '\n' ? character : unicodeEscape(character)));
}

/** Whether the text has characters that {@link printable} spells out. */
export function isHarmful(text: string): boolean {
  return text.search(harmful) !== -1;
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : unicodeEscape(character);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
