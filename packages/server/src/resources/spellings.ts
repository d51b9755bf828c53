import {
  formatAddress,
  formatPort,
  formatProtocol,
  parseAddress,
  parseNetmask,
  readProtocol,
} from '@esplanade/domain';

/** The printed form of a protocol in any spelling that a body may have: `tcp` of `6`, `1` of `ICMP`. */
export function protocolSpelling(text: string): string {
  const number = readProtocol(text);
  return number === undefined ? text : formatProtocol(number);
}

/** The printed form of a netmask: `24` of `255.255.255.0`. */
export function netmaskSpelling(text: string): string {
  const length = parseNetmask(text, text.includes('.') ? 'ipv4' : 'ipv6');
  return length === undefined ? text : String(length);
}

/** The printed form of a subnet: `192.0.2.0/24` of `192.0.2.0/255.255.255.0`, IPv6 compressed. */
export function subnetSpelling(text: string): string {
  const [, host = '', netmask = ''] = /^([^/]*)\/(.*)$/.exec(text) ?? [];
  const address = parseAddress(host);
  return address === undefined ? text : `${formatAddress(address)}/${netmaskSpelling(netmask)}`;
}

/** The printed form of a port: `2049-2049` of `2049`. */
export function portSpelling(text: string): string {
  return /^(0|[1-9]\d{0,4})$/.test(text) ? formatPort(Number(text)) : text;
}
