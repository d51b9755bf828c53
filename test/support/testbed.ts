import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IpspaceDaemons, startIpspaceDaemons } from './charon.ts';
import { Esplanade } from './esplanade.ts';
import { type Host, Network } from './network.ts';
import { Operator } from './operator.ts';
import { StockPeer } from './stock-peer.ts';
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
  static async start(peerConfiguration: (ours: Host, peer: Host) => string): Promise<Testbed> {
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
      configuration: peerConfiguration(ours, peer),
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

  /** Stops the server in good order and starts it again on its data. */
  async restartServer(): Promise<void> {
    await this.#server.stop();
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
