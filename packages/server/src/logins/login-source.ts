import { type IpAddress, isIpv4Mapped, parseAddress } from '@esplanade/domain';

/** Bits of an IPv6 address that its host, or whoever controls its link, chooses freely (RFC 4291 2.5.4). */
const interfaceBits = 64n;

/**
 * Where a login comes from, as a key: an IPv4 address, or the /64 of an IPv6 address, because one host has all of that.
 * `remoteAddress` is what a socket says; without one all share a key.
 */
export function sourceOf(remoteAddress: string | undefined): string {
  // A zone (`fe80::1%eth0`) names our link, not the sender.
  const address = parseAddress(remoteAddress?.split('%', 1)[0] ?? '');
  if (address === undefined) return 'unknown';
  return address.family === 'ipv4' ? `${address.value}` : sourceOfIpv6(address);
}

/** Bits that one party commonly has at most: a site's /48 (RFC 6177) is 65,536 sources. */
const siteBits = 80n;

/** Whose sources it may be one of, as a key: the /48 of an IPv6 address; an IPv4 address is one by itself. */
export function networkOf(remoteAddress: string | undefined): string {
  const address = parseAddress(remoteAddress?.split('%', 1)[0] ?? '');
  const isSite = address !== undefined && address.family === 'ipv6' && !isIpv4Mapped(address);
  return isSite ? `${address.value >> siteBits}/48` : sourceOf(remoteAddress);
}

function sourceOfIpv6(address: IpAddress): string {
  return isIpv4Mapped(address) ? `${address.value & 0xffff_ffffn}` : `${address.value >> interfaceBits}/64`;
}
