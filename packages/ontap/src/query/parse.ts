import type { Alternative, Comparison, Expression, SyntaxFault, Test } from './expression.ts';

/** A piece of an alternative: literal text, or a mark that was not quoted. */
type Token =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'star' | 'dots' };

const unterminated: SyntaxFault = {
  kind: 'fault',
  fault: 'unreadable',
  reason: 'a quotation is not closed; quote " by {"} and } by "}"',
};
const missingValue: SyntaxFault = { kind: 'fault', fault: 'missing-value', reason: 'a value is missing' };
const misplacedMark: SyntaxFault = {
  kind: 'fault',
  fault: 'unreadable',
  reason:
    '* and .. cannot be combined with each other or with a comparison; quote them to mean the characters',
};

/**
 * Reads the text after `field=` as ONTAP's query language: `|` alternatives, `!` negation, `< <= > >=`, `a..b`, `*`
 * wildcards, `null`, and quoting by `"…"` or `{…}`. A quotation may stand anywhere in a literal and has no escapes.
 * `!` binds to its own alternative. A comma needs no quotes but may have them.
 * @see NetApp, ONTAP REST API reference, "Query parameters".
 */
export function parseExpression(text: string): Expression | SyntaxFault {
  const alternatives: Alternative[] = [];
  let rest = text;
  for (;;) {
    const [, marks = ''] = /^(!*)/.exec(rest) ?? [];
    const [, operator = ''] = /^(<=|>=|<|>|)/.exec(rest.slice(marks.length)) ?? [];
    const tokens = tokenise(rest.slice(marks.length + operator.length));
    if (tokens === undefined) return unterminated;
    const test = parseTest(operator, tokens.items);
    if (test.kind === 'fault') return test;
    alternatives.push({ negated: marks.length % 2 === 1, test });
    if (tokens.rest === undefined) break;
    rest = tokens.rest;
  }
  const [first, ...others] = alternatives;
  return first === undefined ? missingValue : [first, ...others];
}

/** Tells an expression from the reason why there is none. */
export function isSyntaxFault(value: Expression | SyntaxFault): value is SyntaxFault {
  return 'kind' in value;
}

/** The tokens up to the first unquoted `|`, and the text after it; undefined when a quotation is not closed. */
function tokenise(
  text: string,
): { readonly items: readonly Token[]; readonly rest: string | undefined } | undefined {
  const items: Token[] = [];
  let position = 0;
  while (position < text.length) {
    const character = text.charAt(position);
    if (character === '|') return { items, rest: text.slice(position + 1) };
    if (character === '"' || character === '{') {
      const end = text.indexOf(character === '"' ? '"' : '}', position + 1);
      if (end < 0) return undefined;
      items.push({ kind: 'text', text: text.slice(position + 1, end), quoted: true });
      position = end + 1;
    } else if (character === '*') {
      items.push({ kind: 'star' });
      position += 1;
    } else if (text.startsWith('..', position)) {
      items.push({ kind: 'dots' });
      position += 2;
    } else {
      const [plain = character] = /^(?:(?!\.\.)[^|"{*])+/.exec(text.slice(position)) ?? [];
      items.push({ kind: 'text', text: plain, quoted: false });
      position += plain.length;
    }
  }
  return { items, rest: undefined };
}

function parseTest(operator: string, tokens: readonly Token[]): Test | SyntaxFault {
  const hasStar = tokens.some(({ kind }) => kind === 'star');
  const dots = tokens.findIndex(({ kind }) => kind === 'dots');
  if (isComparison(operator)) {
    if (hasStar || dots >= 0) return misplacedMark;
    return tokens.length === 0 ? missingValue : { kind: 'compares', operator, literal: joined(tokens) };
  }
  if (dots >= 0) return hasStar ? misplacedMark : parseRange(tokens.slice(0, dots), tokens.slice(dots + 1));
  if (hasStar) return { kind: 'like', parts: wildcardParts(tokens) };
  const [only, ...others] = tokens;
  if (only === undefined) return missingValue;
  const isNull = others.length === 0 && only.kind === 'text' && !only.quoted && only.text === 'null';
  return isNull ? { kind: 'unset' } : { kind: 'equals', literal: joined(tokens) };
}

function parseRange(low: readonly Token[], high: readonly Token[]): Test | SyntaxFault {
  if (low.length === 0 || high.length === 0) return missingValue;
  if (high.some(({ kind }) => kind === 'dots')) return misplacedMark;
  return { kind: 'within', low: joined(low), high: joined(high) };
}

function wildcardParts(tokens: readonly Token[]): readonly string[] {
  const parts: string[] = [''];
  for (const token of tokens) {
    if (token.kind === 'star') parts.push('');
    else if (token.kind === 'text') parts.push(`${parts.pop() ?? ''}${token.text}`);
  }
  // Two stars in a row match what one matches.
  return parts.filter((part, index) => part !== '' || index === 0 || index === parts.length - 1);
}

function joined(tokens: readonly Token[]): string {
  return tokens.map((token) => (token.kind === 'text' ? token.text : '')).join('');
}

function isComparison(operator: string): operator is Comparison {
  return operator !== '';
}
