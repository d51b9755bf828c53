import { mkdir, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Daemon, type DaemonOptions } from './daemon.ts';
import { eventually } from './eventually.ts';

const launcher = fileURLToPath(new URL('../../bin/esplanade-charon', import.meta.url));

/**
 * What tests need beyond the shipped settings: many set-ups at once from one address, and no long waits for a peer that
 * is not there.
 */
const testSettings =
  'dos_protection = no\nretransmit_timeout = 1.0\nretransmit_tries = 3\nretransmit_base = 1.4\n';

/** One charon that can be stopped, killed, hung and started again under the same socket. */
export class Charon {
  /** Path of its VICI socket. */
  readonly socket: string;
  readonly #name: string;
  readonly #command: readonly string[];
  readonly #options: DaemonOptions;
  #daemon: Daemon | undefined;

  constructor(name: string, socket: string, command: readonly string[], options: DaemonOptions = {}) {
    this.#name = name;
    this.socket = socket;
    this.#command = command;
    this.#options = options;
  }

  get pid(): number {
    return this.#running().pid;
  }

  /** Its log since the last start. */
  get log(): readonly string[] {
    return this.#daemon?.log ?? [];
  }

  /** Starts it and waits until its socket answers. */
  async start(): Promise<void> {
    const daemon = new Daemon(this.#name, this.#command, this.#options);
    this.#daemon = daemon;
    const listens = async (): Promise<boolean> => {
      if (!daemon.isRunning) throw new Error(`${this.#name} did not start:\n${daemon.log.join('\n')}`);
      return await accepts(this.socket);
    };
    await eventually(`${this.#name} listens on ${this.socket}`, listens, { deadlineMilliseconds: 60_000 });
  }

  /**
   * Orderly: SIGTERM. charon removes its policies and SAs and tells the peers. 5.9.8 now and then blocks for ever in its
   * own shutdown when a client leaves at that moment; it is then killed after 8 s, as a service manager would.
   */
  async stop(): Promise<void> {
    await this.#daemon?.end('SIGTERM');
  }

  /** SIGKILL: the kernel keeps policies and SAs, the peers hear nothing. */
  async kill(): Promise<void> {
    await this.#daemon?.end('SIGKILL');
  }

  /** Stops it in good order and starts it again. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** It stays there and answers nothing, until `resume`. */
  async hang(): Promise<void> {
    await this.#running().hang();
  }

  resume(): void {
    this.#running().signal('SIGCONT');
  }

  /** Resolves to the first log line that matches. */
  async logged(pattern: RegExp, deadlineMilliseconds?: number): Promise<string> {
    return await this.#running().line(pattern, deadlineMilliseconds);
  }

  #running(): Daemon {
    if (this.#daemon === undefined) throw new Error(`${this.#name} was not started`);
    return this.#daemon;
  }
}

/** Where and how the daemons of an IPspace run. */
export interface IpspaceOptions {
  /** The network namespace that plays the IPspace. */
  readonly namespace: string;
  /** A scratch directory on a file system that takes sockets (in a guest: under its own /tmp). */
  readonly directory: string;
  /** Name of the IPspace (`Default`). */
  readonly name?: string;
  /** This group may open the sockets. */
  readonly group?: string;
  /** Further strongswan.conf settings of charon's section. */
  readonly settings?: string;
  /** Also run the guard (true). */
  readonly guarded?: boolean;
}

/** charon and its guard for one IPspace, with the settings that are shipped: both are run by bin/esplanade-charon. */
export interface IpspaceDaemons {
  readonly name: string;
  readonly charon: Charon;
  readonly guard: Charon | undefined;
  /** Stops both, charon first. */
  close(): Promise<void>;
}

/** Starts the daemons of an IPspace and waits until they answer. */
export async function startIpspaceDaemons(options: IpspaceOptions): Promise<IpspaceDaemons> {
  const name = options.name ?? 'Default';
  await mkdir(options.directory, { recursive: true });
  const include = join(options.directory, `${name}.include.conf`);
  await writeFile(include, testSettings + (options.settings ?? ''));
  const flags = ['--ipspace', name, '--netns', options.namespace, '--runtime-dir', options.directory];
  const group = options.group === undefined ? [] : ['--group', options.group];
  const daemon = (only: 'charon' | 'guard', socket: string): Charon =>
    new Charon(`${only} of ${name}`, join(options.directory, 'vici', socket), [
      launcher,
      ...flags,
      ...group,
      '--only',
      only,
      '--include',
      include,
    ]);
  const charon = daemon('charon', `${name}.sock`);
  const guard = options.guarded === false ? undefined : daemon('guard', `${name}.guard.sock`);
  const close = async (): Promise<void> => {
    await charon.stop();
    await guard?.stop();
  };
  try {
    await guard?.start();
    await charon.start();
  } catch (error) {
    await close();
    throw error;
  }
  return { name, charon, guard, close };
}

async function accepts(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
