import { isIP } from 'node:net';
import { parseIp, stringifyIp } from 'ip-bigint';

/** Address family of a selector or an endpoint. */
export type Family = 'ipv4' | 'ipv6';

/** An IP address as a number; `value` is below 2^32 for IPv4 and below 2^128 for IPv6. */
export interface IpAddress {
  readonly family: Family;
  readonly value: bigint;
}

/** Bits in an address: 32 or 128. */
export function addressBits(family: Family): 32 | 128 {
  return family === 'ipv4' ? 32 : 128;
}

/**
 * Reads an address, or gives `undefined`. Strict: no octal-looking IPv4 (`010.1.1.1` means different hosts to
 * different programs), no zone (`fe80::1%eth0`), no spaces.
 */
export function parseAddress(text: string): IpAddress | undefined {
  const version = isIP(text);
  if (version === 0 || text.includes('%')) return undefined;
  return { family: version === 4 ? 'ipv4' : 'ipv6', value: parseIp(text).number };
}

const mappedPrefix = 0xffffn;

/** Whether it is an IPv4 address in IPv6 clothing, `::ffff:0:0/96` (RFC 4291 2.5.5.2); such never appear on a wire. */
export function isIpv4Mapped(address: IpAddress): boolean {
  return address.family === 'ipv6' && address.value >> 32n === mappedPrefix;
}

/**
 * The one text form of an address: dotted IPv4, or IPv6 compressed in lower case (RFC 5952, section 5 for mapped ones).
 */
export function formatAddress(address: IpAddress): string {
  return stringifyIp({
    number: address.value,
    version: address.family === 'ipv4' ? 4 : 6,
    ipv4mapped: isIpv4Mapped(address),
  });
}

/** Whether both are the same address of the same family. */
export function addressesEqual(a: IpAddress, b: IpAddress): boolean {
  return a.family === b.family && a.value === b.value;
}
