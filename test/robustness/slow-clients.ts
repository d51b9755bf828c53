import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

/** What slow clients talk to. */
export interface SlowTarget {
  readonly host: string;
  readonly port: number;
  /** Of an account: what sends a body has to log in. */
  readonly authorization: string;
}

/** Ways to be slow, and what each sends at first; all but the mute ones go on with a byte each second. */
const kinds = {
  'shakes no hands': undefined,
  'asks nothing': '',
  'trickles headers': 'GET /api/cluster HTTP/1.1\r\nhost: x\r\nx: ',
  'trickles a body': 'POST /api/svm/svms HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n',
  'takes no answer': 'GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n',
} as const;
export type Slowness = keyof typeof kinds;
export const slownesses = Object.keys(kinds) as readonly Slowness[];

const trickleMs = 1_000;

/** Clients that hold what they have got as long as they are let, and how long that was. */
export class SlowClients {
  readonly #held = new Map<Slowness, number[]>();
  readonly #sockets: Socket[] = [];
  readonly #trickling: NodeJS.Timeout;
  readonly #each: number;

  constructor(target: SlowTarget, each: number) {
    this.#each = each;
    const trickles: Socket[] = [];
    for (const kind of slownesses) {
      const held: number[] = [];
      this.#held.set(kind, held);
      for (let index = 0; index < each; index += 1) {
        const socket = open(target, kind);
        const startedAtMs = performance.now();
        socket.on('error', () => undefined);
        socket.on('close', () => held.push(performance.now() - startedAtMs));
        if (kind.startsWith('trickles')) trickles.push(socket);
        this.#sockets.push(socket);
      }
    }
    this.#trickling = setInterval(() => {
      for (const socket of trickles) if (socket.writable) socket.write('x');
    }, trickleMs);
  }

  /** How many of a kind are still held. */
  left(kind: Slowness): number {
    return this.#each - (this.#held.get(kind)?.length ?? 0);
  }

  /** The longest that one of the kind was held, of those that no longer are, in seconds. */
  longestSeconds(kind: Slowness): number {
    return Math.max(0, ...(this.#held.get(kind) ?? [])) / 1_000;
  }

  close(): void {
    clearInterval(this.#trickling);
    for (const socket of this.#sockets) socket.destroy();
  }
}

function open({ host, port, authorization }: SlowTarget, kind: Slowness): Socket {
  const first = kinds[kind];
  if (first === undefined) return connectPlain({ host, port });
  const socket: TLSSocket = connectTls({ host, port, rejectUnauthorized: false });
  if (kind === 'takes no answer') {
    // Far more than the kernel keeps for both ends.
    socket.pause();
    socket.write(first.repeat(20));
  } else {
    socket.resume();
    if (first !== '')
      socket.write(kind === 'trickles a body' ? `${first}authorization: ${authorization}\r\n\r\n` : first);
  }
  return socket;
}
