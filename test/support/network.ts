import { existsSync } from 'node:fs';
import { runCommand } from './command.ts';

/** One host: a network namespace with one device on the common wire. */
export interface Host {
  readonly name: string;
  /** The network namespace's name, unique on this machine. */
  readonly namespace: string;
  /** Its device: `eth0`. */
  readonly device: string;
  readonly ipv4: string;
  readonly ipv6: string;
  /** The other end of its cable, in the wire's namespace: where captures listen. */
  readonly port: string;
}

/** How a network is laid. */
export interface NetworkOptions {
  /** Begins the namespaces' names (`esp` and our pid). */
  readonly prefix?: string;
  /**
   * Delay of each frame on its way to every host but the first (3 where the kernel can, which a guest's can). On one
   * CPU a peer without delay answers IKE before charon has registered its half-open SA, and the answer is lost.
   */
  readonly delayMilliseconds?: number;
}

let networks = 0;

/**
 * Hosts on one Ethernet segment, each in a network namespace of its own, joined by a bridge in one more. Host N has
 * 10.9.0.N/24 and fd00:9::N/64. Nothing of it reaches the machine's own network.
 */
export class Network<Name extends string> {
  readonly hosts: Readonly<Record<Name, Host>>;
  /** The namespace of the bridge. No traffic is processed by IPsec here: what a capture sees is what is on the wire. */
  readonly wire: string;

  private constructor(hosts: Readonly<Record<Name, Host>>, wire: string) {
    this.hosts = hosts;
    this.wire = wire;
  }

  /** Lays the network. Needs root. */
  static async create<Name extends string>(
    names: readonly Name[],
    options: NetworkOptions = {},
  ): Promise<Network<Name>> {
    networks += 1;
    const prefix = options.prefix ?? `esp${process.pid}x${networks}`;
    const entries = names.map((name, index) => [name, hostCalled(name, prefix, index + 1)] as const);
    const network = new Network(Object.fromEntries(entries) as Record<Name, Host>, `${prefix}-wire`);
    try {
      await network.#lay(entries.map(([, host]) => host));
      await network.#delay(options.delayMilliseconds ?? 3);
    } catch (error) {
      await network.close();
      throw error;
    }
    return network;
  }

  /** Runs a command inside a host. */
  async run(host: Host, ...command: readonly string[]): Promise<string> {
    return (await runCommand('ip', ['netns', 'exec', host.namespace, ...command])).stdout;
  }

  /** Gives a host one more address, as `10.9.0.77/24` or `fd00:9::77/64`. */
  async addAddress(host: Host, address: string): Promise<void> {
    const flags = address.includes(':') ? ['nodad'] : [];
    await runCommand('ip', [
      '-n',
      host.namespace,
      'address',
      'replace',
      address,
      'dev',
      host.device,
      ...flags,
    ]);
  }

  /** Takes the host's cable out, or puts it back. */
  async setLink(host: Host, state: 'up' | 'down'): Promise<void> {
    await runCommand('ip', ['-n', this.wire, 'link', 'set', host.port, state]);
  }

  /** Empties the hosts' neighbour caches, as after a boot. */
  async forgetNeighbours(): Promise<void> {
    for (const host of this.#all())
      await runCommand('ip', ['-n', host.namespace, 'neighbour', 'flush', 'all']);
  }

  /** Removes every namespace, and with them devices, SAs and policies. Daemons inside must have ended. */
  async close(): Promise<void> {
    const namespaces = [...this.#all().map((host) => host.namespace), this.wire];
    for (const namespace of namespaces.filter((name) => existsSync(`/run/netns/${name}`))) {
      await runCommand('ip', ['netns', 'delete', namespace]);
    }
  }

  #all(): readonly Host[] {
    return Object.values<Host>(this.hosts);
  }

  async #lay(hosts: readonly Host[]): Promise<void> {
    const namespaces = [this.wire, ...hosts.map((host) => host.namespace)];
    for (const namespace of namespaces) await runCommand('ip', ['netns', 'add', namespace]);
    const cables = hosts.map(
      (host) => `link add ${host.port} type veth peer name ${host.device} netns ${host.namespace}`,
    );
    const ports = hosts.map((host) => `link set ${host.port} master bridge0 up`);
    await batch(this.wire, [
      'link add bridge0 type bridge mcast_snooping 0',
      'link set bridge0 up',
      `address add ${barrierAddress}/24 broadcast ${barrierBroadcast} dev bridge0`,
      ...cables,
      ...ports,
    ]);
    for (const host of hosts) {
      await batch(host.namespace, [
        'link set lo up',
        `link set ${host.device} up`,
        `address add ${host.ipv4}/24 dev ${host.device}`,
        `address add ${host.ipv6}/64 dev ${host.device} nodad`,
      ]);
    }
  }

  async #delay(milliseconds: number): Promise<void> {
    for (const host of this.#all().slice(1)) {
      const rule = [
        '-n',
        this.wire,
        'qdisc',
        'add',
        'dev',
        host.port,
        'root',
        'netem',
        'delay',
        `${milliseconds}ms`,
      ];
      const { status, stderr } = await runCommand('tc', rule, { anyStatus: true });
      // A kernel without netem is a real host with several CPUs, which needs none.
      if (status !== 0 && !/qdisc kind is unknown/.test(stderr))
        throw new Error(`tc ${rule.join(' ')}: ${stderr}`);
    }
  }
}

/** Where the wire's own marker frames come from; no host has an address there (RFC 5737). */
export const barrierAddress = '198.51.100.1';
/** Where they go. */
export const barrierBroadcast = '198.51.100.255';

function hostCalled(name: string, prefix: string, number: number): Host {
  return {
    name,
    namespace: `${prefix}-${name}`,
    device: 'eth0',
    ipv4: `10.9.0.${number}`,
    ipv6: `fd00:9::${number.toString(16)}`,
    port: `port${number}`,
  };
}

async function batch(namespace: string, lines: readonly string[]): Promise<void> {
  await runCommand('ip', ['-n', namespace, '-batch', '-'], { input: `${lines.join('\n')}\n` });
}
