import {
  hasPorts,
  matchesPacket,
  type Packet,
  parseAddress,
  protocols,
  type TrafficSelector,
} from '@esplanade/domain';
import { describeProbe } from './model-and-kernel.ts';
import type { Probe } from './packet-oracle.ts';
import type { Random } from './random.ts';
import { packetPorts, worlds } from './random-world.ts';

/** What our own sockets can send with the ports where the kernel looks for them, and what can arrive. */
const portProtocols = {
  out: [protocols.tcp, protocols.udp, protocols.udplite],
  in: [protocols.tcp, protocols.udp, protocols.udplite, protocols.sctp, protocols.dccp],
} as const;

const gre = 47;
const patience = 100;

/** So many different packets, both ways; most of them are meant for one or two of the selectors. */
export function randomProbes(
  count: number,
  selectors: readonly TrafficSelector[],
  random: Random,
): readonly Probe[] {
  const probes = new Map<string, Probe>();
  while (probes.size < count) {
    const probe = aimedProbe(selectors, random);
    probes.set(describeProbe(probe), probe);
  }
  return [...probes.values()];
}

/** Aimed at none, one or two of the selectors; not every two have a packet in common. */
function aimedProbe(selectors: readonly TrafficSelector[], random: Random): Probe {
  const aims =
    selectors.length === 0 ? [] : Array.from({ length: random.integer(0, 2) }, () => random.pick(selectors));
  let probe = randomProbe(random);
  let hits = hitsOf(probe);
  for (let tries = 0; hits < aims.length && tries < patience; tries += 1) {
    const other = randomProbe(random);
    if (hitsOf(other) > hits) {
      probe = other;
      hits = hitsOf(other);
    }
  }
  return probe;

  function hitsOf({ packet }: Probe): number {
    return aims.filter((aim) => matchesPacket(aim, packet)).length;
  }
}

function randomProbe(random: Random): Probe {
  const direction = random.pick(['out', 'out', 'in'] as const);
  const world = worlds[random.pick(['ipv4', 'ipv6'] as const)];
  const protocol = random.pick([
    ...portProtocols[direction],
    protocols.tcp,
    protocols.udp,
    world.icmpProtocol,
    gre,
  ]);
  const addresses = {
    localAddress: address(random.pick(world.locals)),
    remoteAddress: address(random.pick(world.remotes)),
  };
  return { direction, packet: { ...addresses, protocol, ...transport(protocol, world.icmpProtocol) } };

  function transport(protocol: number, icmp: number): Pick<Packet, 'localPort' | 'remotePort' | 'icmpType'> {
    if (protocol === icmp) return { icmpType: random.pick(world.icmpTypes) };
    return hasPorts(protocol)
      ? { localPort: random.pick(packetPorts), remotePort: random.pick(packetPorts) }
      : {};
  }
}

function address(text: string): Packet['localAddress'] {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`not an address: ${text}`);
  return parsed;
}
