import { isIPv6 } from 'node:net';

/** Where a packet goes, as the IP header says. */
interface Addressed {
  /** When it was captured, seconds since the epoch with microseconds. */
  readonly atSeconds: number;
  readonly source: string;
  readonly destination: string;
  /** Length of the IP packet in bytes. */
  readonly bytes: number;
}

/** One frame on the wire, by what an IPsec tester wants to know of it. */
export type Packet =
  /** IP protocol 50 (RFC 4303), or the same inside UDP 4500 (RFC 3948). */
  | (Addressed & {
      readonly kind: 'esp';
      readonly spi: string;
      readonly sequence: number;
      readonly isInUdp: boolean;
    })
  /** IKE: UDP 500, or UDP 4500 with the non-ESP marker; NAT keepalives too. */
  | (Addressed & { readonly kind: 'ike' })
  /** ICMPv6 133–137 (RFC 4861), which an SPD of ours always lets pass. */
  | (Addressed & { readonly kind: 'neighbour-discovery'; readonly icmpType: number })
  /** Any other IP packet: this is plaintext. Ports are 0 where the protocol has none. */
  | (Addressed & {
      readonly kind: 'plain';
      readonly protocol: number;
      readonly sourcePort: number;
      readonly destinationPort: number;
    })
  /** Not IP: ARP, for one. */
  | { readonly kind: 'not-ip'; readonly atSeconds: number; readonly etherType: number };

/** Which plaintext one looks for: between two addresses, either way. Ports are matched on either side. */
export interface Conversation {
  readonly between: readonly [string, string];
  /** IANA number. */
  readonly protocol?: number;
  readonly port?: number;
}

/** The packets that carry the conversation's own headers readable over the wire. */
export function plaintextOf(packets: readonly Packet[], conversation: Conversation): readonly Packet[] {
  const [one, other] = conversation.between;
  return packets.filter(
    (packet) =>
      packet.kind === 'plain' &&
      ((packet.source === one && packet.destination === other) ||
        (packet.source === other && packet.destination === one)) &&
      (conversation.protocol === undefined || packet.protocol === conversation.protocol) &&
      (conversation.port === undefined ||
        packet.sourcePort === conversation.port ||
        packet.destinationPort === conversation.port),
  );
}

/** A line for people. */
export function describePacket(packet: Packet): string {
  if (packet.kind === 'not-ip') return `ethertype 0x${packet.etherType.toString(16)}`;
  const way = `${packet.source} > ${packet.destination}`;
  switch (packet.kind) {
    case 'esp':
      return `${way} ${packet.isInUdp ? 'UDP-encapsulated ESP' : 'ESP'} spi ${packet.spi} seq ${packet.sequence}`;
    case 'ike':
      return `${way} IKE`;
    case 'neighbour-discovery':
      return `${way} neighbour discovery ${packet.icmpType}`;
    case 'plain':
      return `${way} PLAIN protocol ${packet.protocol} ports ${packet.sourcePort} > ${packet.destinationPort}`;
  }
}

/** Classifies an Ethernet frame (no VLAN tags). */
export function parseFrame(frame: Buffer, atSeconds: number): Packet {
  const etherType = frame.readUInt16BE(12);
  const packet = frame.subarray(14);
  if (etherType === 0x0800) return parseIpv4(packet, atSeconds);
  if (etherType === 0x86dd) return parseIpv6(packet, atSeconds);
  return { kind: 'not-ip', atSeconds, etherType };
}

function parseIpv4(packet: Buffer, atSeconds: number): Packet {
  const addressed = {
    atSeconds,
    source: packet.subarray(12, 16).join('.'),
    destination: packet.subarray(16, 20).join('.'),
    bytes: packet.readUInt16BE(2),
  };
  const headerBytes = (packet.readUInt8(0) & 0x0f) * 4;
  const isLaterFragment = (packet.readUInt16BE(6) & 0x1fff) !== 0;
  return parsePayload(
    addressed,
    packet.readUInt8(9),
    isLaterFragment ? undefined : packet.subarray(headerBytes),
  );
}

/** Hop-by-hop options, routing, destination options: each says what follows and how long it is (RFC 8200 section 4). */
const skippedHeaders = new Set([0, 43, 60]);
const fragmentHeader = 44;

function parseIpv6(packet: Buffer, atSeconds: number): Packet {
  const addressed = {
    atSeconds,
    source: ipv6Text(packet.subarray(8, 24)),
    destination: ipv6Text(packet.subarray(24, 40)),
    bytes: packet.readUInt16BE(4) + 40,
  };
  let protocol = packet.readUInt8(6);
  let rest = packet.subarray(40);
  while (skippedHeaders.has(protocol)) {
    protocol = rest.readUInt8(0);
    rest = rest.subarray((rest.readUInt8(1) + 1) * 8);
  }
  if (protocol === fragmentHeader) {
    const isLaterFragment = (rest.readUInt16BE(2) & 0xfff8) !== 0;
    return parsePayload(addressed, rest.readUInt8(0), isLaterFragment ? undefined : rest.subarray(8));
  }
  return parsePayload(addressed, protocol, rest);
}

const esp = 50;
const udp = 17;
const icmpv6 = 58;
/** TCP, UDP, DCCP, SCTP and UDP-Lite begin with two ports. */
const withPorts = new Set([6, udp, 33, 132, 136]);

function parsePayload(addressed: Addressed, protocol: number, payload: Buffer | undefined): Packet {
  const isLongEnough = payload !== undefined && payload.length >= 8;
  if (!isLongEnough) return { ...addressed, kind: 'plain', protocol, sourcePort: 0, destinationPort: 0 };
  if (protocol === esp) return espPacket(addressed, payload, false);
  if (protocol === udp) return udpPacket(addressed, payload);
  const icmpType = payload.readUInt8(0);
  if (protocol === icmpv6 && icmpType >= 133 && icmpType <= 137) {
    return { ...addressed, kind: 'neighbour-discovery', icmpType };
  }
  const [sourcePort, destinationPort] = withPorts.has(protocol)
    ? [payload.readUInt16BE(0), payload.readUInt16BE(2)]
    : [0, 0];
  return { ...addressed, kind: 'plain', protocol, sourcePort, destinationPort };
}

function udpPacket(addressed: Addressed, datagram: Buffer): Packet {
  const sourcePort = datagram.readUInt16BE(0);
  const destinationPort = datagram.readUInt16BE(2);
  const body = datagram.subarray(8);
  const isPort = (port: number): boolean => sourcePort === port || destinationPort === port;
  if (isPort(500)) return { ...addressed, kind: 'ike' };
  if (isPort(4500)) {
    // RFC 3948: four zero bytes mark IKE, one byte 0xff a keepalive; anything else is an SPI.
    const isIke = body.length < 8 || body.readUInt32BE(0) === 0;
    return isIke ? { ...addressed, kind: 'ike' } : espPacket(addressed, body, true);
  }
  return { ...addressed, kind: 'plain', protocol: udp, sourcePort, destinationPort };
}

function espPacket(addressed: Addressed, payload: Buffer, isInUdp: boolean): Packet {
  const spi = payload.subarray(0, 4).toString('hex');
  return { ...addressed, kind: 'esp', spi, sequence: payload.readUInt32BE(4), isInUdp };
}

/** RFC 5952 form, as `ip` prints it. */
function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  const text = new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
  if (!isIPv6(text)) throw new Error(`not an IPv6 address: ${text}`);
  return text;
}
