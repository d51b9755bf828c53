import {
  containsAddress,
  type IpAddress,
  isIpv4Mapped,
  type Prefix,
  parseAddress,
  parsePrefix,
} from '@esplanade/domain';

/** Addresses of our own networks that lists may be fetched from all the same, as an administrator has said. */
export interface FetchAllowance {
  readonly prefix: Prefix;
  /** Ports there; undefined: those of http and https. */
  readonly port?: number;
}

/** Why a URL cannot be fetched from, whatever is behind it. */
export type UrlObstacle = 'unreadable' | 'scheme' | 'credentials' | 'port' | 'address';

const ordinaryPorts: readonly number[] = [80, 443];

/** No list lies there, whoever says so: this network, links (where clouds keep their metadata), groups, reserved. */
const never = prefixes('0.0.0.0/8 169.254.0.0/16 224.0.0.0/4 240.0.0.0/4 ::/128 fe80::/10 ff00::/8');

/**
 * What is not reachable from everywhere (the registries of RFC 6890), and so may be somebody's own: loopback, private and
 * shared networks, documentation, benchmarks, protocol assignments.
 */
const closedIpv4 = prefixes(
  '10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24',
);
/** Of IPv6 only this is out in the open (RFC 4291 2.4), but for what within it is not, or leads to an IPv4 address. */
const [openIpv6] = prefixes('2000::/3');
const closedIpv6 = prefixes('2001::/23 2001:db8::/32 2002::/16 3fff::/20');

/**
 * Says where the server may fetch from. What a user names must not make it a way into networks that the user cannot
 * reach: the server's own host, the hosts around it, a cloud's metadata.
 */
export class FetchGuard {
  readonly #allowances: readonly FetchAllowance[];

  constructor(allowances: readonly FetchAllowance[]) {
    this.#allowances = allowances;
  }

  /** The URL, or why it cannot be fetched from. Of a name this does not say where it leads. */
  readUrl(text: string): URL | UrlObstacle {
    const url = URL.parse(text);
    if (url === null) return 'unreadable';
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'scheme';
    if (url.hostname === '') return 'unreadable';
    if (url.username !== '' || url.password !== '') return 'credentials';
    const port = portOf(url);
    if (!ordinaryPorts.includes(port) && !this.#allowances.some((allowed) => allowed.port === port))
      return 'port';
    const literal = literalAddress(url);
    return literal !== undefined && !this.mayConnect(literal, port) ? 'address' : url;
  }

  /** Whether a connection may go to that port of an address, in whichever notation it is. */
  mayConnect(address: string, port: number): boolean {
    const given = parseAddress(address);
    if (given === undefined) return false;
    const meant = unmapped(given);
    if (never.some((prefix) => containsAddress(prefix, meant))) return false;
    const isAllowed = this.#allowances.some(
      (allowed) =>
        containsAddress(allowed.prefix, meant) &&
        (allowed.port === undefined ? ordinaryPorts.includes(port) : allowed.port === port),
    );
    return isAllowed || (ordinaryPorts.includes(port) && isOpen(meant));
  }
}

/** The address that stands in place of a name, without the brackets. */
export function literalAddress({ hostname }: URL): string | undefined {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return parseAddress(bare) === undefined ? undefined : bare;
}

export function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

/** Reads `PREFIX` or `PREFIX=PORT` of `--crl-fetch-allow`; `undefined` when it is neither. */
export function parseAllowance(text: string): FetchAllowance | undefined {
  const [prefixText = '', portText, ...others] = text.split('=');
  const prefix = parsePrefix(prefixText);
  if (prefix === undefined || others.length > 0) return undefined;
  if (portText === undefined) return { prefix };
  const port = /^[1-9]\d{0,4}$/.test(portText) ? Number(portText) : 0;
  return port === 0 || port > 65_535 ? undefined : { prefix, port };
}

function isOpen(address: IpAddress): boolean {
  if (address.family === 'ipv4') return !closedIpv4.some((prefix) => containsAddress(prefix, address));
  const isGlobal = openIpv6 !== undefined && containsAddress(openIpv6, address);
  return isGlobal && !closedIpv6.some((prefix) => containsAddress(prefix, address));
}

/** An IPv4 address that is written as an IPv6 one is that IPv4 address. */
function unmapped(address: IpAddress): IpAddress {
  return isIpv4Mapped(address) ? { family: 'ipv4', value: address.value & 0xffffffffn } : address;
}

function prefixes(text: string): readonly Prefix[] {
  return text.split(' ').flatMap((one) => parsePrefix(one) ?? []);
}
