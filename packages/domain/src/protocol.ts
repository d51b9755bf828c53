/** IP protocol numbers (IANA) that the rules speak of. 0 is any. */
export const protocols = {
  any: 0,
  icmp: 1,
  tcp: 6,
  udp: 17,
  dccp: 33,
  icmpv6: 58,
  sctp: 132,
  udplite: 136,
} as const;

/** Whether packets of the protocol carry the ports that Linux compares with a selector. */
export function hasPorts(protocol: number): boolean {
  return portProtocols.has(protocol);
}

const portProtocols: ReadonlySet<number> = new Set([
  protocols.tcp,
  protocols.udp,
  protocols.dccp,
  protocols.sctp,
  protocols.udplite,
]);

/** The protocol number that a name in any case or a decimal number means; 0 is any, `undefined` is no protocol. */
export function readProtocol(text: string): number | undefined {
  const name = text.toLowerCase();
  if (Object.hasOwn(protocolNames, name)) return protocolNames[name];
  return /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) <= 255 ? Number(text) : undefined;
}

const protocolNames: Readonly<Record<string, number>> = {
  any: protocols.any,
  icmp: protocols.icmp,
  tcp: protocols.tcp,
  udp: protocols.udp,
};

/** The wire form of a protocol: `any`, `tcp`, `udp`, else its number. Ansible compares with these three names only. */
export function formatProtocol(protocol: number): string {
  if (protocol === protocols.any) return 'any';
  if (protocol === protocols.tcp) return 'tcp';
  if (protocol === protocols.udp) return 'udp';
  return String(protocol);
}

/** The wire form of a port, always a range as ONTAP gives it back: `201-201`, and `0-0` for any. */
export function formatPort(port: number): string {
  return `${port}-${port}`;
}
