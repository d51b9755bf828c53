import { readFile } from 'node:fs/promises';
import { Daemon } from './daemon.ts';
import { eventually } from './eventually.ts';
import { barrierAddress, barrierBroadcast, type Host, type Network } from './network.ts';
import { type Packet, parseFrame } from './packet.ts';

/** Everything that crosses one host's cable, from outside the host. Written as a pcap file by tcpdump. */
export class Capture {
  readonly file: string;
  readonly #daemon: Daemon;
  readonly #wire: string;
  #barriers = 0;

  private constructor(file: string, daemon: Daemon, wire: string) {
    this.file = file;
    this.#daemon = daemon;
    this.#wire = wire;
  }

  /** Starts to capture at the host's port of the wire; nothing that comes later is missed. */
  static async start<Name extends string>(
    network: Network<Name>,
    host: Host,
    file: string,
  ): Promise<Capture> {
    const options = [
      '-i',
      host.port,
      '-U',
      '--immediate-mode',
      '-B',
      '8192',
      '-s',
      '262',
      '-n',
      '-Z',
      'root',
    ];
    const daemon = new Daemon(`capture of ${host.name}`, ['tcpdump', ...options, '-w', file], {
      namespace: network.wire,
    });
    await daemon.line(/listening on/);
    return new Capture(file, daemon, network.wire);
  }

  /**
   * All packets up to this call, in order. To know that none is still on its way to the file, a marker frame is sent
   * over the same cable and awaited; markers are not among the packets.
   */
  async packets(): Promise<readonly Packet[]> {
    this.#barriers += 1;
    const send = ['ping', '-b', '-q', '-c', '1', '-w', '1', '-I', barrierAddress, barrierBroadcast];
    const marker = new Daemon('marker', send, { namespace: this.#wire });
    const packets = await eventually('the capture has reached the marker frame', async () => {
      const all = await readCapture(this.file);
      return all.filter(isMarker).length >= this.#barriers && all;
    });
    await marker.end('SIGKILL');
    return packets.filter((packet) => !isMarker(packet));
  }

  /** Ends the capture with all packets up to this call. Throws if the kernel dropped any before they were written. */
  async stop(): Promise<readonly Packet[]> {
    const packets = await this.packets();
    await this.#daemon.end('SIGINT');
    const dropped = this.#daemon.log.find((line) => /[1-9]\d* packets? dropped by kernel/.test(line));
    if (dropped !== undefined) throw new Error(`the capture is not complete: ${dropped}`);
    return packets;
  }
}

/** Reads a pcap file (microseconds, little-endian, Ethernet); a record that is still being written is left out. */
export async function readCapture(file: string): Promise<readonly Packet[]> {
  const bytes = await readFile(file);
  if (bytes.length < 24) return [];
  if (bytes.readUInt32LE(0) !== 0xa1b2c3d4 || bytes.readUInt32LE(20) !== 1) {
    throw new Error(`${file}: not a little-endian microsecond Ethernet pcap file`);
  }
  const packets: Packet[] = [];
  let offset = 24;
  while (offset + 16 <= bytes.length) {
    const atSeconds = bytes.readUInt32LE(offset) + bytes.readUInt32LE(offset + 4) / 1e6;
    const end = offset + 16 + bytes.readUInt32LE(offset + 8);
    if (end > bytes.length) break;
    packets.push(parseFrame(bytes.subarray(offset + 16, end), atSeconds));
    offset = end;
  }
  return packets;
}

function isMarker(packet: Packet): boolean {
  return packet.kind === 'plain' && packet.source === barrierAddress;
}
