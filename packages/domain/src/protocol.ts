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
