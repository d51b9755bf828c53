import { misused } from './parse.ts';

/**
 * ONTAP's extended query, which stands in braces before the parameters: `policy modify {-action BYPASS} -is-enabled false`.
 * The words in the braces, and those behind them.
 */
export function takeExtendedQuery(
  words: readonly string[],
): readonly [query: readonly string[], rest: readonly string[]] {
  let depth = 0;
  for (const [index, word] of words.entries()) {
    depth += word.split('{').length - word.split('}').length;
    if (depth > 0) continue;
    const query = words
      .slice(0, index + 1)
      .join('\0')
      .slice(1, -1)
      .split('\0');
    if (!word.endsWith('}')) throw misused('A space is missing behind the braces of the query.');
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
