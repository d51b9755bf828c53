import { runCommand } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import type { Packet } from '../support/packet.ts';
import type { Testbed } from '../support/testbed.ts';
import type { Traffic } from '../support/traffic.ts';
import type { Ends, Exchange } from './scenario-plan.ts';

/** Inside the GRE tunnel of `layTunnels`, one network for each family that it may run over. */
const tunnelAddresses = {
  ipv4: { ours: '172.31.4.1', peer: '172.31.4.2' },
  ipv6: { ours: '172.31.6.1', peer: '172.31.6.2' },
} as const;

/** GRE tunnels between the hosts: ordinary traffic of a protocol without ports that both kernels answer. */
export async function layTunnels({ ours, peer }: Testbed): Promise<void> {
  const hosts = { ours, peer };
  for (const side of ['ours', 'peer'] as const) {
    const [host, other] = [hosts[side], hosts[otherSide(side)]];
    const lines = [
      `link add tunnel4 type gre local ${host.ipv4} remote ${other.ipv4}`,
      // Without encapsulation limit, which would put an extension header before protocol 47.
      `link add tunnel6 type ip6gre local ${host.ipv6} remote ${other.ipv6} encaplimit none`,
      // No link-local address, so that nothing is sent unasked.
      'link set tunnel4 addrgenmode none up',
      'link set tunnel6 addrgenmode none up',
      `address add ${tunnelAddresses.ipv4[side]}/24 dev tunnel4`,
      `address add ${tunnelAddresses.ipv6[side]}/24 dev tunnel6`,
    ];
    await runCommand('ip', ['-n', host.namespace, '-batch', '-'], { input: `${lines.join('\n')}\n` });
  }
}

/** How an exchange is carried out: between whom, and who begins. */
export interface Exchanging {
  readonly family: 'ipv4' | 'ipv6';
  readonly ends: Ends;
  readonly first: 'ours' | 'peer';
}

/** Answers what these exchanges will send, from now on. */
export async function listenFor(
  bed: Testbed,
  exchanges: readonly Exchange[],
  { ends, first }: Exchanging,
): Promise<void> {
  const second = otherSide(first);
  for (const protocol of ['tcp', 'udp'] as const) {
    const ports = exchanges.filter((one) => one.protocol === protocol).map((one) => portOf(one, second));
    for (const port of new Set(ports)) await bed.traffic[second].echo(protocol, ends[second], port);
  }
}

/** Whether the first packet is answered at the first attempt: nobody waits for an SA here. */
export async function isAnswered(bed: Testbed, exchange: Exchange, how: Exchanging): Promise<boolean> {
  return await attempt(bed.traffic[how.first], exchange, how, 1_000);
}

/** Resolves once it is answered; throws if it is not for as long as bringing up an SA may take. */
export async function untilAnswered(bed: Testbed, exchange: Exchange, how: Exchanging): Promise<void> {
  await eventually(
    `an answer to ${exchange.protocol} from ${how.first}`,
    async () => await attempt(bed.traffic[how.first], exchange, how, 8_000),
  );
}

async function attempt(
  traffic: Traffic,
  exchange: Exchange,
  { family, ends, first }: Exchanging,
  timeoutMilliseconds: number,
): Promise<boolean> {
  const second = otherSide(first);
  const place = {
    source: ends[first],
    sourcePort: portOf(exchange, first),
    destination: ends[second],
    port: portOf(exchange, second),
  };
  switch (exchange.protocol) {
    case 'tcp':
      return (await traffic.connect({ ...place, timeoutMilliseconds })) === 'answered';
    case 'udp':
      return (await traffic.send({ ...place, perSecond: 20 }, 3)).answered > 0;
    case 'icmp':
      return (await traffic.ping(ends[second], 2, ends[first])) > 0;
    case 'gre': {
      const inside = tunnelAddresses[family];
      return (await traffic.ping(inside[second], 2, inside[first])) > 0;
    }
  }
}

function otherSide(side: 'ours' | 'peer'): 'ours' | 'peer' {
  return side === 'ours' ? 'peer' : 'ours';
}

function portOf({ ourPort, peerPort }: Exchange, side: 'ours' | 'peer'): number {
  return side === 'ours' ? ourPort : peerPort;
}

/** The packets of an exchange that are readable on the wire, by whom they are from. */
export function inClear(
  packets: readonly Packet[],
  exchange: Exchange,
  { family, ends }: Exchanging,
): { readonly fromOurs: readonly Packet[]; readonly fromPeer: readonly Packet[] } {
  const number = { tcp: 6, udp: 17, icmp: family === 'ipv4' ? 1 : 58, gre: 47 }[exchange.protocol];
  const from = (side: 'ours' | 'peer'): readonly Packet[] => {
    const other = otherSide(side);
    return packets.filter(
      (packet) =>
        packet.kind === 'plain' &&
        packet.protocol === number &&
        packet.source === ends[side] &&
        packet.destination === ends[other] &&
        packet.sourcePort === portOf(exchange, side) &&
        packet.destinationPort === portOf(exchange, other),
    );
  };
  return { fromOurs: from('ours'), fromPeer: from('peer') };
}
