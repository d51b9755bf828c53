/**
 * The value side of a filter (`f=…`) as a tree, before its literals are read as the field's type: what
 * {@link parseExpression} makes of text and {@link formatExpression} turns back.
 */
export type Expression = readonly [Alternative, ...Alternative[]];

/** One of the tests joined by `|`; `negated` for a leading `!`. */
export interface Alternative {
  readonly negated: boolean;
  readonly test: Test;
}

/** An ordering operator; it follows the `=` of the parameter. */
export type Comparison = '<' | '<=' | '>' | '>=';

/** What one alternative asks of a value; literals are text until the field's type is known. */
export type Test =
  | { readonly kind: 'unset' }
  | { readonly kind: 'equals'; readonly literal: string }
  | { readonly kind: 'compares'; readonly operator: Comparison; readonly literal: string }
  /** `low..high`, both ends included. */
  | { readonly kind: 'within'; readonly low: string; readonly high: string }
  /** The literal texts between the `*`: at least two; only the first and the last may be empty. */
  | { readonly kind: 'like'; readonly parts: readonly string[] };

/** Why text is no expression. */
export interface SyntaxFault {
  readonly kind: 'fault';
  readonly fault: 'missing-value' | 'unreadable';
  readonly reason: string;
}
