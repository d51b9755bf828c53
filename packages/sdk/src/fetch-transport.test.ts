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
