import { invalid, type Parsed, quoted, valid } from './problem.ts';
import { problemCodes } from './problem-codes.ts';

/**
 * An IKE identity (RFC 7296 3.5) as the user wrote it. `any` is ONTAP's `ANYTHING`: accept whatever the remote claims.
 * The text forms (address, FQDN, e-mail, DN, key id) are told apart by charon's own rules in the driver.
 */
export type Identity = { readonly kind: 'any' } | { readonly kind: 'text'; readonly text: string };

/** The identity that accepts whatever the remote claims. */
export const anyIdentity: Identity = { kind: 'any' };

const anyWord = 'ANYTHING';
const longestIdentityBytes = 255;
/** Texts that an IKE daemon may read as "any"; only `ANYTHING` may mean that, or two policies could not be told apart. */
const daemonsAny: ReadonlySet<string> = new Set(['%any', '%any6', '%', '*', '0.0.0.0', '::']);

/**
 * Reads `local_identity` or `remote_identity`. 1 to 255 bytes of UTF-8 without control characters or surrounding
 * spaces; `ANYTHING` (exactly so) is for the remote side only.
 */
export function parseIdentity(text: string, target: 'local_identity' | 'remote_identity'): Parsed<Identity> {
  const refuse = (message: string) => invalid({ code: problemCodes.invalidValue, target, message });
  if (text === anyWord) {
    if (target === 'remote_identity') return valid(anyIdentity);
    return refuse(
      'ANYTHING accepts any remote and cannot be our own identity. Send an address, a name or a distinguished name, or leave local_identity out.',
    );
  }
  if (daemonsAny.has(text)) {
    return refuse(`${quoted(text)} would mean any identity. Send ANYTHING as remote_identity for that.`);
  }
  if (text === '' || Buffer.byteLength(text) > longestIdentityBytes) {
    return refuse(
      `An identity has 1 to ${longestIdentityBytes} bytes; this one has ${Buffer.byteLength(text)}. Leave the field out for the address itself.`,
    );
  }
  if (/\p{Cc}/u.test(text) || text !== text.trim()) {
    return refuse(
      `${quoted(text)} has a control character, or a space at its start or end. Send it without.`,
    );
  }
  return valid({ kind: 'text', text });
}

/** The wire form of an identity: the text as it came, or `ANYTHING`. */
export function formatIdentity(identity: Identity): string {
  return identity.kind === 'any' ? anyWord : identity.text;
}
