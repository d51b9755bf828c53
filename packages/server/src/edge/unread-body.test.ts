import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { basic, testPassword } from '../testing/test-server.ts';
import { startTlsTestServer, type TlsTestServer } from '../testing/tls-test-server.ts';

let server: TlsTestServer;
const sockets: TLSSocket[] = [];
beforeAll(async () => {
  server = await startTlsTestServer();
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await server.close();
});

const right = `authorization: ${basic('admin', testPassword)}`;
const wrong = `authorization: ${basic('admin', 'wrong')}`;
const foreign = 'sec-fetch-site: cross-site';
const patience = { timeout: 15_000 };

/** Sends the headers, and keeps what comes back. */
async function begin(path: string, ...lines: readonly string[]) {
  const socket = connect({ port: server.port, rejectUnauthorized: false });
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  const came = { text: '' };
  socket.on('data', (chunk: Buffer) => {
    came.text += chunk.toString();
  });
  const port = socket.localPort;
  const asked = new Promise<Socket>((resolve) => {
    server.app.server.on('request', function look(request) {
      if (request.socket.remotePort !== port) return;
      server.app.server.off('request', look);
      resolve(request.socket);
    });
  });
  socket.write([`POST ${path} HTTP/1.1`, 'host: x', ...lines, '', ''].join('\r\n'));
  const ours = await asked;
  return { socket, came, ours };
}

/** Sends on and on until the connection is closed; gives how much the server has read. */
async function pour(socket: TLSSocket, ours: Socket, chunk: string): Promise<number> {
  const more = (): void => {
    while (socket.writable && socket.write(chunk));
  };
  socket.on('drain', more);
  more();
  if (!ours.destroyed) await new Promise((resolve) => ours.once('close', resolve));
  return ours.bytesRead;
}

it.concurrent.each([
  ['nobody', '/api/svm/svms', []],
  ['a wrong password', '/api/svm/svms', [wrong]],
  ['a page of another site', '/api/svm/svms', [right, foreign]],
  ['who asks for nothing there is', '/nothing', []],
])('the endless body of %s is not read', async (_who, path, lines) => {
  const { socket, came, ours } = await begin(path, ...lines, 'content-length: 100000000000');
  expect(await pour(socket, ours, 'x'.repeat(65_536))).toBeLessThan(2_000_000);
  expect(came.text).toMatch(/^HTTP\/1.1 40[134] .*connection: close\r\n/s);
  expect(came.text.match(/HTTP\/1\.1/g)).toHaveLength(1);
});

it.concurrent('nor is one in chunks, whose end nobody knows', async () => {
  const { socket, came, ours } = await begin('/api/svm/svms', 'transfer-encoding: chunked');
  expect(await pour(socket, ours, `10000\r\n${'x'.repeat(65_536)}\r\n`)).toBeLessThan(2_000_000);
  expect(came.text).toMatch(/^HTTP\/1.1 401 .*connection: close\r\n/s);
});

it.concurrent('nor one that turns out to be too large', async () => {
  const { socket, came, ours } = await begin('/api/svm/svms', right, 'transfer-encoding: chunked');
  expect(await pour(socket, ours, `10000\r\n${'x'.repeat(65_536)}\r\n`)).toBeLessThan(4_000_000);
  expect(came.text).toMatch(/^HTTP\/1.1 413 .*connection: close\r\n/s);
});

it.concurrent('a small body is, and the connection goes on', async () => {
  const { socket, came } = await begin('/api/svm/svms', 'content-length: 2');
  await vi.waitFor(() => expect(came.text).toMatch(/^HTTP\/1.1 401 /), patience);
  socket.write(`{}GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n`);
  await vi.waitFor(() => expect(came.text).toContain('HTTP/1.1 200 '), patience);
});

it.concurrent('who waits to be told to go on is, once he is known', async () => {
  const body = '{"name": "x"}';
  const [stranger, known] = await Promise.all(
    [wrong, right].map(async (line) =>
      begin('/api/svm/svms', line, 'expect: 100-continue', `content-length: ${body.length}`),
    ),
  );
  await vi.waitFor(() => expect(known?.came.text).toBe('HTTP/1.1 100 Continue\r\n\r\n'), patience);
  known?.socket.write(body);
  await vi.waitFor(() => expect(known?.came.text).toContain('HTTP/1.1 201 '), patience);
  await vi.waitFor(() => expect(stranger?.came.text).toMatch(/^HTTP\/1.1 401 /), patience);
});

it.concurrent.each([
  ['has no body to wait for', 'GET', 'HTTP/1.1', [], ''],
  ['did not wait', 'POST', 'HTTP/1.1', ['content-length: 2'], '{}'],
  ['speaks a HTTP that cannot', 'POST', 'HTTP/1.0', ['content-length: 2'], '{}'],
])(
  'who says that he waits, and %s, is answered whole behind others',
  async (_who, method, version, lines, body) => {
    const { socket, came } = await begin('/api/svm/svms', right, 'content-length: 2');
    const next = [
      `${method} /api/security/ipsec ${version}`,
      'host: x',
      right,
      'expect: 100-continue',
      ...lines,
      '',
      '',
    ];
    socket.write(`{}${next.join('\r\n')}${body}`);
    await vi.waitFor(() => expect(came.text.match(/HTTP\/1.1 [2-5]/g)).toHaveLength(2), patience);
    await vi.waitFor(() => expect(came.text.slice(-2)).toBe('}\n'), patience);
    expect(came.text).not.toContain('HTTP/1.1 100 ');
  },
);

it.concurrent('who waits behind others is told to go on in his turn', async () => {
  const { socket, came } = await begin('/api/svm/svms', right, 'content-length: 2');
  const body = '{"name": "behind"}';
  const next = [
    'POST /api/svm/svms HTTP/1.1',
    'host: x',
    right,
    'expect: 100-continue',
    `content-length: ${body.length}`,
  ];
  socket.write(`{}${next.join('\r\n')}\r\n\r\n`);
  await vi.waitFor(() => expect(came.text).toMatch(/}\n?HTTP\/1.1 100 Continue\r\n\r\n$/), patience);
  socket.write(body);
  await vi.waitFor(() => expect(came.text).toContain('HTTP/1.1 201 '), patience);
});
