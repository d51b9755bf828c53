import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { formatAddress, type Packet } from '@esplanade/domain';
import type { Host } from '../support/network.ts';

/** A packet and the way it goes: out of our host, or in, from elsewhere and in clear. */
export interface Probe {
  readonly direction: 'out' | 'in';
  readonly packet: Packet;
}

/** An outbound entry of the kernel's SPD, as the kernel names it when it asks for an SA. */
export interface AskingEntry {
  /** `10.9.0.0/24`, as everywhere here. */
  readonly source: string;
  readonly destination: string;
  /** 0 is any, as for the ports. */
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly priority: number;
  /** By this number charon knows which of its children is asked. */
  readonly reqid: number;
}

/** What the kernel did with a packet. */
export type Fate =
  | { readonly kind: 'in clear' }
  | { readonly kind: 'discarded' }
  /** Out: held until there is an SA, which `by` asked for. In: dropped because it did not come in ESP. */
  | { readonly kind: 'held for ESP'; readonly by: AskingEntry | undefined }
  /** Something that should not happen, as the oracle put it. */
  | { readonly kind: 'unclear'; readonly what: string };

/** The daemons whose queues and sockets the oracle may use while they are stopped. */
interface StoppedDaemons {
  readonly charonPid: number;
  /** Absent where charon does without one. */
  readonly guardPid: number | undefined;
}

interface Departure {
  readonly error: string | null;
  readonly passed: number;
  readonly acquires: readonly AskingEntry[];
}

interface Arrival {
  readonly arrived: number;
  readonly refused: readonly string[];
}

type Line = IteratorResult<string>;

/** The device it makes; addresses and routes are for the caller to set. */
export const oracleDevice = 'tun0';
const program = fileURLToPath(new URL('./packet-oracle.py', import.meta.url));

/**
 * Tries packets on a host's kernel, one by one, thousands in a second. A Python program does it: Node has no such
 * sockets.
 */
export class PacketOracle {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  private constructor(namespace: string) {
    const inside = ['--pdeathsig', 'KILL', 'ip', 'netns', 'exec', namespace];
    this.#process = spawn('setpriv', [...inside, 'python3', program, oracleDevice], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#process.stdin.on('error', () => undefined); // that it ended shows in its answers
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Starts it, and with it the device. */
  static async start(host: Host): Promise<PacketOracle> {
    const oracle = new PacketOracle(host.namespace);
    await oracle.#answer();
    return oracle;
  }

  /** What becomes of each packet, in order. A packet from or to a port of IKE passes through charon's own socket. */
  async probe(probes: readonly Probe[], { charonPid }: StoppedDaemons): Promise<readonly Fate[]> {
    const order = { probe: probes.map(orderOf), ikePid: charonPid };
    const answers: readonly (Departure | Arrival)[] = await this.#ask(order);
    return answers.map((answer) => {
      return 'arrived' in answer ? fateOfArrival(answer) : fateOfDeparture(answer);
    });
  }

  /** Lets the daemons never hear what the kernel has asked them since they were stopped. */
  async silence({ charonPid, guardPid }: StoppedDaemons): Promise<void> {
    await this.#ask({ silence: [charonPid, ...(guardPid === undefined ? [] : [guardPid])] });
  }

  /** Ends the program; the device goes with it. */
  async stop(): Promise<void> {
    const lines = this.#lines;
    this.#process.stdin.end();
    for (let line: Line = await lines.next(); !line.done; line = await lines.next());
  }

  async #ask<T>(order: object): Promise<T> {
    this.#process.stdin.write(`${JSON.stringify(order)}\n`);
    return JSON.parse(await this.#answer());
  }

  async #answer(): Promise<string> {
    const line = await this.#lines.next();
    if (line.done) throw new Error('the packet oracle ended; it wrote why to standard error');
    return line.value;
  }
}

function orderOf({ direction, packet }: Probe): object {
  const local = { address: formatAddress(packet.localAddress), port: packet.localPort };
  const remote = { address: formatAddress(packet.remoteAddress), port: packet.remotePort };
  const [source, destination] = direction === 'out' ? [local, remote] : [remote, local];
  return {
    direction,
    version: packet.localAddress.family === 'ipv4' ? 4 : 6,
    source: source.address,
    destination: destination.address,
    protocol: packet.protocol,
    sourcePort: source.port,
    destinationPort: destination.port,
    icmpType: packet.icmpType,
  };
}

function fateOfDeparture(departure: Departure): Fate {
  const { error, passed, acquires } = departure;
  const [by, ...others] = acquires;
  const isOfOne = others.every((other) => JSON.stringify(other) === JSON.stringify(by));
  if (error === null && passed === 1 && by === undefined) return { kind: 'in clear' };
  if (error === 'EPERM' && passed === 0 && by === undefined) return { kind: 'discarded' };
  if (error === null && passed === 0 && by !== undefined && isOfOne) return { kind: 'held for ESP', by };
  return { kind: 'unclear', what: JSON.stringify(departure) };
}

function fateOfArrival(arrival: Arrival): Fate {
  const { arrived, refused } = arrival;
  const reason = refused.join();
  if (arrived === 1 && reason === '') return { kind: 'in clear' };
  if (arrived === 0 && reason === 'XfrmInPolBlock') return { kind: 'discarded' };
  if (arrived === 0 && reason === 'XfrmInTmplMismatch') return { kind: 'held for ESP', by: undefined };
  return { kind: 'unclear', what: JSON.stringify(arrival) };
}
