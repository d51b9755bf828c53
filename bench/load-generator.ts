import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** What to ask, how often and for how long at most; a first tenth of that is not measured. */
export interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly requests: number;
  readonly seconds: number;
}

/** What came of it. */
export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Loads a server and prints what came of it as JSON. A process of its own, over bare sockets that stay open, so that the
 * client costs little of what is measured. Argument: a `Load` as JSON. Fails at an answer other than 200.
 */
const load: Load = JSON.parse(process.argv[2] ?? '');
const { protocol, hostname, port, pathname, search, host } = new URL(load.url);
const headers = Object.entries({ host, ...load.headers }).map(([name, value]) => `${name}: ${value}\r\n`);
const request = Buffer.from(`GET ${pathname}${search} HTTP/1.1\r\n${headers.join('')}\r\n`);
const latencies: number[] = [];
let sent = 0;
let wanted = 0;
let endsAt = 0;

/** Asks over all connections until there were so many answers or so much time has passed; gives the seconds it took. */
async function ask(requests: number, seconds: number): Promise<number> {
  const startedAt = performance.now();
  latencies.length = 0;
  sent = 0;
  wanted = requests;
  endsAt = startedAt + seconds * 1_000;
  await Promise.all(sockets.map(converse));
  return (performance.now() - startedAt) / 1_000;
}

async function converse(socket: Socket): Promise<void> {
  while (sent < wanted && performance.now() < endsAt) {
    sent += 1;
    const before = performance.now();
    await exchange(socket);
    latencies.push(performance.now() - before);
  }
}

function open(): Socket {
  const place = { host: hostname, port: Number(port) };
  const socket =
    protocol === 'https:' ? connectTls({ ...place, rejectUnauthorized: false }) : connectPlain(place);
  return socket.setNoDelay(true);
}

async function exchange(socket: Socket): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let head = Buffer.alloc(0);
    let missing: number | undefined;
    const settle = (error?: Error): void => {
      socket.off('data', take).off('error', settle).off('close', close);
      if (error === undefined) resolve();
      else reject(error);
    };
    const close = (): void => settle(new Error('the server closed the connection'));
    const take = (chunk: Buffer): void => {
      if (missing === undefined) {
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        const text = head.toString('latin1', 0, end);
        const length = /^content-length: *(\d+)/im.exec(text)?.[1];
        if (!text.startsWith('HTTP/1.1 200') || length === undefined) {
          settle(new Error(`${load.url}: not an answer to measure:\n${text}`));
          return;
        }
        missing = Number(length) - (head.length - end - 4);
      } else missing -= chunk.length;
      if (missing <= 0) settle();
    };
    socket.on('data', take).on('error', settle).on('close', close);
    socket.write(request);
  });
}

const sockets = Array.from({ length: load.connections }, open);
await ask(load.requests / 10, load.seconds / 10);
const seconds = await ask(load.requests, load.seconds);
for (const socket of sockets) socket.destroy();
latencies.sort((a, b) => a - b);
const quantile = (share: number): number =>
  latencies[Math.floor(share * (latencies.length - 1))] ?? Number.NaN;
const result: LoadResult = {
  requestsPerSecond: latencies.length / seconds,
  p50Ms: quantile(0.5),
  p99Ms: quantile(0.99),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
