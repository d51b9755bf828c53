import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildSa, IkeSa, SecurityAssociation } from '@esplanade/domain';
import { expect } from 'vitest';
import type { IpspaceDaemons } from '../../../../../test/support/charon.ts';
import { eventually } from '../../../../../test/support/eventually.ts';
import { Network } from '../../../../../test/support/network.ts';
import { StockPeer } from '../../../../../test/support/stock-peer.ts';
import { Traffic } from '../../../../../test/support/traffic.ts';
import type { Datapath, DatapathEntry } from '../../datapath.ts';
import { openDriver, startDaemons } from './conformance-harness.ts';
import { settings, testPsk, uuid } from './entries.ts';
import { type PeerChild, peerConfiguration } from './peer-configuration.ts';

/** Where the peer answers over TCP. */
export const nfsPort = 2049;
/** Where the peer answers over TCP as well. */
export const smbPort = 445;
/** Where the peer answers over UDP. */
export const echoPort = 7000;

/** A driver with its daemons in one host, and a stock strongSwan in another that answers what reaches it. */
export class DriverBesidePeer {
  readonly network: Network<'ours' | 'peer'>;
  readonly directory: string;
  readonly daemons: IpspaceDaemons;
  readonly datapath: Datapath;
  readonly peer: StockPeer;
  /** Sends from our host. */
  readonly traffic: Traffic;
  /** Answers in the peer's. */
  readonly answering: Traffic;
  readonly #installed = new Set<DatapathEntry>();
  readonly #closing: AsyncDisposableStack;

  private constructor(parts: Parts, closing: AsyncDisposableStack) {
    this.network = parts.network;
    this.directory = parts.directory;
    this.daemons = parts.daemons;
    this.datapath = parts.datapath;
    this.peer = parts.peer;
    this.traffic = parts.traffic;
    this.answering = parts.answering;
    this.#closing = closing;
  }

  /** Starts everything; the peer is not configured yet, and nothing is installed. */
  static async start(): Promise<DriverBesidePeer> {
    await using opened = new AsyncDisposableStack();
    const network = await Network.create(['ours', 'peer']);
    opened.defer(() => network.close());
    const { ours, peer: other } = network.hosts;
    const directory = await mkdtemp(join(tmpdir(), 'esplanade-driver-'));
    opened.defer(() => rm(directory, { recursive: true, force: true }));
    const daemons = await startDaemons(ours);
    opened.defer(() => daemons.close());
    const datapath = openDriver(daemons);
    opened.defer(() => datapath.close());
    const peer = await StockPeer.start({ namespace: other.namespace, directory, configuration: '' });
    opened.defer(() => peer.stop());
    const traffic = await Traffic.start(ours);
    opened.defer(() => traffic.stop());
    const answering = await Traffic.start(other);
    opened.defer(() => answering.stop());
    for (const address of [other.ipv4, other.ipv6]) {
      for (const port of [nfsPort, smbPort]) await answering.echo('tcp', address, port);
      await answering.echo('udp', address, echoPort);
    }
    return new DriverBesidePeer(
      { network, directory, daemons, datapath, peer, traffic, answering },
      opened.move(),
    );
  }

  /** What every connection of the peer's has in common, in its own view of local and remote. */
  get ends(): { readonly local: string; readonly remote: string; readonly psk: string } {
    const { ours, peer } = this.network.hosts;
    return { local: peer.ipv4, remote: ours.ipv4, psk: testPsk };
  }

  async install(...entries: readonly DatapathEntry[]): Promise<void> {
    for (const one of entries) {
      await this.datapath.install(one, settings);
      this.#installed.add(one);
    }
  }

  /** Removes what was installed, and waits until no SA of it is left. */
  async clear(): Promise<void> {
    for (const { policy } of this.#installed) await this.datapath.remove(policy.uuid);
    this.#installed.clear();
    await eventually('no SA is left', async () => (await this.datapath.securityAssociations()).length === 0);
  }

  /** A child of the peer's, for all traffic between the two hosts or for that of one TCP port of its own. */
  child(name: string, port?: number): PeerChild {
    const { local, remote } = this.ends;
    const [ofPort, ofTcp] = port === undefined ? ['', ''] : [`[tcp/${port}]`, '[tcp]'];
    return { name, localTs: `${local}/32${ofPort}`, remoteTs: `${remote}/32${ofTcp}` };
  }

  /** The peer has one connection to us, for all traffic between the two hosts where no change says otherwise. */
  async peerAccepts(change: Partial<Parameters<typeof peerConfiguration>[0]> = {}): Promise<void> {
    await this.peer.load(peerConfiguration({ ...this.ends, children: [this.child('all')], ...change }));
  }

  /** What becomes of a TCP connection to a port of the peer's. */
  connect(port: number, timeoutMilliseconds = 5_000): ReturnType<Traffic['connect']> {
    const { ours, peer } = this.network.hosts;
    return this.traffic.connect({ source: ours.ipv4, destination: peer.ipv4, port, timeoutMilliseconds });
  }

  async establishedIkeSas(): Promise<readonly IkeSa[]> {
    return (await this.datapath.securityAssociations()).filter(isEstablished);
  }

  /** The installed CHILD SAs of policy number `n`. */
  async childrenOf(n: number): Promise<readonly ChildSa[]> {
    const sas = await this.datapath.securityAssociations();
    return sas.filter(isInstalled).filter((sa) => sa.policyUuid === uuid(n));
  }

  /** The CHILD SA of policy number `n`, once there is one and no other beside it. */
  async onlyChildOf(n: number): Promise<ChildSa> {
    return eventually(`policy ${n} has one CHILD SA`, async () => {
      const [child, ...more] = await this.childrenOf(n);
      return more.length === 0 && child;
    });
  }

  /**
   * The reason of the last failed negotiation that is told of policy number `n` once what provokes it is over: that is
   * the one that remains, and operators read.
   */
  async failureOf(n: number, provoke: () => Promise<unknown>): Promise<string> {
    const stop = new AbortController();
    try {
      for await (const event of this.datapath.events(stop.signal)) {
        // Only who has heard this hears everything after it; what comes meanwhile gives way to what comes later.
        if (event.kind === 'connected') await provoke();
        if (event.kind === 'negotiation-failed' && event.policyUuid === uuid(n)) return event.reason;
      }
      throw new Error('the events ended');
    } finally {
      stop.abort();
    }
  }

  /** Ends everything, the last started first. */
  async stop(): Promise<void> {
    await this.#closing.disposeAsync();
  }
}

type Parts = Pick<
  DriverBesidePeer,
  'network' | 'directory' | 'daemons' | 'datapath' | 'peer' | 'traffic' | 'answering'
>;

/** Whether it is a CHILD SA that carries traffic. */
export const isInstalled = (sa: SecurityAssociation): sa is ChildSa =>
  sa.kind === 'ipsec' && sa.state === 'installed';
/** Whether it is an IKE SA that is up. */
export const isEstablished = (sa: SecurityAssociation): sa is IkeSa =>
  sa.kind === 'ike' && sa.state === 'established';

/** The same SA, which may have carried more meanwhile: TCP takes its time to say goodbye. */
export function expectSame(now: ChildSa, before: ChildSa): void {
  expect([now.uuid, now.inbound.spi, now.outbound.spi]).toEqual([
    before.uuid,
    before.inbound.spi,
    before.outbound.spi,
  ]);
  expect(now.inbound.packets).toBeGreaterThanOrEqual(before.inbound.packets);
  expect(now.outbound.packets).toBeGreaterThanOrEqual(before.outbound.packets);
}
