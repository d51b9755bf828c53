import { readTypedLine } from './completion/typed-line.ts';
import { misused } from './parse.ts';

/**
 * ONTAP's extended query, which stands in braces before the parameters: `policy modify {-action BYPASS} -is-enabled false`.
 * The words in the braces, and those behind them. A shell that takes braces for its own is given all of it in quotes.
 */
export function takeExtendedQuery(
  words: readonly string[],
): readonly [query: readonly string[], rest: readonly string[]] {
  let depth = 0;
  for (const [index, word] of words.entries()) {
    depth += word.split('{').length - word.split('}').length;
    if (depth > 0) continue;
    if (!word.endsWith('}')) throw misused('A space is missing behind the braces of the query.');
    if (index === 0 && /\s/.test(word)) return [wordsOf(word.slice(1, -1)), words.slice(1)];
    const query = words
      .slice(0, index + 1)
      .join('\0')
      .slice(1, -1)
      .split('\0');
    return [query.filter((each) => each !== ''), words.slice(index + 1)];
  }
  // Whoever asks for help in the middle has not come to the end yet.
  if (words.at(-1) === '?')
    return [
      words
        .join('\0')
        .slice(1)
        .split('\0')
        .filter((each) => each !== ''),
      [],
    ];
  throw misused('The query in braces has no end: {-action BYPASS}.');
}

function wordsOf(query: string): readonly string[] {
  const { words, quoting } = readTypedLine(`${query} `);
  if (quoting !== 'none') throw misused('A quote in the braces of the query is not closed.');
  return words;
}
