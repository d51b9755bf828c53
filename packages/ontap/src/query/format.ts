import type { Expression, Test } from './expression.ts';

/** Writes an expression in ONTAP's query language: the inverse of `parseExpression`. */
export function formatExpression(expression: Expression): string {
  return expression.map(({ negated, test }) => `${negated ? '!' : ''}${formatTest(test)}`).join('|');
}

/** A literal that stands for exactly `text`: as it is where that is plain, else quoted. */
export function formatLiteral(text: string): string {
  const isPlain = text !== '' && text !== 'null' && !/[*|,!<>="{}]|\.\.|^\.|\.$/.test(text);
  return isPlain ? text : quoted(text);
}

function formatTest(test: Test): string {
  switch (test.kind) {
    case 'unset':
      return 'null';
    case 'equals':
      return formatLiteral(test.literal);
    case 'compares':
      return `${test.operator}${formatLiteral(test.literal)}`;
    case 'within':
      return `${formatLiteral(test.low)}..${formatLiteral(test.high)}`;
    case 'like':
      return test.parts.map((part) => (part === '' ? '' : formatLiteral(part))).join('*');
  }
}

/** No escapes exist, so a text with both `"` and `}` is quoted piece by piece. */
function quoted(text: string): string {
  if (!text.includes('"')) return `"${text}"`;
  if (!text.includes('}')) return `{${text}}`;
  return text
    .split(/("+)/)
    .filter((piece) => piece !== '')
    .map((piece) => (piece.startsWith('"') ? `{${piece}}` : `"${piece}"`))
    .join('');
}
