import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConnectionError, connect, fetchTransport, UnexpectedAnswerError } from './index.ts';
import { selfSigned } from './testing/self-signed.ts';

let answer: (request: IncomingMessage, response: ServerResponse) => void;
const elsewhere: string[] = [];
let [origin, other] = ['', ''];
const servers: Server[] = [];

beforeAll(async () => {
  origin = await listening((request, response) => answer(request, response));
  other = await listening(({ method, url }, response) => {
    elsewhere.push(`${method} ${url}`);
    response.end('{"uuid":"foreign","records":[{"uuid":"foreign"}]}');
  });
});
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

async function listening(listener: typeof answer): Promise<string> {
  const server = createServer((request, response) => listener(request, response));
  servers.push(server);
  return `http://127.0.0.1:${(await listeningOn(server)).port}`;
}

async function listeningOn(server: Server | SecureServer): Promise<AddressInfo> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server.address() as AddressInfo;
}

describe('an answer that sends elsewhere', () => {
  it.each([301, 302, 303, 307, 308])('with %i gets nothing sent there', async (status) => {
    for (const to of [other, `${origin}/elsewhere`]) {
      answer = ({ url }, response) => {
        if (url === '/elsewhere') elsewhere.push(url);
        response.writeHead(status, { location: to }).end();
      };
      const policies = connect({ url: origin, user: 'admin', password: 'secret', retries: 0 }).collection(
        String('/security/ipsec/policies'),
      );
      await expect(policies.create({ secret_key: 'a key' })).rejects.toThrow(UnexpectedAnswerError);
      await expect(policies.get('1')).rejects.toMatchObject({ status });
    }
    expect(elsewhere).toEqual([]);
  });
});

it('an answer is read to its limit and not beyond', async () => {
  answer = (_, response) => {
    const more = (): void => {
      while (response.writable && response.write('ü'.repeat(10_000)));
    };
    response.on('drain', more);
    more();
  };
  const transport = fetchTransport({ answerLimitBytes: 100_000 });
  const endless = transport({ method: 'POST', url: new URL(origin), headers: {} });
  await expect(endless).rejects.toThrow(/longer than the 100000 bytes/);
  await expect(endless).rejects.toMatchObject({ mayPass: false, mayBeDone: true });
  answer = (_, response) => response.end('ü'.repeat(50_000));
  expect((await transport({ method: 'GET', url: new URL(origin), headers: {} })).text).toBe(
    'ü'.repeat(50_000),
  );
});

describe('a request ends in time', () => {
  const dribbling = (first: string, piece: string): typeof answer => {
    return ({ socket }) => {
      socket.write(first);
      const timer = setInterval(() => socket.write(piece), 10);
      socket.on('error', () => socket.destroy()).on('close', () => clearInterval(timer));
    };
  };
  it.each([
    ['a body without an end', 'HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n', ' '],
    ['headers without an end', 'HTTP/1.1 200 OK\r\n', 'X-A: b\r\n'],
    ['nothing', '', ''],
  ])('where the answer is %s', async (_, first, piece) => {
    answer = dribbling(first, piece);
    for (const method of ['GET', 'DELETE'] as const) {
      const send = (signal?: AbortSignal) =>
        fetchTransport({ answerTimeoutMs: 100 })({
          method,
          url: new URL(origin),
          headers: {},
          ...(signal && { signal }),
        });
      const late = send();
      await expect(late).rejects.toThrow(ConnectionError);
      await expect(late).rejects.toThrow(/did not answer in 0\.1 s\.$/);
      await expect(late).rejects.toMatchObject({ isMomentary: false, mayBeDone: method === 'DELETE' });
      await expect(send(new AbortController().signal)).rejects.toThrow(/did not answer/);
    }
  });

  it('where the caller ends it before', async () => {
    const [ending, reason] = [new AbortController(), new Error('enough')];
    answer = () => ending.abort(reason);
    const { signal } = ending;
    const sent = fetchTransport()({ method: 'DELETE', url: new URL(origin), headers: {}, signal });
    await expect(sent).rejects.toBe(reason);
  });
});

it('a change that could not be sent is not done, and a certificate does not become trusted', async () => {
  const secure = createSecureServer(selfSigned('localhost'), (_, response) => response.end('{}'));
  const { port } = await listeningOn(secure);
  const send = (url: string) => fetchTransport()({ method: 'DELETE', url: new URL(url), headers: {} });
  const distrusted = send(`https://localhost:${port}`);
  await expect(distrusted).rejects.toMatchObject({ mayPass: false, mayBeDone: false });
  await new Promise((resolve) => secure.close(resolve).closeAllConnections());
  await expect(send(`https://localhost:${port}`)).rejects.toMatchObject({ mayPass: true, mayBeDone: false });
});

it('a change whose connection broke may be done, and a GET changes nothing', async () => {
  answer = (request) => request.socket.destroy();
  for (const method of ['GET', 'DELETE'] as const) {
    const broken = fetchTransport()({ method, url: new URL(origin), headers: {} });
    await expect(broken).rejects.toThrow(ConnectionError);
    await expect(broken).rejects.toMatchObject({ mayPass: true, mayBeDone: method === 'DELETE' });
  }
});

it.each([
  [
    'a change to another protocol',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
  ],
  ['no HTTP', '220 smtp.example.com ESMTP\r\n'],
  ['headers without an end', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(100_000)}\r\n\r\n`],
])('an answer that is %s is one the next time too', async (_, said) => {
  let asked = 0;
  answer = ({ socket }) => {
    asked += 1;
    socket.on('error', () => socket.destroy()).write(said);
  };
  for (const method of ['GET', 'DELETE'] as const) {
    const send = fetchTransport()({ method, url: new URL(origin), headers: {} });
    await expect(send).rejects.toThrow(ConnectionError);
    await expect(send).rejects.toMatchObject({ mayPass: false, mayBeDone: method === 'DELETE' });
  }
  await expect(connect({ url: origin }).record('/cluster').get()).rejects.toThrow(ConnectionError);
  expect(asked).toBe(3);
});

it('a header that cannot be sent is no failure of the connection', async () => {
  const url = new URL('http://127.0.0.1:1');
  const sent = fetchTransport()({ method: 'POST', url, headers: { 'x-a': 'line\nline' } });
  await expect(sent).rejects.toThrow(TypeError);
});
