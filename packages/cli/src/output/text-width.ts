/** How many columns of a terminal a text takes. */
export type TextWidth = (text: string) => number;

const notAscii = /[^\x20-\x7e]/;

/** Measures these texts. The tables of Unicode take long to load, so only those who have more than ASCII wait for them. */
export async function widthFor(texts: Iterable<string>): Promise<TextWidth> {
  for (const text of texts) {
    if (notAscii.test(text)) {
      const { default: stringWidth } = await import('string-width');
      return (measured) => (notAscii.test(measured) ? stringWidth(measured) : measured.length);
    }
  }
  return (text) => text.length;
}

/** Fills the text up to a width with spaces. */
export function padded(text: string, width: number, measure: TextWidth, isRight = false): string {
  const spaces = ' '.repeat(Math.max(0, width - measure(text)));
  return isRight ? spaces + text : text + spaces;
}

/** Where a text may be broken: after spaces, commas and what stands between the parts of names and addresses. */
const pieces = /[^\s,/:;-]*[\s,/:;-]+|[^\s,/:;-]+/g;

/** The pieces between which a line may end. */
export function breakable(text: string): readonly string[] {
  return text.match(pieces) ?? [];
}

/** The text in lines of at most `width` columns, broken between pieces, and inside of one only where it is too long for a line. */
export function wrapped(text: string, width: number, measure: TextWidth): readonly string[] {
  return measure(text) <= width ? [text] : filled(breakable(text), width, measure);
}

/** What is in quotes, as commands are, and what is between spaces. */
const words = /^\s+|(?:"[^"]*"|[^\s"])+\s*|"\S*\s*/g;

/**
 * The same for sentences: what stands in quotes, and a word, as a time or a path is one, are broken only where they are too
 * long for a line, so that they can be copied.
 */
export function wrappedAtSpaces(text: string, width: number, measure: TextWidth): readonly string[] {
  if (measure(text) <= width) return [text];
  const fits = (piece: string) => measure(piece.trimEnd()) <= width;
  const whole = (piece: string, parts: readonly string[]) => (fits(piece) ? [piece] : parts);
  const kept = (text.match(words) ?? []).flatMap((quoted) =>
    whole(
      quoted,
      (quoted.match(/\S+\s*/g) ?? []).flatMap((word) => whole(word, breakable(word))),
    ),
  );
  return filled(kept, width, measure);
}

function filled(parts: readonly string[], width: number, measure: TextWidth): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of parts) {
    if (measure((line + piece).trimEnd()) <= width) {
      line += piece;
      continue;
    }
    if (line !== '') lines.push(line.trimEnd());
    line = piece;
    while (measure(line.trimEnd()) > width) {
      const head = firstColumns(line, width, measure);
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  if (line.trim() !== '') lines.push(line.trimEnd());
  return lines;
}

/** As much of the text as fits into `width` columns, at least one character, never half of what is read as one. */
export function firstColumns(text: string, width: number, measure: TextWidth): string {
  let head = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (head !== '' && measure(head + segment) > width) return head;
    head += segment;
  }
  return head;
}
