import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ViciClient } from '@esplanade/vici';
import { type IpspaceDaemons, startIpspaceDaemons } from '../support/charon.ts';
import { Esplanade } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';
import { HttpsClient } from '../support/https-client.ts';
import { type Host, Network } from '../support/network.ts';
import { body, Operator, type PolicyWish } from '../support/operator.ts';
import { StockPeer } from '../support/stock-peer.ts';
import { type Counts, ViciTally } from '../support/vici-tally.ts';

/** How many there are of what. */
export interface CrowdShape {
  /** Addresses of the peer. All policies with one of them share a connection. */
  readonly peers: number;
  /** Policies, each for a UDP port of its own, with each address. Each gets an SA. */
  readonly ports: number;
  /** Policies with hosts that are not there. */
  readonly withoutSa: number;
}

/** A policy of the crowd. */
export interface CrowdPolicy {
  readonly name: string;
  readonly remote: string;
  readonly port: number;
}

const key = 'one key for all of the crowd';
const firstPort = 7100;
const atOnce = 4;
const patience = { deadlineMilliseconds: 180_000, intervalMilliseconds: 200 };

/**
 * Our host with many policies, of which some have SAs with a stock peer that has several addresses. Between the server
 * and its daemons stand tallies.
 */
export class SaCrowd implements AsyncDisposable {
  readonly directory: string;
  readonly network: Network<'ours' | 'peer'>;
  readonly daemons: IpspaceDaemons;
  readonly stock: StockPeer;
  readonly server: Esplanade;
  readonly operator: Operator;
  /** To our charon and to the peer's, past the tallies. */
  readonly vici: { readonly ours: ViciClient; readonly peer: ViciClient };
  /** Those with an SA, then the others. */
  readonly policies: readonly CrowdPolicy[];
  readonly #tallies: { readonly main: ViciTally; readonly guard: ViciTally };
  readonly #closing: AsyncDisposableStack;

  private constructor(parts: CrowdParts, closing: AsyncDisposableStack) {
    this.directory = parts.directory;
    this.network = parts.network;
    this.daemons = parts.daemons;
    this.stock = parts.stock;
    this.server = parts.server;
    this.operator = new Operator(parts.server);
    this.vici = parts.vici;
    this.policies = parts.policies;
    this.#tallies = parts.tallies;
    this.#closing = closing;
  }

  /** Starts everything, loads the policies and brings the SAs up, from the peer's side. */
  static async start(shape: CrowdShape): Promise<SaCrowd> {
    await using opened = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), 'esplanade-crowd-'));
    opened.defer(() => rm(directory, { recursive: true }));
    const network = await Network.create(['ours', 'peer']);
    opened.defer(() => network.close());
    const { ours, peer } = network.hosts;
    for (const address of peerAddresses(shape)) await network.addAddress(peer, `${address}/24`);
    const daemons = await startIpspaceDaemons({
      namespace: ours.namespace,
      directory: join(directory, 'ours'),
    });
    opened.defer(() => daemons.close());
    if (daemons.guard === undefined) throw new Error('the crowd was started without a guard');
    const stock = await StockPeer.start({
      namespace: peer.namespace,
      directory: join(directory, 'peer'),
      configuration: '',
    });
    opened.defer(() => stock.stop());
    const doors = join(directory, 'doors');
    await mkdir(doors);
    const mainDoor = join(doors, 'Default.sock');
    const tallies = {
      main: await ViciTally.open(mainDoor, daemons.charon.socket),
      guard: await ViciTally.open(join(doors, 'Default.guard.sock'), daemons.guard.socket),
    };
    opened.defer(() => tallies.main.close());
    opened.defer(() => tallies.guard.close());
    const dataDirectory = join(directory, 'data');
    const server = await Esplanade.start({
      dataDirectory,
      flags: ['--datapath', 'strongswan', '--vici', `Default=${mainDoor}`, '--log-level', 'warn'],
    });
    opened.defer(() => server.stop());
    const vici = {
      ours: new ViciClient({ path: daemons.charon.socket }),
      peer: new ViciClient({ path: stock.charon.socket }),
    };
    opened.defer(() => vici.ours.close());
    opened.defer(() => vici.peer.close());
    const policies = policiesOf(shape);
    const parts = { directory, network, daemons, stock, server, vici, policies, tallies };
    await loadPolicies(parts, dataDirectory);
    await loadPeer(parts, shape);
    await bringUp(parts, shape);
    return new SaCrowd(parts, opened.move());
  }

  get ours(): Host {
    return this.network.hosts.ours;
  }

  get peer(): Host {
    return this.network.hosts.peer;
  }

  /** What the server has asked of its two daemons since the start: each command's name with the daemon's. */
  get asked(): Counts {
    const of = (who: string, counts: Counts) =>
      [...counts].map(([command, count]) => [`${who} ${command}`, count] as const);
    const { main, guard } = this.#tallies;
    return new Map([...of('charon', main.counts), ...of('guard', guard.counts)]);
  }

  /** Waits until the server has asked nothing of either daemon for so long. */
  async untilQuiet(quietMs: number): Promise<void> {
    const { main, guard } = this.#tallies;
    const isQuiet = () => Math.min(main.quietMs, guard.quietMs) > quietMs;
    await eventually(`the server asks nothing for ${quietMs} ms`, isQuiet, patience);
  }

  /** Ends everything, the last started first. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing.disposeAsync();
  }
}

interface CrowdParts {
  readonly directory: string;
  readonly network: Network<'ours' | 'peer'>;
  readonly daemons: IpspaceDaemons;
  readonly stock: StockPeer;
  readonly server: Esplanade;
  readonly vici: { readonly ours: ViciClient; readonly peer: ViciClient };
  readonly policies: readonly CrowdPolicy[];
  readonly tallies: { readonly main: ViciTally; readonly guard: ViciTally };
}

function peerAddresses({ peers }: CrowdShape): readonly string[] {
  return range(peers).map((index) => `10.9.0.${100 + index}`);
}

function policiesOf(shape: CrowdShape): readonly CrowdPolicy[] {
  const withSa = peerAddresses(shape).flatMap((remote) =>
    range(shape.ports).map((index) => {
      const port = firstPort + index;
      return { name: `${remote} ${port}`, remote, port };
    }),
  );
  const without = range(shape.withoutSa).map((index) => {
    const remote = `10.30.${Math.floor(index / 250)}.${(index % 250) + 1}`;
    return { name: `${remote} ${firstPort}`, remote, port: firstPort };
  });
  return [...withSa, ...without];
}

/** All at once: they are written while IPsec is disabled. */
async function loadPolicies(
  { server, network, policies, vici }: CrowdParts,
  dataDirectory: string,
): Promise<void> {
  const client = new HttpsClient(server.url, dataDirectory);
  const expect = async (status: number, method: string, path: string, content: object): Promise<void> => {
    const answer = await client.call(method, path, content);
    if (answer.status !== status)
      throw new Error(`${method} ${path}: ${answer.status} instead of ${status}: ${answer.text}`);
  };
  const wish = ({ name, remote, port }: CrowdPolicy): PolicyWish => ({
    name,
    local: network.hosts.ours.ipv4,
    remote,
    protocol: 'udp',
    remotePort: port,
    secretKey: key,
  });
  await inTurns(policies, (policy) =>
    expect(201, 'POST', '/api/security/ipsec/policies', body(wish(policy))),
  );
  await expect(200, 'PATCH', '/api/security/ipsec', { enabled: true });
  client.close();
  await eventually(
    'all policies are in force',
    async () =>
      (await vici.ours.list('list-policies', 'list-policy', { trap: 'yes' })).length === policies.length,
    patience,
  );
}

async function loadPeer({ vici, network }: CrowdParts, shape: CrowdShape): Promise<void> {
  const ours = network.hosts.ours.ipv4;
  for (const address of peerAddresses(shape)) {
    const children = policiesOf({ ...shape, peers: 1, withoutSa: 0 }).map(({ port }) => [
      `port-${port}`,
      {
        mode: 'transport',
        esp_proposals: ['aes256gcm16'],
        local_ts: [`${address}/32[udp/${port}]`],
        remote_ts: [`${ours}/32[udp]`],
      },
    ]);
    await vici.peer.request('load-shared', { id: address, type: 'IKE', data: key, owners: [address, ours] });
    await vici.peer.request('load-conn', {
      [address]: {
        version: '2',
        local_addrs: [address],
        remote_addrs: [ours],
        proposals: ['aes256-sha384-ecp384'],
        mobike: 'no',
        local: { auth: 'psk', id: address },
        remote: { auth: 'psk', id: ours },
        children: Object.fromEntries(children),
      },
    });
  }
}

/** The first SA of each address brings up the IKE SA that the others then share. */
async function bringUp({ stock, policies, vici }: CrowdParts, shape: CrowdShape): Promise<void> {
  const wanted = policies.slice(0, shape.peers * shape.ports);
  const sessions = range(atOnce).map(() => new ViciClient({ path: stock.charon.socket }));
  const byAddress = [...Map.groupBy(wanted, ({ remote }) => remote).values()].values();
  const worker = async (session: ViciClient): Promise<void> => {
    for (const policiesOfAddress of byAddress)
      for (const { remote, port } of policiesOfAddress)
        await session.request(
          'initiate',
          { ike: remote, child: `port-${port}`, timeout: '30000' },
          { deadlineMs: 40_000 },
        );
  };
  await Promise.all(sessions.map(worker));
  for (const session of sessions) session.close();
  const children = async (client: ViciClient): Promise<number> =>
    (await client.list('list-sas', 'list-sa', {}))
      .flatMap((row) => row.sections().map(([, sa]) => sa.section('child-sas')?.sections().length ?? 0))
      .reduce((sum, count) => sum + count, 0);
  for (const client of [vici.ours, vici.peer])
    await eventually('every SA is up', async () => (await children(client)) === wanted.length, patience);
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(range(atOnce).map(worker));
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
