import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SpawnedServer, spawnedPassword, startServer } from './spawned-server.ts';

/** A directory for one test, with servers that share a data directory in it. */
export class ServerHome {
  readonly directory = mkdtempSync(join(tmpdir(), 'esplanade-system-'));
  /** The data directory; the first server makes it. */
  readonly data = join(this.directory, 'data');
  readonly #servers: SpawnedServer[] = [];

  /** A server on the data directory, with these options more. */
  started(...args: readonly string[]): Promise<SpawnedServer> {
    return this.startedWith(spawnedPassword, ...args);
  }

  /** The same with another first password in its environment, or none where it is empty. */
  async startedWith(password: string, ...args: readonly string[]): Promise<SpawnedServer> {
    const server = await startServer(['--data-dir', this.data, ...args], password);
    this.#servers.push(server);
    return server;
  }

  /** Ends every server, and takes the directory away. */
  async leave(): Promise<void> {
    for (const server of this.#servers.splice(0)) await server.end('SIGKILL');
    rmSync(this.directory, { recursive: true });
  }
}

/** Options with which the simulator carries the policies. */
export const simulated = ['--datapath', 'simulated'];
