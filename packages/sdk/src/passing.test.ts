import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConnectionError, connect, fetchTransport, InvalidRequestError, mayPass } from './index.ts';
import { toConnectionError, type Unreached, UnreachedError } from './node/connection-errors.ts';
import { nodeTransport } from './node/index.ts';
import { type Scripted, scriptedServer } from './testing/scripted-server.ts';

const path = '/security/ipsec/policies';
const empty = { body: { records: [] } };
const page = (status: number): Scripted => ({ status, body: '<html>' });

/** What is tried again by whoever waits, and what a GET is sent again for at once. */
async function becomesOf(
  failure: Scripted | Error,
): Promise<readonly [isWaitedFor: boolean, isSentAgain: boolean]> {
  const waiting = scriptedServer([failure, empty], { retries: 0 });
  const isWaitedFor = await waiting.api
    .collection(path)
    .until(() => true, { everyMs: 0 })
    .then(
      () => true,
      () => false,
    );
  const asking = scriptedServer([failure, empty], { retries: 1 });
  await asking.api
    .collection(path)
    .toArray()
    .catch(() => undefined);
  return [isWaitedFor, asking.requests.length === 2];
}

describe('a server that is away for a while', () => {
  const away: readonly (readonly [Unreached, boolean, boolean])[] = [
    ['refused', true, true],
    ['broken', true, true],
    ['no-route', true, false],
    ['not-resolved', true, false],
    ['timed-out', true, false],
    ['no-tls', false, false],
    ['no-handshake', false, false],
    ['no-http', false, false],
    ['too-long', false, false],
  ];
  it.each(away)(
    'in the words of the transport for Node: %s (waited for: %s, sent again: %s)',
    async (reason, ...what) => {
      const failure = new UnreachedError(reason, 'away');
      expect(await becomesOf(failure)).toEqual(what);
      expect(mayPass(failure)).toBe(what[0]);
    },
  );

  it.each([
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ETIMEDOUT',
    'ECONNRESET',
  ])('is waited for, whatever Node says of it: %s', async (code) => {
    const failure = toConnectionError('cluster1:443', Object.assign(new Error(code), { code }));
    expect((await becomesOf(failure))[0]).toBe(true);
  });

  it.each([502, 503, 504])(
    "is so where a proxy's page says it (%i), or its words in JSON",
    async (status) => {
      const told = { status, body: { error: { code: '1', message: 'away' } } };
      for (const failure of [page(status), told]) expect((await becomesOf(failure))[0]).toBe(true);
    },
  );

  it.each([200, 400, 404, 500])('is not one that answers something else (%i)', async (status) => {
    expect(await becomesOf(page(status))).toEqual([false, false]);
  });

  it('is what a failure of anything else is not', () => {
    for (const other of [
      new Error('x'),
      new InvalidRequestError(400, { code: '1', message: 'x' }),
      undefined,
    ])
      expect(mayPass(other)).toBe(false);
  });
});

describe('who does not answer', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it.each([
    ['fetch', () => fetchTransport({ answerTimeoutMs: 100 }), 'http'],
    ['Node', () => nodeTransport({ connectTimeoutMs: 100 }), 'https'],
  ] as const)('is asked once, and waited for (%s)', async (_, transport, scheme) => {
    let asked = 0;
    const server = createServer((socket) => {
      asked += 1;
      socket.on('error', () => socket.destroy()).resume();
    });
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const api = connect({ url: `${scheme}://127.0.0.1:${port}`, transport: transport() });
    const failure: unknown = await api
      .record('/cluster')
      .get()
      .catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(ConnectionError);
    expect(failure).toMatchObject({ mayPass: true, mayBeDone: false });
    expect(asked).toBe(1);
  });
});

describe('a time longer than timers have', () => {
  afterEach(() => vi.useRealTimers());

  it.each([
    ['what the server asks for', { ...page(503), headers: { 'retry-after': '99999999999' } }, {}],
    ['what the caller asks for', empty, { everyMs: Number.POSITIVE_INFINITY }],
    [
      'what a date asks for',
      { ...page(503), headers: { 'retry-after': 'Sat, 01 Jan 9999 00:00:00 GMT' } },
      {},
    ],
  ] as const)('is waited for: %s', async (_, answer, options) => {
    vi.useFakeTimers();
    const { api, requests } = scriptedServer([answer, empty], { retries: 0 });
    const waiting = api.collection(path).until(() => requests.length === 2, options);
    await vi.advanceTimersByTimeAsync(86_400_000);
    expect(requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(30 * 86_400_000);
    expect(await waiting).toEqual([]);
  });

  it.each([Number.POSITIVE_INFINITY, 3e9])(
    'is no time limit that is over at once: %d',
    async (answerTimeoutMs) => {
      const server = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'));
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const address = server.address();
      const url = new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
      try {
        const sent = fetchTransport({ answerTimeoutMs })({ method: 'GET', url, headers: {} });
        expect((await sent).status).toBe(200);
      } finally {
        server.close();
      }
    },
  );

  it.each([Number.NaN, -1, 0])('is a time, and %d is none', (ms) => {
    expect(() => fetchTransport({ answerTimeoutMs: ms })).toThrow(RangeError);
    expect(() => nodeTransport({ answerTimeoutMs: ms })).toThrow(RangeError);
    expect(() => nodeTransport({ connectTimeoutMs: ms })).toThrow(RangeError);
  });

  it.each([Number.NaN, -1])('is no number of milliseconds between two looks: %d', async (everyMs) => {
    const { api, requests } = scriptedServer([empty]);
    await expect(api.collection(path).until(() => false, { everyMs })).rejects.toThrow(RangeError);
    expect(requests).toEqual([]);
  });
});
