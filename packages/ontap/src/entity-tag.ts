import { failure, genericErrors } from './error-codes.ts';
import { type ApiFailure, isFailure } from './errors.ts';

/** The entity tag (RFC 9110 8.8.3) of a record at a revision, quotes included; none of a record that has no revision. */
export type TagOf = (revision: number | undefined) => string | undefined;

/** Makes tags of what `opaque` writes for a revision: characters that a tag may have, other ones for each revision. */
export function entityTags(opaque: (revision: number) => string): TagOf {
  return (revision) => (revision === undefined ? undefined : `"${opaque(revision)}"`);
}

/** `*`, or the tags that a header lists, as they were written. */
type TagList = '*' | readonly string[];

/** What the `If-Match` and `If-None-Match` of a request say of the record that it is about. */
export interface Conditions {
  readonly match?: TagList;
  readonly noneMatch?: TagList;
}

/** What came of conditions: the request goes on, the record is the one the client has, or it is not the one it wants. */
export type ConditionOutcome = 'holds' | 'same' | ApiFailure;

/** Reads both headers; a failure says which of them is no list of tags. */
export function readConditions(
  ifMatch: string | undefined,
  ifNoneMatch: string | undefined,
): Conditions | ApiFailure {
  const match = readTags(ifMatch, 'If-Match');
  if (isFailure(match)) return match;
  const noneMatch = readTags(ifNoneMatch, 'If-None-Match');
  if (isFailure(noneMatch)) return noneMatch;
  return { ...(match !== undefined && { match }), ...(noneMatch !== undefined && { noneMatch }) };
}

/** Whether the request has any of them. */
export function isConditional({ match, noneMatch }: Conditions): boolean {
  return match !== undefined || noneMatch !== undefined;
}

/**
 * Asks the conditions of a record by its tag; of a record that has none, only `*` is true. In the order of RFC 9110
 * 13.2.2, with the strong comparison for `If-Match` (a weak tag never matches) and the weak one for `If-None-Match`.
 */
export function askConditions({ match, noneMatch }: Conditions, tag: string | undefined): ConditionOutcome {
  if (match !== undefined && match !== '*' && !match.some((each) => each === tag)) return changed(match, tag);
  const isSame = noneMatch === '*' || noneMatch?.some((each) => each.replace(/^W\//, '') === tag) === true;
  return isSame ? 'same' : 'holds';
}

/** The failure of a change whose conditions the record does not meet; undefined where it does. */
export function unmetCondition(conditions: Conditions, tag: string | undefined): ApiFailure | undefined {
  const outcome = askConditions(conditions, tag);
  if (outcome === 'holds') return undefined;
  return outcome === 'same' ? failure(genericErrors.preconditionOfOther, {}) : outcome;
}

function changed(given: readonly string[], tag: string | undefined): ApiFailure {
  if (tag === undefined) return failure(genericErrors.preconditionWithoutTag, {});
  const isWeak = given.some((each) => each === `W/${tag}`);
  return isWeak
    ? failure(genericErrors.preconditionWeak, {})
    : failure(genericErrors.preconditionFailed, { given: given.join(', '), tag });
}

/** An entity tag: RFC 9110 8.8.3, its characters those of ASCII. */
const tags =
  /^(?:[\t ]*,)*[\t ]*(?:W\/)?"[\x21\x23-\x7e]*"(?:[\t ]*,(?:[\t ]*(?:W\/)?"[\x21\x23-\x7e]*")?)*[\t ]*$/;

function readTags(text: string | undefined, header: string): TagList | undefined | ApiFailure {
  if (text === undefined) return undefined;
  if (text.trim() === '*') return '*';
  if (text.length > longest || !tags.test(text))
    return failure(genericErrors.preconditionUnreadable, { header });
  return text.match(/(?:W\/)?"[^"]*"/g) ?? [];
}

/** Of a header's text: hundreds of tags. */
const longest = 8_192;
