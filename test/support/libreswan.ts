import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.ts';
import { Daemon } from './daemon.ts';
import { eventually } from './eventually.ts';
import { type LibreswanStatus, parseStatus } from './libreswan-status.ts';

/** Debian's Libreswan, unpacked by scripts/fetch-libreswan.sh. */
const unpacked = fileURLToPath(new URL('../../.cache/libreswan', import.meta.url));

/** A connection as ipsec.conf has it: keyword and value. `left` is the Libreswan host by the custom of these tests. */
export type LibreswanConnection = Readonly<Record<string, string>>;

/** What an administrator of the other end writes. */
export interface LibreswanConfiguration {
  /** By name. */
  readonly connections: Readonly<Record<string, LibreswanConnection>>;
  /** The text of ipsec.secrets. */
  readonly secrets: string;
}

/** What it keeps in its NSS database; all in PEM, by the nickname that `leftcert` and `rightca` go by. */
export interface LibreswanCredentials {
  readonly own: Readonly<Record<string, { readonly certificate: string; readonly key: string }>>;
  /** Certificates of CAs that it trusts. */
  readonly authorities: Readonly<Record<string, string>>;
}

/** Where Libreswan runs, and what it has to prove who it is. */
export interface LibreswanOptions {
  readonly namespace: string;
  /** A scratch directory on a file system that takes sockets. */
  readonly directory: string;
  readonly credentials?: LibreswanCredentials;
}

/** An IKE daemon of other descent than charon: pluto. */
export class Libreswan {
  readonly #directory: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #daemon: Daemon;
  #loaded: readonly string[] = [];

  private constructor(directory: string, environment: Readonly<Record<string, string>>, daemon: Daemon) {
    this.#directory = directory;
    this.#environment = environment;
    this.#daemon = daemon;
  }

  /** Starts it without any connection. */
  static async start(options: LibreswanOptions): Promise<Libreswan> {
    if (!existsSync(join(unpacked, 'complete')))
      throw new Error('Libreswan is not there: run scripts/fetch-libreswan.sh');
    const { directory } = options;
    await mkdir(join(directory, 'nss'), { recursive: true });
    const environment = { LD_LIBRARY_PATH: await libraries() };
    await fillNssDatabase(join(directory, 'nss'), options.credentials, environment);
    await writeFile(join(directory, 'ipsec.conf'), ipsecConf({}));
    await writeFile(join(directory, 'ipsec.secrets'), '', { mode: 0o600 });
    // pluto runs programs below /usr/libexec/ipsec. `ip netns exec` has given us mounts of our own.
    const overlay = `mount -t overlay libreswan -o lowerdir='${unpacked}/usr:/usr' /usr`;
    const daemon = new Daemon('pluto', ['sh', '-c', `${overlay} && exec ${plutoCommand(directory)}`], {
      namespace: options.namespace,
      environment,
    });
    const peer = new Libreswan(directory, environment, daemon);
    const answers = async (): Promise<boolean> => {
      if (!daemon.isRunning) throw new Error(`pluto did not start:\n${daemon.log.join('\n')}`);
      return (await peer.#whack(['--status'], true)).status === 0;
    };
    await eventually('pluto answers', answers, { deadlineMilliseconds: 60_000 });
    await peer.#whack(['--listen']);
    return peer;
  }

  /** Replaces connections and secrets; the SAs of the former connections end. */
  async load(configuration: LibreswanConfiguration): Promise<void> {
    for (const name of this.#loaded) await this.#whack(['--delete', '--name', name], true);
    const file = join(this.#directory, 'ipsec.conf');
    await writeFile(file, ipsecConf(configuration.connections));
    await writeFile(join(this.#directory, 'ipsec.secrets'), configuration.secrets, { mode: 0o600 });
    await this.#whack(['--rereadsecrets']);
    this.#loaded = Object.keys(configuration.connections);
    const control = ['--ctlsocket', this.#socket, '--config', file];
    for (const name of this.#loaded) await this.#run('libexec/ipsec/addconn', [...control, name]);
  }

  /** Brings a connection up from its side; throws with what it says when it does not come up. */
  async initiate(name: string): Promise<void> {
    const { stdout } = await this.#whack(['--initiate', '--name', name]);
    // When it refuses the remote itself, its status is 0 all the same.
    if (!/initiator established Child SA/.test(stdout)) throw new Error(`${name} is not up:\n${stdout}`);
  }

  /** Rekeys the connection's IKE SA or its CHILD SA (RFC 7296, 2.8). */
  async rekey(which: 'ike' | 'ipsec', name: string): Promise<void> {
    await this.#whack([`--rekey-${which}`, '--name', name]);
  }

  /** Ends the SAs of a connection. */
  async terminate(name: string): Promise<void> {
    await this.#whack(['--terminate', '--name', name]);
  }

  /** Has its kernel ask for an SA when the first packet wants one. */
  async route(name: string): Promise<void> {
    await this.#whack(['--route', '--name', name]);
  }

  /** What `ipsec status` and `ipsec trafficstatus` say. */
  async status(): Promise<LibreswanStatus> {
    const [states, traffic] = [await this.#whack(['--status']), await this.#whack(['--trafficstatus'])];
    return parseStatus(states.stdout + traffic.stdout);
  }

  /** Its log since the start. */
  get log(): readonly string[] {
    return this.#daemon.log;
  }

  /** Resolves to the first log line that matches. */
  async logged(pattern: RegExp): Promise<string> {
    return await this.#daemon.line(pattern);
  }

  /** In good order: it tells its peers. */
  async stop(): Promise<void> {
    await this.#daemon.end('SIGTERM');
  }

  get #socket(): string {
    return join(this.#directory, 'pluto.ctl');
  }

  async #whack(args: readonly string[], anyStatus = false) {
    return await this.#run('libexec/ipsec/whack', ['--ctlsocket', this.#socket, ...args], anyStatus);
  }

  async #run(program: string, args: readonly string[], anyStatus = false) {
    const options = { anyStatus, environment: this.#environment, timeoutMilliseconds: 60_000 };
    return await runCommand(join(unpacked, 'usr', program), args, options);
  }
}

function plutoCommand(directory: string): string {
  const options = {
    config: 'ipsec.conf',
    secretsfile: 'ipsec.secrets',
    nssdir: 'nss',
    rundir: '.',
    ipsecdir: '.',
  };
  const flags = Object.entries(options).map(([name, file]) => `--${name} '${join(directory, file)}'`);
  return `/usr/libexec/ipsec/pluto --nofork --stderrlog ${flags.join(' ')}`;
}

function ipsecConf(connections: LibreswanConfiguration['connections']): string {
  const section = (head: string, settings: LibreswanConnection): string =>
    `${head}\n${Object.entries(settings)
      .map(([keyword, value]) => `  ${keyword}=${value}\n`)
      .join('')}\n`;
  const all = Object.entries(connections).map(([name, settings]) => section(`conn ${name}`, settings));
  return ['version 2.0\n\n', section('config setup', { logtime: 'yes' }), ...all].join('');
}

async function libraries(): Promise<string> {
  const base = join(unpacked, 'usr/lib');
  const directories = (await readdir(base)).filter((name) => name.endsWith('-linux-gnu'));
  return directories.map((name) => join(base, name)).join(':');
}

async function fillNssDatabase(
  directory: string,
  { own, authorities }: LibreswanCredentials = { own: {}, authorities: {} },
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const tool = async (program: string, args: readonly string[], input?: string): Promise<void> => {
    const command = [...args, '-d', `sql:${directory}`];
    await runCommand(join(unpacked, 'usr/bin', program), command, {
      environment,
      ...(input !== undefined && { input }),
    });
  };
  await tool('certutil', ['-N', '--empty-password']);
  for (const [nickname, pem] of Object.entries(authorities))
    await tool('certutil', ['-A', '-n', nickname, '-t', 'CT,,'], pem);
  for (const [nickname, { certificate, key }] of Object.entries(own)) {
    const [pem, bag] = [join(directory, `${nickname}.pem`), join(directory, `${nickname}.p12`)];
    await writeFile(pem, certificate + key, { mode: 0o600 });
    const options = ['-export', '-in', pem, '-name', nickname, '-passout', 'pass:on its way', '-out', bag];
    await runCommand('openssl', ['pkcs12', ...options]);
    await tool('pk12util', ['-i', bag, '-W', 'on its way', '-K', '']);
  }
}
