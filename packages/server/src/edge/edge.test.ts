import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { connect as connectPlain, Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { basic, testPassword } from '../testing/test-server.ts';
import { startTlsTestServer, type TlsTestServer } from '../testing/tls-test-server.ts';
import { Edge } from './edge.ts';
import { edgeErrors } from './edge-error.ts';
import { defaultEdgeLimits } from './edge-limits.ts';

let server: TlsTestServer;
afterEach(() => server.close());
const start = async (...flags: readonly string[]): Promise<void> => {
  server = await startTlsTestServer(...flags);
};
const authorization = basic('admin', testPassword);
const open = async (): Promise<TLSSocket> => {
  const socket = connect({ port: server.port, rejectUnauthorized: false });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
};
/** What comes back until the server closes the connection. */
const everythingFrom = async (socket: TLSSocket): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};
const request = (path: string, ...lines: readonly string[]): string =>
  [`GET ${path} HTTP/1.1`, 'host: x', ...lines, '', ''].join('\r\n');

describe('connections', () => {
  it('of one source are limited; one too many is told so and closed', async () => {
    await start('--connections-per-source', '2');
    const kept = [await open(), await open()];
    const third = await open();
    third.write(request('/healthz'));
    const answer = await everythingFrom(third);
    expect(answer).toMatch(/^HTTP\/1.1 429 .*\r\nretry-after: 10\r\n/s);
    expect(answer).toContain('"message": "There are too many connections from your address.');
    kept[0]?.destroy();
    await expect.poll(() => server.app.edge.connections.count).toBe(1);
    expect((await server.connect().ask('/healthz')).status).toBe(200);
  });

  it('of all are limited: who has most loses an idle one to others, and to nobody when it asks itself', async () => {
    await start('--connections', '2');
    const { connections } = server.app.edge;
    const [idle, busy] = [await open(), await open()];
    busy.write('GET /healthz HTTP/1.1\r\n');
    const third = await open();
    third.write(request('/healthz'));
    expect(await everythingFrom(third)).toMatch(/^HTTP\/1.1 503 /);
    const ended = once(idle, 'close');
    const elsewhere = connectPlain({ host: '127.0.0.1', localAddress: '127.0.0.2', port: server.port });
    const neighbour = connect({ socket: elsewhere, rejectUnauthorized: false });
    await once(neighbour, 'secureConnect');
    await ended;
    neighbour.write(request('/healthz', 'connection: close'));
    expect(await everythingFrom(neighbour)).toMatch(/^HTTP\/1.1 200 /);
    busy.destroy();
    await expect.poll(() => connections.count).toBe(0);
  });

  it('that shake no hands are counted, and forgotten when they go', async () => {
    await start('--connections-per-source', '1');
    const mute = connectPlain(server.port, '127.0.0.1');
    await expect.poll(() => server.app.edge.connections.count).toBe(1);
    expect((await server.connect().ask('/healthz')).status).toBe(429);
    mute.destroy();
    await expect.poll(() => server.app.edge.connections.count).toBe(0);
  });

  it('whose client does not take its answer are closed', async () => {
    await start();
    const lazy = await open();
    lazy.pause();
    // More than fits into what the kernel keeps for a connection.
    lazy.write(request('/openapi.json').repeat(40));
    const [{ socket: ours }] = (await once(server.app.server, 'request')) as [IncomingMessage];
    await expect.poll(() => ours.writableLength).toBeGreaterThan(0);
    const { connections } = server.app.edge;
    connections.closeStalled(0);
    connections.closeStalled(29_000);
    expect(ours.destroyed).toBe(false);
    const isClosed = () => {
      connections.closeStalled(10_000_000);
      return ours.destroyed;
    };
    await expect.poll(isClosed).toBe(true);
    lazy.destroy();
  });
});

describe('requests of one account', () => {
  it('wait for each other, reads not for writes, and those of other accounts for none', async () => {
    await start('--requests-per-account', '1');
    const { desired } = server.parts;
    const { value: admin } = [...desired.snapshot().accounts.values()][0] ?? {};
    if (admin === undefined) throw new Error('there is no account');
    await desired.putAccount({ ...admin, name: 'second' });
    const finish = Promise.withResolvers<void>();
    const create = desired.createSvm.bind(desired);
    let begun = 0;
    desired.createSvm = async (...svm) => {
      begun += 1;
      await finish.promise;
      return create(...svm);
    };
    const post = (name: string, account = 'admin') =>
      server.request('POST', '/api/svm/svms', { name }, { authorization: basic(account, testPassword) });
    const posts = [post('a'), post('b')];
    await expect.poll(() => begun).toBe(1);
    expect((await server.request('GET', '/api/svm/svms')).status).toBe(200);
    posts.push(post('c', 'second'));
    await expect.poll(() => begun).toBe(2);
    finish.resolve();
    expect((await Promise.all(posts)).map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(begun).toBe(3);
  });

  it('give their place back when the client goes away, waiting or not', async () => {
    await start('--requests-per-account', '1');
    const { desired } = server.parts;
    desired.createSvm = () => new Promise(() => undefined);
    const body = '{"name": "x"}';
    const post = `POST /api/svm/svms HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const [working, waiting] = [await open(), await open()];
    for (const socket of [working, waiting]) {
      const asked = once(server.app.server, 'request');
      socket.write(post);
      await asked;
      await turn();
    }
    waiting.destroy();
    working.destroy();
    desired.createSvm = () => Promise.resolve({ kind: 'duplicate' });
    expect((await server.request('POST', '/api/svm/svms', { name: 'x' })).status).toBe(409);
  });
});

describe('who waits for others of the same account', () => {
  it('is turned away after a minute, and not called later', async () => {
    await start();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const edge = new Edge(createServer(), { ...defaultEdgeLimits, requestsPerAccount: 1 });
      const settled: (string | undefined)[] = [];
      const ask = (): ServerResponse => {
        const request = new IncomingMessage(new Socket());
        request.method = 'GET';
        const answer = new ServerResponse(request);
        edge.admit('keeper', request, answer, (refusal) => settled.push(refusal?.error.message));
        return answer;
      };
      const first = ask();
      ask();
      vi.advanceTimersByTime(59_000);
      expect(settled).toEqual([undefined]);
      vi.advanceTimersByTime(1_000);
      expect(settled).toEqual([undefined, edgeErrors.tooMuchAtOnce.message]);
      first.emit('close');
      expect(settled).toHaveLength(2);
      const third = ask();
      vi.advanceTimersByTime(100_000);
      expect(settled).toEqual([undefined, edgeErrors.tooMuchAtOnce.message, undefined]);
      third.emit('close');
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a page of another site', () => {
  it.each([
    ['POST', 'cross-site', 403],
    ['DELETE', 'same-site', 403],
    ['POST', 'same-origin', 400],
    ['POST', 'none', 400],
    ['GET', 'cross-site', 200],
  ])('%s, asked for by a page that is %s: %i', async (method, site, status) => {
    await start();
    const answer = await server.request(method, '/api/svm/svms', undefined, { 'sec-fetch-site': site });
    expect(answer.status).toBe(status);
  });
});

it('who asks for a tunnel is told that there is none', async () => {
  await start();
  const socket = await open();
  socket.write('CONNECT example.com:443 HTTP/1.1\r\nhost: x\r\n\r\n');
  const answer = await everythingFrom(socket);
  expect(answer).toMatch(/^HTTP\/1.1 404 Not Found\r\n.*connection: close\r\n/s);
  expect(answer).toContain('"code": "3"');
});

it('nor does who asks for one lose the answers to what was asked before', async () => {
  await start();
  const socket = await open();
  const change = [
    'POST /api/svm/svms HTTP/1.1',
    'host: x',
    `authorization: ${authorization}`,
    'content-length: 14',
    '',
    '{"name": "db"}',
  ].join('\r\n');
  socket.write(`${change}CONNECT example.com:443 HTTP/1.1\r\nhost: x\r\n\r\n`);
  const answers = await everythingFrom(socket);
  expect(answers.match(/^HTTP\/1.1 \d+/gm)).toEqual(['HTTP/1.1 201', 'HTTP/1.1 404']);
});

describe('headers of every answer', () => {
  it('are there whoever answers', async () => {
    await start();
    const { ask } = server.connect({ maxSockets: 8 });
    const logged = { authorization };
    const answers = await Promise.all([
      ask('/api/cluster', logged),
      ask('/api/nothing', logged),
      ask('/api/cluster'),
      ask('/nothing'),
      ask('/api/%zz', logged),
      ask('/docs/api'),
      ask('/openapi.json'),
      ask('/healthz'),
      ask('/metrics', logged),
      ask('/api/cluster', { ...logged, expect: 'nonsense' }),
      ask('/api/cluster', logged, 'OPTIONS'),
      ask('/api/cluster', logged, 'HEAD'),
    ]);
    const raw = await open();
    raw.write('nonsense\r\n\r\n');
    const [head = ''] = (await everythingFrom(raw)).split('\r\n\r\n');
    const ofBytes = Object.fromEntries(head.split('\r\n').map((line) => line.split(': ', 2)));
    for (const headers of [...answers.map((answer) => answer.headers), ofBytes]) {
      expect(headers).toMatchObject({
        'strict-transport-security': 'max-age=31536000',
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringMatching(
          /^default-src 'none'; .*base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
        ),
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-cache,no-store,must-revalidate',
      });
      expect(headers).not.toHaveProperty('server');
    }
  });
});
