import { isIP } from 'node:net';
import { systemReasonOf } from './settings.ts';

/** Where a listener is bound; `host` is an address or a name without brackets. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `HOST:PORT`, `[IPV6]:PORT` or `PORT` (loopback); an array holds what is wrong. `:PORT` means every address
 * elsewhere and is refused: who wants to be open to all hosts says so.
 */
export function parseListenAddress(text: string): ListenAddress | string[] {
  const match = /^(?:(?:\[([^\]]+)\]|([^:]*)):)?(\d{1,5})$/.exec(text);
  if (match === null) return [`"${text}" is not HOST:PORT, for example 127.0.0.1:8443 or [::1]:8443.`];
  const [, bracketed, plain, digits] = match;
  const port = Number(digits);
  if (port > 65535) return [`port ${digits} is above 65535.`];
  if (bracketed !== undefined && isIP(bracketed) !== 6) return [`"${bracketed}" is not an IPv6 address.`];
  if (plain === '')
    return [
      `":${digits}" names no host. Send 127.0.0.1:${digits} for this host alone, or [::]:${digits} for every address.`,
    ];
  const host = bracketed ?? plain ?? '127.0.0.1';
  // Digits and dots that are no IPv4 address would otherwise be looked up as a name, and fail far from here.
  if (/^[\d.]+$/.test(host) && isIP(host) !== 4) return [`"${host}" is not an IPv4 address.`];
  if (isIP(host) === 0 && !/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(host))
    return [`"${host}" is not an address or a host name.`];
  return { host, port };
}

/** A listener could not be bound; the message says all. */
export class ListenError extends Error {
  override readonly name = 'ListenError';

  /** `option` names the address. */
  constructor(option: string, address: ListenAddress, cause: unknown) {
    super(
      `cannot listen on ${formatListenAddress(address)}: ${systemReasonOf(cause)}. Name another address with --${option}.`,
      { cause },
    );
  }
}

/** `HOST:PORT` as it stands in a URL. */
export function formatListenAddress({ host, port }: ListenAddress): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
