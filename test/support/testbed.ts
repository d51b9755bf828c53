import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IpspaceDaemons, startIpspaceDaemons } from './charon.ts';
import { Esplanade } from './esplanade.ts';
import { eventually } from './eventually.ts';
import { type Host, Network } from './network.ts';
import { Operator } from './operator.ts';
import { type PeerCredentials, StockPeer } from './stock-peer.ts';
import { Traffic } from './traffic.ts';

/** Two hosts on a wire: ours, whose charon and guard an Esplanade server manages, and a stock strongSwan. */
export class Testbed implements AsyncDisposable {
  readonly directory: string;
  readonly network: Network<'ours' | 'peer'>;
  readonly daemons: IpspaceDaemons;
  readonly stock: StockPeer;
  /** Of our host and of the peer. */
  readonly traffic: { readonly ours: Traffic; readonly peer: Traffic };
  #server: Esplanade;
  #operator: Operator;
  readonly #closing: AsyncDisposableStack;

  private constructor(parts: TestbedParts, closing: AsyncDisposableStack) {
    this.directory = parts.directory;
    this.network = parts.network;
    this.daemons = parts.daemons;
    this.stock = parts.stock;
    this.traffic = parts.traffic;
    this.#server = parts.server;
    this.#operator = new Operator(parts.server);
    this.#closing = closing;
  }

  /** Starts everything; IPsec is enabled, and there is no policy yet. */
  static async start(): Promise<Testbed> {
    await using opened = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), 'esplanade-testbed-'));
    opened.defer(() => rm(directory, { recursive: true }));
    const network = await Network.create(['ours', 'peer']);
    opened.defer(() => network.close());
    const { ours, peer } = network.hosts;
    const daemons = await startIpspaceDaemons({
      namespace: ours.namespace,
      directory: join(directory, 'ours'),
    });
    opened.defer(() => daemons.close());
    const stock = await StockPeer.start({
      namespace: peer.namespace,
      directory: join(directory, 'peer'),
      configuration: '',
    });
    opened.defer(() => stock.stop());
    const traffic = { ours: await Traffic.start(ours), peer: await Traffic.start(peer) };
    opened.defer(() => traffic.ours.stop());
    opened.defer(() => traffic.peer.stop());
    const server = await Esplanade.start(serverOptions(directory, daemons));
    let testbed: Testbed | undefined;
    // A restart puts another server in its place.
    opened.defer(() => (testbed?.server ?? server).stop());
    await new Operator(server).setIpsec(true);
    testbed = new Testbed({ directory, network, daemons, stock, traffic, server }, opened.move());
    return testbed;
  }

  get ours(): Host {
    return this.network.hosts.ours;
  }

  get peer(): Host {
    return this.network.hosts.peer;
  }

  get server(): Esplanade {
    return this.#server;
  }

  get operator(): Operator {
    return this.#operator;
  }

  /** Clears away what the scenario before has left, and configures the peer for the next. */
  async begin(
    peerConfiguration: (ours: Host, peer: Host) => string,
    credentials?: PeerCredentials,
  ): Promise<void> {
    for (const { uuid } of await this.operator.statuses()) await this.operator.delete(uuid);
    await this.stock.load(peerConfiguration(this.ours, this.peer), credentials);
    await this.untilNoSas();
  }

  /** Waits until neither end holds an SA. */
  async untilNoSas(): Promise<void> {
    await eventually('no SA is left', async () => {
      const { records, error } = await this.operator.sas();
      return records.length === 0 && error === undefined;
    });
    await eventually('the peer has none either', async () => (await this.stock.swanctl('--list-sas')) === '');
  }

  /** The last lines that the server and the daemons wrote, for whoever looks into a failed test. */
  logs(): string {
    const { charon, guard } = this.daemons;
    const logs = {
      server: this.#server.log,
      charon: charon.log,
      guard: guard?.log ?? [],
      peer: this.stock.charon.log,
    };
    return Object.entries(logs)
      .map(([who, lines]) => `---- ${who}\n${lines.slice(-60).join('\n')}`)
      .join('\n');
  }

  /** Stops the server, in good order or not, and starts it again on its data. */
  async restartServer(how: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await (how === 'SIGTERM' ? this.#server.stop() : this.#server.kill());
    this.#server = await Esplanade.start(serverOptions(this.directory, this.daemons));
    this.#operator = new Operator(this.#server);
  }

  /** Ends everything, the last started first. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing.disposeAsync();
  }
}

interface TestbedParts {
  readonly directory: string;
  readonly network: Network<'ours' | 'peer'>;
  readonly daemons: IpspaceDaemons;
  readonly stock: StockPeer;
  readonly traffic: { readonly ours: Traffic; readonly peer: Traffic };
  readonly server: Esplanade;
}

function serverOptions(directory: string, daemons: IpspaceDaemons) {
  return {
    dataDirectory: join(directory, 'data'),
    flags: ['--datapath', 'strongswan', '--vici', `${daemons.name}=${daemons.charon.socket}`],
  };
}
