import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';

/** How often each command was sent, by name. */
export type Counts = ReadonlyMap<string, number>;

const headerBytes = 4;
const commandRequest = 0;

/** Stands before a charon's VICI socket, passes everything on, and counts the commands, whoever sends them. */
export class ViciTally {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #counts = new Map<string, number>();
  #lastMs = performance.now();

  private constructor(charonSocket: string) {
    this.#server = createServer((client) => this.#pass(client, charonSocket));
  }

  /** Listens at `path` for those who want to speak to the charon at `charonSocket`. */
  static async open(path: string, charonSocket: string): Promise<ViciTally> {
    const tally = new ViciTally(charonSocket);
    tally.#server.listen(path);
    await once(tally.#server, 'listening');
    return tally;
  }

  /** What was sent since it was opened. */
  get counts(): Counts {
    return new Map(this.#counts);
  }

  /** Milliseconds since the last command. */
  get quietMs(): number {
    return performance.now() - this.#lastMs;
  }

  /** Ends every connection and listens no more. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #pass(client: Socket, charonSocket: string): void {
    const charon = createConnection(charonSocket);
    const commands = commandNames((name) => {
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
      this.#lastMs = performance.now();
    });
    client.on('data', commands);
    for (const [one, other] of [
      [client, charon],
      [charon, client],
    ] as const) {
      this.#sockets.add(one);
      one.pipe(other);
      // An end that breaks takes the other with it; whoever uses it hears that as from charon itself.
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }
}

/** Reads one client's bytes, however they arrive split, and tells of each command (strongSwan, vici/README.md). */
function commandNames(tell: (name: string) => void): (chunk: Buffer) => void {
  let unread = Buffer.alloc(0);
  return (chunk) => {
    unread = Buffer.concat([unread, chunk]);
    while (unread.length >= headerBytes) {
      const end = headerBytes + unread.readUInt32BE(0);
      if (unread.length < end) return;
      const [kind, nameLength = 0] = unread.subarray(headerBytes, end);
      const nameStart = headerBytes + 2;
      if (kind === commandRequest) tell(unread.toString('latin1', nameStart, nameStart + nameLength));
      unread = unread.subarray(end);
    }
  };
}
