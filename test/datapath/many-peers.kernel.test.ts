import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ViciClient } from '@esplanade/vici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Capture } from '../support/capture.ts';
import { type IpspaceDaemons, startIpspaceDaemons } from '../support/charon.ts';
import { Esplanade } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';
import { type Host, Network } from '../support/network.ts';
import { Operator, type PolicyWish, type SaRecord } from '../support/operator.ts';
import { describePacket, plaintextOf } from '../support/packet.ts';
import { swanctlConf } from '../support/peer-connection.ts';
import { StockPeer } from '../support/stock-peer.ts';
import { Traffic } from '../support/traffic.ts';
import { equalViews } from './equal-views.ts';
import { type SaView, viewOfApi } from './sa-view.ts';

const udp = 17;
const groupKey = 'one key for the whole group';
const names = ['alpha', 'bravo', 'charlie'] as const;
type Name = (typeof names)[number];
/** Who sends us the first packet; we send it to the others. */
const first: Name = 'bravo';

/** A storage port that any host may use, and a subnet whose hosts speak ESP with us on all ports. */
const wildcards: readonly {
  readonly what: string;
  readonly port: number;
  readonly wish: Partial<PolicyWish>;
}[] = [
  {
    what: '0.0.0.0/0 with a port',
    port: 7022,
    wish: { remote: '0.0.0.0/0', protocol: 'udp', remotePort: 7022 },
  },
  { what: 'a subnet', port: 7023, wish: { remote: '10.9.0.0/24' } },
];

describe('one policy for many peers that share a key', () => {
  let directory: string;
  let network: Network<'ours' | Name>;
  let daemons: IpspaceDaemons;
  let server: Esplanade;
  let operator: Operator;
  let ours: Traffic;
  const peers = new Map<Name, Peer>();
  const opened = new AsyncDisposableStack();

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-peers-'));
    opened.defer(() => rm(directory, { recursive: true }));
    network = await Network.create(['ours', ...names]);
    opened.defer(() => network.close());
    const { namespace } = network.hosts.ours;
    daemons = await startIpspaceDaemons({ namespace, directory: join(directory, 'ours') });
    opened.defer(() => daemons.close());
    ours = await Traffic.start(network.hosts.ours);
    opened.defer(() => ours.stop());
    for (const name of names) {
      const peer = await Peer.start(network.hosts[name], join(directory, name));
      opened.defer(() => peer.stop());
      peers.set(name, peer);
      // It too keeps its first packet until it has an SA.
      await network.run(network.hosts[name], 'sysctl', '-qw', 'net.core.xfrm_larval_drop=0');
      if (name !== first)
        for (const { port } of wildcards) await peer.traffic.echo('udp', network.hosts[name].ipv4, port);
    }
    server = await Esplanade.start({
      dataDirectory: join(directory, 'data'),
      flags: ['--datapath', 'strongswan', '--vici', `${daemons.name}=${daemons.charon.socket}`],
    });
    opened.defer(() => server.stop());
    operator = new Operator(server);
    await operator.setIpsec(true);
  });

  afterAll(() => opened.disposeAsync());

  describe.each(wildcards)('$what', ({ port, wish }) => {
    let policy: string;
    let capture: Capture;
    const wildcard = `wildcard ${port}`;
    const addressOf = (name: Name): string => network.hosts[name].ipv4;
    const recordsOf = async (name: Name): Promise<readonly SaRecord[]> =>
      (await operator.sas()).records.filter((sa) => sa.remote_address === addressOf(name));
    const viewOf = async (name: Name): Promise<SaView | undefined> => viewOfApi(await recordsOf(name));

    beforeAll(async () => {
      const us = network.hosts.ours;
      for (const [name, { stock }] of peers)
        await stock.load(peerConfiguration(name, addressOf(name), us.ipv4, port));
      capture = await Capture.start(network, us, join(directory, `wildcard-${port}.pcap`));
      const ends = { local: us.ipv4, remote: us.ipv4, ...wish };
      policy = await operator.create({
        name: wildcard,
        ...ends,
        secretKey: groupKey,
        remoteIdentity: 'ANYTHING',
      });
      await operator.until(policy, ({ state }) => state === 'applied');
    });

    it('comes up with each of them, whoever begins', async () => {
      const us = network.hosts.ours.ipv4;
      const flow = { port, perSecond: 20 };
      await ours.echo('udp', us, port);
      for (const [name, { traffic }] of peers) {
        const peer = addressOf(name);
        await eventually(`${name} is reached`, async () => {
          const report =
            name === first
              ? await traffic.send({ ...flow, source: peer, sourcePort: port, destination: us }, 3)
              : await ours.send({ ...flow, source: us, destination: peer }, 3);
          return report.answered > 0;
        });
      }
      for (const name of names) {
        const view = await eventually(`the API lists ${name}`, async () => await viewOf(name));
        expect(view.isInitiator).toBe(name !== first);
      }
      const children = (await operator.sas()).records.filter(({ type }) => type === 'ipsec');
      expect(children.map((sa) => sa.policy_name)).toEqual(names.map(() => wildcard));
    });

    it.each(names)('shows the same SAs as %s does', async (name) => {
      const peer = peers.get(name);
      if (peer === undefined) throw new Error(`no peer ${name}`);
      const view = await equalViews(
        () => viewOf(name),
        () => peer.vici.list('list-sas', 'list-sa'),
      );
      expect(view.state).toBe('installed');
      expect(view.inbound.packets).toBeGreaterThan(0);
    });

    it('loses one of them without the others noticing', async () => {
      const before = [await viewOf('alpha'), await viewOf('charlie')];
      await peers.get('bravo')?.stock.swanctl('--terminate', '--ike', 'ours');
      await eventually('the API no longer lists bravo', async () => (await recordsOf('bravo')).length === 0);
      expect([await viewOf('alpha'), await viewOf('charlie')]).toEqual(before);
    });

    it('ends with all of them, and nothing was in clear', async () => {
      await operator.delete(policy);
      await eventually('no SA is left', async () => (await operator.sas()).records.length === 0);
      for (const [name, { stock }] of peers)
        await eventually(`${name} has none either`, async () => (await stock.swanctl('--list-sas')) === '');
      const packets = await capture.stop();
      for (const name of names) {
        const between = [network.hosts.ours.ipv4, addressOf(name)] as const;
        // An ICMP error about a decrypted packet is no traffic of a policy for UDP: the kernel lets it out in clear.
        expect(plaintextOf(packets, { between, protocol: udp }).map(describePacket)).toEqual([]);
      }
    });
  });
});

/** A stock strongSwan with a host of its own. */
class Peer {
  readonly stock: StockPeer;
  readonly traffic: Traffic;
  readonly vici: ViciClient;

  private constructor(stock: StockPeer, traffic: Traffic) {
    this.stock = stock;
    this.traffic = traffic;
    this.vici = new ViciClient({ path: stock.charon.socket });
  }

  static async start(host: Host, directory: string): Promise<Peer> {
    const stock = await StockPeer.start({ namespace: host.namespace, directory, configuration: '' });
    return new Peer(stock, await Traffic.start(host));
  }

  async stop(): Promise<void> {
    this.vici.close();
    await this.traffic.stop();
    await this.stock.stop();
  }
}

/** Each calls itself by a name of its own. */
function peerConfiguration(name: Name, address: string, ours: string, port: number): string {
  const identity = `${name}.example.org`;
  const child = {
    name: 'storage',
    localTs: `${address}/32[udp/${port}]`,
    remoteTs: `${ours}/32[udp]`,
    startAction: name === first ? 'trap' : 'none',
  } as const;
  const connection = {
    name: 'ours',
    local: address,
    remote: ours,
    localIdentity: identity,
    children: [child],
  };
  return swanctlConf([connection], [{ name: 'group', identities: [identity, ours], key: groupKey }]);
}
