import { readDistinguishedName } from './distinguished-name.ts';
import { type Family, formatAddress, type IpAddress, parseAddress } from './ip-address.ts';

/**
 * What an identity is to IKE: its ID type and value (RFC 7296 3.5). Texts that IKE cannot tell apart have equal forms;
 * the value is canonical, not what goes over the wire.
 */
export interface IdentityForm {
  readonly type: 'address' | 'fqdn' | 'email' | 'dn' | 'key-id';
  readonly value: string;
}

/** The form of a text, or why no one identity can be meant by it: a sentence that begins after the quoted text. */
export type IdentityReading =
  | { readonly kind: 'read'; readonly form: IdentityForm }
  /** `*.example`, `*@example`, `C=CH, CN=*`: several identities that one certificate after the other may prove. */
  | { readonly kind: 'pattern' }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Tells the forms of identity apart as IKE daemons with strongSwan's syntax do: a type may stand before a colon and
 * `#` before hexadecimal bytes (always so before an address); else what has `=` is a distinguished name, `@#` begins a key id, `@@` an e-mail
 * address, `@` a name, what has another `@` is an e-mail address, and the rest is an address, with a colon a key id,
 * or a name.
 * @see https://docs.strongswan.org/docs/latest/config/identityParsing.html
 */
export function readIdentityForm(text: string): IdentityReading {
  const [, prefix = '', rest = ''] = /^([a-z0-9]+):(.*)$/is.exec(text) ?? [];
  const type = typePrefixes.get(prefix.toLowerCase());
  if (type === 'several') return refused(forSeveral);
  if (type === 'encoded' || /^\{[^}]*\}:/.test(text)) return refused(incomparable);
  if (type === 'ipv4' || type === 'ipv6') return readAddress(type, rest);
  if (type === 'dn') return refused(rest.startsWith('#') ? incomparable : takenForBytes);
  if ((type === 'fqdn' || type === 'email') && isPattern(rest)) return refused(forSeveral);
  if (type !== undefined) return rest.startsWith('#') ? readHex(type, rest.slice(1)) : readText(type, rest);
  if (text.includes('=')) return readName(text);
  if (text.startsWith('@#')) return readHex('key-id', text.slice(2));
  if (text.startsWith('@@')) return readText('email', text.slice(2));
  if (text.startsWith('@')) return readText('fqdn', text.slice(1));
  if (text.includes('@')) return readText('email', text);
  const address = parseAddress(text);
  if (address !== undefined) return oneAddress(address);
  if (text.startsWith('%') || isRange(text)) return refused(forSeveral);
  return readText(text.includes(':') ? 'key-id' : 'fqdn', text);
}

const typePrefixes: ReadonlyMap<string, ByteType | Family | 'dn' | 'several' | 'encoded'> = new Map([
  ['ipv4', 'ipv4'],
  ['ipv6', 'ipv6'],
  ['ipv4net', 'several'],
  ['ipv6net', 'several'],
  ['ipv4range', 'several'],
  ['ipv6range', 'several'],
  ['rfc822', 'email'],
  ['email', 'email'],
  ['userfqdn', 'email'],
  ['fqdn', 'fqdn'],
  ['dns', 'fqdn'],
  ['asn1dn', 'dn'],
  ['asn1gn', 'encoded'],
  ['xmppaddr', 'encoded'],
  ['uri', 'encoded'],
  ['keyid', 'key-id'],
]);

/** Why a pattern, or whatever else stands for several, is no identity. */
export const forSeveral =
  'stands for more than one identity, and a key is for one. Send that one, or ANYTHING as remote_identity to accept any.';
const incomparable =
  'is in an encoding in which it cannot be told from others. Send the name, the distinguished name or the address as text, or @# and the bytes of a key id.';

/** Charon makes the ID of the characters themselves: of ipv4:1.2.3.4 it makes 49.46.50.46. */
const takenForBytes =
  'has a type before it after which strongSwan takes text for the raw bytes. Send the address or the distinguished name alone.';

function refused(why: string): IdentityReading {
  return { kind: 'refused', why };
}

function readAddress(family: Family, text: string): IdentityReading {
  if (!text.startsWith('#')) return refused(takenForBytes);
  const bytes = hexBytes(text.slice(1));
  const address = bytes === undefined ? undefined : addressFrom(bytes);
  if (address?.family === family) return oneAddress(address);
  return refused('names no address of that family. Send the address alone.');
}

function addressFrom(bytes: Buffer): IpAddress | undefined {
  const value = BigInt(`0x${bytes.toString('hex')}`);
  if (bytes.length === 4) return { family: 'ipv4', value };
  return bytes.length === 16 ? { family: 'ipv6', value } : undefined;
}

function oneAddress(address: IpAddress): IdentityReading {
  return address.value === 0n
    ? refused(forSeveral)
    : { kind: 'read', form: { type: 'address', value: formatAddress(address) } };
}

/** From 6.0.2 on strongSwan takes such text after a type for a regular expression that the identity has to match. */
function isPattern(text: string): boolean {
  return text.startsWith('^') && text.endsWith('$');
}

/** `ADDRESS/ANYTHING` or `ADDRESS-ADDRESS`. */
function isRange(text: string): boolean {
  const [, first = '', sign, last = ''] = /^([^/-]+)([/-])(.*)$/s.exec(text) ?? [];
  return parseAddress(first) !== undefined && (sign === '/' || parseAddress(last) !== undefined);
}

function readName(text: string): IdentityReading {
  const name = readDistinguishedName(text);
  if (name === undefined) return readText('key-id', text);
  if (!isAscii(text)) return refused(`${notAscii} Send another kind of identity, such as an e-mail address.`);
  if (name.some(({ value }) => value === '*')) return { kind: 'pattern' };
  const value = JSON.stringify(name.map((part) => [part.attribute, part.value]));
  return { kind: 'read', form: { type: 'dn', value: lowerCaseAscii(value) } };
}

function readText(type: ByteType, text: string): IdentityReading {
  const bytes = Buffer.from(text);
  if (isAscii(text)) return readBytes(type, bytes);
  // RFC 7296 3.5: a name is ASCII, whatever its language. An e-mail address may be UTF-8, and a key id is any bytes.
  if (type === 'fqdn')
    return refused(`${notAscii} Send the domain name in its ASCII form, which begins with xn--.`);
  const prefix = type === 'email' ? 'email' : 'keyid';
  return refused(`${notAscii} Send its bytes in hexadecimal, ${prefix}:#${bytes.toString('hex')}.`);
}

/** Charon takes no other text over VICI, be it the identity of a connection or the owner of a key. */
function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

const notAscii = 'has characters outside ASCII, which strongSwan does not take in an identity.';

function readHex(type: ByteType, digits: string): IdentityReading {
  const bytes = hexBytes(digits);
  return bytes === undefined
    ? refused('has something else than hexadecimal digits, two for each byte, after #. Send those alone.')
    : readBytes(type, bytes);
}

/** Latin-1 keeps each byte, so that the same name as text and in hexadecimal is one. */
function readBytes(type: ByteType, bytes: Buffer): IdentityReading {
  const value = bytes.toString('latin1');
  if (value === '') return refused('names nothing. Send the name after it, or leave the field out.');
  if (type === 'key-id') return { kind: 'read', form: { type, value } };
  if (value.includes('*')) return { kind: 'pattern' };
  return { kind: 'read', form: { type, value: lowerCaseAscii(value) } };
}

type ByteType = 'fqdn' | 'email' | 'key-id';

/** `0a0B`, `a0b`, `0x0a0b` and `0a:0b` are the same two bytes. */
function hexBytes(text: string): Buffer | undefined {
  const digits = /^(?:0x)?([0-9a-fA-F]{1,2}(?::?[0-9a-fA-F]{2})*)$/.exec(text)?.[1]?.replaceAll(':', '');
  if (digits === undefined) return undefined;
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
}

/** Names compare without case in ASCII alone (RFC 4343). */
function lowerCaseAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
