import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ViciClient } from '@esplanade/vici';
import { type IpspaceDaemons, startIpspaceDaemons } from '../test/support/charon.ts';
import { Esplanade, testPassword } from '../test/support/esplanade.ts';
import { eventually } from '../test/support/eventually.ts';
import { Network } from '../test/support/network.ts';
import { Client } from './client.ts';

/** The address of the host that is measured. */
export const localAddress = '10.9.0.1';

/** Basic authentication of the first account. */
export const authorization = {
  authorization: `Basic ${Buffer.from(`admin:${testPassword}`).toString('base64')}`,
  'content-type': 'application/json',
};

/** A host in a namespace of its own, with a real charon and nothing in it. Needs root, but no ESP: traps suffice. */
export class Stage {
  readonly directory: string;
  readonly daemons: IpspaceDaemons;
  readonly #network: Network<'host'>;

  private constructor(directory: string, daemons: IpspaceDaemons, network: Network<'host'>) {
    this.directory = directory;
    this.daemons = daemons;
    this.#network = network;
  }

  static async open(options: { readonly guarded: boolean }): Promise<Stage> {
    const directory = await mkdtemp(join(tmpdir(), 'esplanade-bench-'));
    const network = await Network.create(['host'], { delayMilliseconds: 0 });
    const namespace = network.hosts.host.namespace;
    try {
      return new Stage(
        directory,
        await startIpspaceDaemons({ namespace, directory, guarded: options.guarded }),
        network,
      );
    } catch (error) {
      await network.close();
      throw error;
    }
  }

  /** Esplanade on this host's charon, IPsec enabled, and a client of it. */
  async startEsplanade(
    connections: number,
  ): Promise<{ readonly server: Esplanade; readonly client: Client }> {
    const server = await Esplanade.start({
      dataDirectory: join(this.directory, 'data'),
      flags: [
        '--datapath',
        'strongswan',
        '--vici',
        `Default=${this.daemons.charon.socket}`,
        '--log-level',
        'warn',
      ],
    });
    const client = new Client(server.url, { connections, headers: authorization });
    await client.expect(200, 'PATCH', '/api/security/ipsec', '{"enabled": true}');
    return { server, client };
  }

  /**
   * Waits until charon holds so many policies in force. Asks for names first, and looks at what is in force once they are
   * there; the more there are, the more rarely, so that asking takes next to nothing from what is measured.
   */
  async enforced(count: number): Promise<void> {
    const vici = new ViciClient({ path: this.daemons.charon.socket });
    try {
      await eventually(
        `${count} policies are in force`,
        async () => {
          const names = await vici.request('get-conns');
          if (names.list('conns').length < count) return false;
          return (await vici.list('list-policies', 'list-policy', { trap: 'yes' })).length >= count;
        },
        { deadlineMilliseconds: 120_000, intervalMilliseconds: Math.max(10, count / 40) },
      );
    } finally {
      vici.close();
    }
  }

  /** Waits until Esplanade itself says that so many policies are applied. */
  async settled(client: Client, count: number): Promise<void> {
    await eventually(
      `${count} policies are applied`,
      async () => {
        const path = '/api/esplanade/v1/policies?state=applied&return_records=false';
        return JSON.parse(await client.expect(200, 'GET', path)).num_records >= count;
      },
      { deadlineMilliseconds: 120_000 },
    );
  }

  async close(): Promise<void> {
    await this.daemons.close();
    await this.#network.close();
    await rm(this.directory, { recursive: true });
  }
}
