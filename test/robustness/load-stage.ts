import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '../../bench/client.ts';
import type { Load, LoadResult } from '../../bench/load-generator.ts';
import { askProbe, probeFlags } from '../../bench/probed.ts';
import { runCommand } from '../support/command.ts';
import { Esplanade, testPassword } from '../support/esplanade.ts';
import { SlowClients } from './slow-clients.ts';

const authorization = `Basic ${Buffer.from(`admin:${testPassword}`).toString('base64')}`;
const generator = fileURLToPath(new URL('../../bench/load-generator.ts', import.meta.url));
const main = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));

/** What a server takes, in MiB. */
export interface Memory {
  /** After garbage was collected, what is outside the heap included. */
  readonly heapMebibytes: number;
  /** As the kernel counts. */
  readonly residentMebibytes: number;
}

/** A flood of writes that goes on until it is stopped. */
export interface Flood {
  /** Waits for the last answers; gives how many there were, all of them the right ones. */
  stop(): Promise<number>;
}

/** A server on the simulator, and those who use it. */
export class LoadStage {
  readonly #server: Esplanade;
  readonly #directory: string;

  private constructor(server: Esplanade, directory: string) {
    this.#server = server;
    this.#directory = directory;
  }

  static async open(): Promise<LoadStage> {
    const directory = await mkdtemp(join(tmpdir(), 'esplanade-load-'));
    const server = await Esplanade.start({
      dataDirectory: directory,
      command: [process.execPath, ...probeFlags, main],
      flags: ['--datapath', 'simulated', '--log-level', 'warn'],
    });
    return new LoadStage(server, directory);
  }

  /** One reader in a process of its own that asks again and again, for so many seconds. */
  async read(seconds: number): Promise<LoadResult> {
    const load: Load = {
      url: `${this.#server.url}/api/security/ipsec/policies?max_records=20`,
      headers: { authorization, accept: '*/*' },
      connections: 1,
      requests: 1_000_000,
      seconds,
    };
    const { stdout } = await runCommand(process.execPath, [generator, JSON.stringify(load)]);
    return JSON.parse(stdout);
  }

  /** So many writers create policies and delete them again. */
  flood(writers: number): Flood {
    const client = new Client(this.#server.url, { connections: writers, headers: { authorization } });
    let isOver = false;
    let writes = 0;
    const write = async (id: number): Promise<void> => {
      while (!isOver) {
        const created = await client.call(
          'POST',
          '/api/security/ipsec/policies?return_records=true',
          policy(id),
        );
        if (created.status !== 201) throw new Error(`POST: ${created.status} ${created.body}`);
        const [{ uuid }] = JSON.parse(created.body).records;
        await client.expect(200, 'DELETE', `/api/security/ipsec/policies/${uuid}`);
        writes += 2;
      }
    };
    const done = Promise.all(Array.from({ length: writers }, (_, id) => write(id)));
    return {
      stop: async () => {
        isOver = true;
        await done;
        client.close();
        return writes;
      },
    };
  }

  /** So many connections that have been used once and are kept open until the client is closed. */
  async keepAlive(connections: number): Promise<Client> {
    const client = new Client(this.#server.url, { connections, headers: { authorization } });
    await Promise.all(Array.from({ length: connections }, () => client.expect(200, 'GET', '/api/cluster')));
    return client;
  }

  slowClients(each: number): SlowClients {
    const { hostname: host, port } = new URL(this.#server.url);
    return new SlowClients({ host, port: Number(port), authorization }, each);
  }

  async memory(): Promise<Memory> {
    const { heapBytes } = await askProbe(this.#server);
    const [, pages = 0] = (await readFile(`/proc/${this.#server.pid}/statm`, 'utf8')).split(' ').map(Number);
    return { heapMebibytes: heapBytes / 2 ** 20, residentMebibytes: (pages * 4_096) / 2 ** 20 };
  }

  /** Connections that the server has not closed, as the kernel counts: who takes no answer does not see that it has ended. */
  async heldConnections(): Promise<number> {
    const port = Number(new URL(this.#server.url).port).toString(16).toUpperCase().padStart(4, '0');
    const rows = (await readFile('/proc/net/tcp', 'utf8')).split('\n');
    const isEstablished = new RegExp(`^ *\\d+: [0-9A-F]+:${port} [0-9A-F]+:[0-9A-F]+ 01 `);
    return rows.filter((row) => isEstablished.test(row)).length;
  }

  async close(): Promise<void> {
    await this.#server.stop();
    await rm(this.#directory, { recursive: true });
  }
}

function policy(id: number): string {
  const endpoint = (address: string) => ({ address, netmask: '32' });
  return JSON.stringify({
    name: `load ${id}`,
    svm: { name: 'svm1' },
    secret_key: 'a key of at least eighteen characters',
    local_endpoint: endpoint('192.0.2.1'),
    remote_endpoint: endpoint(`198.51.${100 + Math.floor(id / 250)}.${(id % 250) + 1}`),
  });
}
