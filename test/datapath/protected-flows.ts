import { join } from 'node:path';
import { Capture } from '../support/capture.ts';
import { eventually } from '../support/eventually.ts';
import { type Packet, plaintextOf } from '../support/packet.ts';
import { type PeerConnection, swanctlConf } from '../support/peer-connection.ts';
import type { Testbed } from '../support/testbed.ts';
import type { Flow, FlowReport } from '../support/traffic-orders.ts';

/** Datagrams a second of each flow. */
export const perSecond = 100;
/** A third host in all but name: an address of the peer that no IPsec is configured for, so that it sends in clear. */
export const strangerAddress = '10.9.0.77';

const udp = 17;
const ports = { four: 7000, six: 7001, stranger: 7002 } as const;
/** So many answered datagrams of either family, one after the other, show that traffic flows again. */
const inARow = 25;
/** Until traffic flows again: an SA that the kernel asked for in vain may be asked for again after five seconds. */
const recovery = { deadlineMilliseconds: 60_000 };

/** What was seen on the wire and at the ends while something was done. */
export interface Sighting {
  readonly esp: number;
  /** Datagrams that the flows under protection wanted to send, and those that came back. */
  readonly attempted: number;
  readonly answered: number;
  /** UDP between our addresses and those of the policies, readable: sent by either end under protection. */
  readonly clear: readonly Packet[];
  /** Datagrams that the stranger sent in clear, and those that a socket of ours was given. */
  readonly strangers: { readonly sent: number; readonly accepted: number };
}

/**
 * Three steady flows: over IPv4 begun by us, over IPv6 begun by the peer, both echoed, and one of a stranger that our
 * policy demands ESP of and that sends in clear.
 */
export class ProtectedFlows {
  readonly #bed: Testbed;
  #captures = 0;

  private constructor(bed: Testbed) {
    this.#bed = bed;
  }

  /** Gives the stranger its address and listens where the flows go. */
  static async prepare(bed: Testbed): Promise<ProtectedFlows> {
    await bed.network.addAddress(bed.peer, `${strangerAddress}/24`);
    // The peer too keeps its first packet until it has an SA.
    await bed.network.run(bed.peer, 'sysctl', '-qw', 'net.core.xfrm_larval_drop=0');
    await bed.traffic.peer.echo('udp', bed.peer.ipv4, ports.four);
    await bed.traffic.ours.echo('udp', bed.ours.ipv6, ports.six);
    await bed.traffic.peer.echo('udp', bed.peer.ipv6, ports.six);
    await bed.traffic.ours.echo('udp', bed.ours.ipv4, ports.stranger);
    return new ProtectedFlows(bed);
  }

  /** The other ends of the three policies that protect the flows: all UDP between these and us. */
  get remotes(): { readonly four: string; readonly six: string; readonly stranger: string } {
    return { four: this.#bed.peer.ipv4, six: this.#bed.peer.ipv6, stranger: strangerAddress };
  }

  /** The peer's half, which never lets UDP to us out in clear either; over IPv4 any protocol. */
  peerConfiguration(key: string): string {
    const { ours, peer } = this.#bed;
    const connection = (
      name: string,
      [local, remote]: readonly [string, string],
      selector: string,
    ): PeerConnection => {
      const ends = { localTs: `${local}${selector}`, remoteTs: `${remote}${selector}` };
      const children = [{ name: `${name}-child`, ...ends, startAction: 'trap' }] as const;
      return { name, local, remote, children, espProposals: 'aes256gcm16,aes256gmac' };
    };
    return swanctlConf(
      [
        connection('four', [peer.ipv4, ours.ipv4], '/32'),
        // Any protocol would take neighbour discovery along, which a stock peer has no exception for.
        connection('six', [peer.ipv6, ours.ipv6], '/128[udp]'),
      ],
      [
        { name: 'four', identities: [ours.ipv4, peer.ipv4], key },
        { name: 'six', identities: [ours.ipv6, peer.ipv6], key },
      ],
    );
  }

  /**
   * Resolves when datagrams of both families are answered without a gap. We send over IPv6 too: a peer whose SA died
   * with a killed charon learns it from the next one only.
   */
  async untilTheyFlow(): Promise<void> {
    const { ours, peer } = this.#bed;
    const { four, six } = this.#flows;
    const sixByUs = { ...six, source: ours.ipv6, destination: peer.ipv6 };
    for (const [from, flow] of [['ours', four] as const, ['ours', sixByUs] as const, ['peer', six] as const])
      await eventually(
        `${inARow} datagrams in a row from ${flow.source} to ${flow.destination} are answered`,
        async () => (await this.#bed.traffic[from].send(flow, inARow)).answered === inARow,
        recovery,
      );
  }

  /** Lets the flows run while `during` happens, and tells what was seen. */
  async watch(during: () => Promise<void>): Promise<Sighting> {
    const { network, ours, directory, traffic } = this.#bed;
    this.#captures += 1;
    const capture = await Capture.start(network, ours, join(directory, `wire-${this.#captures}.pcap`));
    const before = await traffic.ours.heard(ports.stranger);
    const { four, six, stranger } = this.#flows;
    const stops = [
      await traffic.ours.flow(four),
      await traffic.peer.flow(six),
      await traffic.peer.flow(stranger),
    ] as const;
    await during();
    const [fours, sixes, strangers] = await Promise.all([stops[0](), stops[1](), stops[2]()]);
    const packets = await capture.stop();
    return {
      esp: packets.filter(({ kind }) => kind === 'esp').length,
      attempted: attempts(fours) + attempts(sixes),
      answered: fours.answered + sixes.answered,
      clear: this.#clear(packets),
      strangers: {
        sent: strangers.sent,
        accepted: (await traffic.ours.heard(ports.stranger)) - before,
      },
    };
  }

  get #flows(): { readonly four: Flow; readonly six: Flow; readonly stranger: Flow } {
    const { ours, peer } = this.#bed;
    return {
      four: { source: ours.ipv4, destination: peer.ipv4, port: ports.four, perSecond },
      six: { source: peer.ipv6, destination: ours.ipv6, port: ports.six, perSecond },
      stranger: { source: strangerAddress, destination: ours.ipv4, port: ports.stranger, perSecond },
    };
  }

  /** What the stranger sends is in clear and not ours to prevent; an answer to it would be. */
  #clear(packets: readonly Packet[]): readonly Packet[] {
    const { ours, peer } = this.#bed;
    const between = (one: string, other: string) =>
      plaintextOf(packets, { between: [one, other], protocol: udp });
    return [
      ...between(ours.ipv4, peer.ipv4),
      ...between(ours.ipv6, peer.ipv6),
      ...between(ours.ipv4, strangerAddress).filter(
        (packet) => packet.kind === 'plain' && packet.source === ours.ipv4,
      ),
    ];
  }
}

function attempts({ sent, refused }: FlowReport): number {
  return Object.values(refused).reduce((sum, times) => sum + times, sent);
}
