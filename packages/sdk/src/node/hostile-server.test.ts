import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect, UnexpectedAnswerError } from '../index.ts';
import { selfSigned } from '../testing/self-signed.ts';
import type { ApiRequest } from '../transport.ts';
import { type NodeTransport, type NodeTransportOptions, nodeTransport } from './node-transport.ts';

/** What is done to whoever has sent a request, byte by byte. */
let answer: (socket: TLSSocket) => void;
let server: Server;
let url: URL;
let transport: NodeTransport | undefined;
const sockets = new Set<TLSSocket>();

beforeAll(async () => {
  server = createServer(selfSigned('localhost'), (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', () => answer(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = new URL(`https://localhost:${(server.address() as AddressInfo).port}/api`);
});
afterEach(() => {
  transport?.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});
afterAll(() => server.close());

async function outcome(options: NodeTransportOptions, more: Partial<ApiRequest> = {}): Promise<unknown> {
  transport = nodeTransport({ trust: { kind: 'anyone' }, ...options });
  return await transport({ method: 'GET', url, headers: {}, ...more }).catch((error: unknown) => error);
}

const head = 'HTTP/1.1 200 OK\r\n';

/** Says something again and again, seldom enough that nothing else counts. */
function dribbling(first: string, piece: string): (socket: TLSSocket) => void {
  return (socket) => {
    socket.write(first);
    const timer = setInterval(() => socket.write(piece), 10);
    socket.on('close', () => clearInterval(timer));
  };
}

describe('a request ends in time', () => {
  it.each([
    ['a body without an end', `${head}Content-Length: 100000000\r\n\r\n`, ' '],
    ['headers without an end', head, 'X-A: b\r\n'],
    ['promises to go on', '', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['nothing', '', ''],
  ])('where the answer is %s', async (_, first, piece) => {
    answer = dribbling(first, piece);
    const error = await outcome({ answerTimeoutMs: 100 });
    expect(error).toMatchObject({ reason: 'timed-out', isMomentary: false, mayBeDone: false });
  });

  it('where it is over to another protocol that the server goes', async () => {
    answer = (socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    expect(await outcome({})).toMatchObject({ status: 101, text: '' });
    const api = connect({ url, transport: nodeTransport({ trust: { kind: 'anyone' } }) });
    await expect(api.record('/cluster').get()).rejects.toThrow(UnexpectedAnswerError);
  });
});

describe('an answer is read to its limit', () => {
  it('and not beyond, whether it says before how long it is or not', async () => {
    for (const length of ['Content-Length: 1000000000', 'Connection: close']) {
      answer = (socket) => {
        socket.write(`${head}${length}\r\n\r\n`);
        const more = (): void => {
          while (socket.writable && socket.write('x'.repeat(10_000)));
        };
        socket.on('drain', more);
        more();
      };
      const error = await outcome({ answerLimitBytes: 100_000 }, { method: 'DELETE' });
      expect(error).toMatchObject({ reason: 'too-long', mayPass: false, mayBeDone: true });
      expect(String(error)).toMatch(/longer than the 100000 bytes/);
    }
  });

  it('which its headers have too', async () => {
    answer = (socket) => socket.write(`${head}X-A: ${'a'.repeat(100_000)}\r\n\r\n`);
    const error = await outcome({});
    expect(error).toMatchObject({ reason: 'too-long' });
    expect(String(error)).toMatch(/headers/);
  });
});

describe('a connection that breaks off', () => {
  it.each([
    ['before the answer', ''],
    ['in the headers', head],
    ['in the body', `${head}Content-Length: 10\r\n\r\nabc`],
  ])('%s leaves open whether a change was done, and says so in our words', async (_, said) => {
    answer = (socket) => socket.write(`${said}`, () => socket.destroy());
    for (const method of ['PATCH', 'GET'] as const) {
      const error = await outcome({}, { method });
      expect(error).toMatchObject({ reason: 'broken', mayPass: true, mayBeDone: method === 'PATCH' });
      expect(String(error)).toMatch(/broke off before there was a whole answer\.$/);
    }
  });

  it('before anything was sent leaves nothing open', async () => {
    const nowhere = new URL('https://localhost:1/');
    expect(await outcome({}, { method: 'PATCH', url: nowhere })).toMatchObject({
      reason: 'refused',
      mayBeDone: false,
    });
  });
});
