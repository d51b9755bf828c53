import { readIdentityForm } from './identity-form.ts';
import type { PostquantumKey } from './policy.ts';
import type { PostquantumKeyDraft } from './policy-draft.ts';
import { combine, type Parsed, quoted, valid } from './problem.ts';
import { problemKinds, refusal } from './problem-kinds.ts';
import { Secret } from './secret.ts';
import { parseSecretKey } from './secret-key.ts';

/** ONTAP's bounds for `ppk.identity`, in characters. */
const shortestIdentity = 6;
const longestIdentity = 64;

/**
 * Reads `ppk`: an identity of 6 to 64 printable ASCII characters and a key as of `secret_key`, both or neither, because
 * one is nothing without the other (66257153, 66257154). An identity goes over the wire as the characters it has
 * (PPK_ID_FIXED, RFC 8784 section 5.1), so what strongSwan would make other bytes of is refused: addresses,
 * distinguished names and whatever has a type before it. Absent leaves `current`, `null` takes it away.
 */
export function parsePostquantumKey(
  draft: PostquantumKeyDraft | null | undefined,
  current: PostquantumKey | undefined,
  fingerprint: (bytes: Uint8Array) => string,
): Parsed<PostquantumKey | undefined> {
  if (draft === undefined) return valid(current);
  if (draft === null) return valid(undefined);
  const { identity, sharedKey } = draft;
  if (sharedKey === undefined) return refusal(problemKinds.postquantumIdentityAlone, 'ppk.identity', {});
  if (identity === undefined) return refusal(problemKinds.postquantumKeyAlone, 'ppk.shared_key', {});
  const parts = combine({
    identity: parseIdentity(identity),
    bytes: parseSecretKey(sharedKey, 'ppk.shared_key'),
  });
  if (parts.kind === 'invalid') return parts;
  const { bytes } = parts.value;
  return valid({ identity: parts.value.identity, key: new Secret(bytes, fingerprint(bytes)) });
}

function parseIdentity(text: string): Parsed<string> {
  const isLongEnough = text.length >= shortestIdentity && text.length <= longestIdentity;
  const isText = /^[\x20-\x7e]*$/.test(text) && text === text.trim();
  if (isLongEnough && isText && isSentAsWritten(text)) return valid(text);
  return refusal(problemKinds.invalidValue, 'ppk.identity', {
    value: quoted(text),
    expected: 'the identity of a post-quantum key',
    advice: `Send ${shortestIdentity} to ${longestIdentity} printable ASCII characters, without a space at the start or end, that are no address, distinguished name or pattern, not ANYTHING, and have no type or @ before them.`,
  });
}

function isSentAsWritten(text: string): boolean {
  // In the fields beside it that word stands for whoever comes.
  if (text.toUpperCase() === 'ANYTHING') return false;
  const reading = readIdentityForm(text);
  if (reading.kind !== 'read') return false;
  const { type, value } = reading.form;
  return type !== 'address' && type !== 'dn' && value.toLowerCase() === text.toLowerCase();
}
