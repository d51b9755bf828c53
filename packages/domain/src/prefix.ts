/** Address family of a selector or an endpoint. */
export type Family = 'ipv4' | 'ipv6';

/** An IP address as a number; `value` is below 2^32 for IPv4 and below 2^128 for IPv6. */
export interface IpAddress {
  readonly family: Family;
  readonly value: bigint;
}

/**
 * An address with a prefix length (RFC 4632, RFC 4291 2.3). `address` keeps the host bits that the user wrote,
 * because ONTAP gives endpoint addresses back as they came; comparisons mask them.
 */
export interface Prefix {
  readonly family: Family;
  readonly address: bigint;
  readonly length: number;
}
