/** One block of a PEM text (RFC 7468). */
export interface PemBlock {
  /** What it says it holds: `CERTIFICATE`, `EC PRIVATE KEY`. */
  readonly label: string;
  /** From its BEGIN to its END line, lines trimmed and ended by `\n`. */
  readonly text: string;
}

/** The blocks of a text, whatever stands around them; a block without its END line is none. */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let begun: { readonly label: string; readonly lines: string[] } | undefined;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const trimmed = line.trim();
    const [, boundary, label = ''] = /^-----(BEGIN|END) ([ -~]+)-----$/.exec(trimmed) ?? [];
    if (boundary === 'BEGIN') begun = { label, lines: [] };
    begun?.lines.push(trimmed);
    if (boundary === 'END' && begun?.label === label) {
      blocks.push({ label, text: `${begun.lines.join('\n')}\n` });
      begun = undefined;
    }
  }
  return blocks;
}
