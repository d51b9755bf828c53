import { forSeveral, type IdentityForm, readIdentityForm } from './identity-form.ts';
import { type Parsed, quoted, valid } from './problem.ts';
import { problemKinds, refusal } from './problem-kinds.ts';

/**
 * An IKE identity (RFC 7296 3.5) as the user wrote it. `any` is ONTAP's `ANYTHING`: accept whatever the remote claims.
 * The wire and the datapath keep the text as it came; what it is to IKE says `identityKey`.
 */
export type Identity = { readonly kind: 'any' } | { readonly kind: 'text'; readonly text: string };

/** The identity that accepts whatever the remote claims. */
export const anyIdentity: Identity = { kind: 'any' };

const anyWord = 'ANYTHING';
const longestIdentityBytes = 255;

/**
 * Reads `local_identity` or `remote_identity`. 1 to 255 characters of ASCII, no control characters or surrounding
 * spaces, that name one identity, no wildcard or range; `ANYTHING` (exactly so) is for the remote side only. `several`
 * says that the remote proves its identity by a certificate, so that a pattern may stand for it.
 */
export function parseIdentity(
  text: string,
  target: 'local_identity' | 'remote_identity',
  several = false,
): Parsed<Identity> {
  const refuse = (why: string) => refusal(problemKinds.identityForm, target, { value: quoted(text), why });
  if (text === anyWord) {
    if (target === 'remote_identity') return valid(anyIdentity);
    return refusal(problemKinds.anythingAsLocalIdentity, target, {});
  }
  const bytes = Buffer.byteLength(text);
  if (bytes === 0 || bytes > longestIdentityBytes) {
    const counts = { most: `${longestIdentityBytes}`, bytes: `${bytes}` };
    return refusal(problemKinds.identityLength, target, counts);
  }
  if (/\p{Cc}/u.test(text) || text !== text.trim()) {
    return refuse('has a control character, or a space at its start or end. Send it without.');
  }
  if (!text.isWellFormed()) {
    return refuse('has half a surrogate pair, which is no character. Send it without.');
  }
  const reading = readIdentityForm(text);
  if (reading.kind === 'refused') return refuse(reading.why);
  if (reading.kind === 'pattern' && !several) return refuse(forSeveral);
  return valid({ kind: 'text', text });
}

/**
 * What IKE compares of an identity: equal for all texts that it takes for one (`storage`, `@Storage`, `fqdn:storage`).
 */
export function identityKey(
  identity: Identity,
): IdentityForm | { readonly type: 'any' } | { readonly type: 'unread'; readonly value: string } {
  if (identity.kind === 'any') return { type: 'any' };
  const reading = readIdentityForm(identity.text);
  // Stored policies are not refused for what may no longer be written.
  return reading.kind === 'read' ? reading.form : { type: 'unread', value: identity.text };
}

/** The wire form of an identity: the text as it came, or `ANYTHING`. */
export function formatIdentity(identity: Identity): string {
  return identity.kind === 'any' ? anyWord : identity.text;
}
