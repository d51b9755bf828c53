import { addressBits, type Family, formatAddress, type IpAddress, parseAddress } from './ip-address.ts';

/**
 * An address with a prefix length (RFC 4632, RFC 4291 2.3). `address` keeps the host bits that the user wrote,
 * because ONTAP gives endpoint addresses back as they came; comparisons mask them.
 */
export interface Prefix {
  readonly family: Family;
  readonly address: bigint;
  readonly length: number;
}

/** Reads `ADDRESS/LENGTH`, host bits allowed and kept; `undefined` when it is anything else. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(text.slice(0, Math.max(slash, 0)));
  if (address === undefined) return undefined;
  const length = parseLength(text.slice(slash + 1), address.family);
  return length === undefined ? undefined : prefixOf(address, length);
}

/** The prefix of that length around an address. */
export function prefixOf(address: IpAddress, length: number): Prefix {
  return { family: address.family, address: address.value, length };
}

/** The prefix that holds this one address only. */
export function hostPrefix(address: IpAddress): Prefix {
  return prefixOf(address, addressBits(address.family));
}

/** Whether the prefix is one address: /32 or /128. */
export function isHostPrefix(prefix: Prefix): boolean {
  return prefix.length === addressBits(prefix.family);
}

/** `ADDRESS/LENGTH` with the host bits as they came; the inverse of `parsePrefix`. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(addressOf(prefix))}/${prefix.length}`;
}

/** The address of a prefix as the user wrote it, host bits included. */
export function addressOf(prefix: Prefix): IpAddress {
  return { family: prefix.family, value: prefix.address };
}

/** The same prefix with its host bits cleared: two prefixes hold the same addresses iff these are equal. */
export function networkOf(prefix: Prefix): Prefix {
  const hostBits = BigInt(addressBits(prefix.family) - prefix.length);
  return { ...prefix, address: (prefix.address >> hostBits) << hostBits };
}

/** Whether the address lies in the prefix. */
export function containsAddress(prefix: Prefix, address: IpAddress): boolean {
  return prefix.family === address.family && sharesBits(prefix.address, address.value, prefix, prefix.length);
}

/** Whether some address lies in both; then one prefix contains the other. */
export function overlaps(a: Prefix, b: Prefix): boolean {
  return a.family === b.family && sharesBits(a.address, b.address, a, Math.min(a.length, b.length));
}

/** Whether both hold the same addresses; host bits do not count. */
export function prefixesEqual(a: Prefix, b: Prefix): boolean {
  return a.length === b.length && overlaps(a, b);
}

/**
 * Reads ONTAP's `netmask`: a prefix length (`24`), or for IPv4 a mask (`255.255.0.0`). `undefined` when it is
 * neither, too long for the family, or a mask whose ones are not contiguous.
 */
export function parseNetmask(text: string, family: Family): number | undefined {
  if (family === 'ipv4' && text.includes('.')) return parseMask(text);
  return parseLength(text, family);
}

function parseLength(text: string, family: Family): number | undefined {
  if (!/^(0|[1-9]\d{0,2})$/.test(text)) return undefined;
  const length = Number(text);
  return length <= addressBits(family) ? length : undefined;
}

function parseMask(text: string): number | undefined {
  const mask = parseAddress(text);
  if (mask?.family !== 'ipv4') return undefined;
  const bits = mask.value.toString(2).padStart(32, '0');
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : undefined;
}

function sharesBits(a: bigint, b: bigint, { family }: Prefix, length: number): boolean {
  return (a ^ b) >> BigInt(addressBits(family) - length) === 0n;
}
