import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { basic, testPassword } from '../testing/test-server.ts';
import { startTlsTestServer, type TlsTestServer } from '../testing/tls-test-server.ts';

let server: TlsTestServer;
let sockets: readonly TLSSocket[] = [];
beforeEach(async () => {
  server = await startTlsTestServer('--requests-per-account', '8');
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await server.close();
});

/** Requests of the same account that have sent one byte of so many, from this address. */
async function trickle(requests: number, bytes: number, localAddress: string): Promise<readonly TLSSocket[]> {
  const authorization = basic('admin', testPassword);
  const head = `POST /api/svm/svms HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-length: ${bytes}\r\n\r\n{`;
  let asked = 0;
  server.app.server.on('request', () => {
    asked += 1;
  });
  const opened = await Promise.all(
    Array.from({ length: requests }, async () => {
      const plain = connectPlain({ host: '127.0.0.1', port: server.port, localAddress });
      const socket = connect({ socket: plain, rejectUnauthorized: false });
      socket.on('error', () => undefined);
      await once(socket, 'secureConnect');
      socket.write(head);
      return socket;
    }),
  );
  await expect.poll(() => asked).toBe(requests);
  sockets = [...sockets, ...opened];
  return opened;
}

const write = async (size: number): Promise<number> =>
  (await server.request('POST', '/api/svm/svms', { name: 'x', comment: ' '.repeat(size) })).status;

it('small bodies that do not come hold up nobody of their account', async () => {
  await trickle(140, 1_000, '127.0.0.1');
  expect(await write(1)).toBe(201);
});

it('large ones hold up no others of their account that are small, nor large ones from elsewhere', async () => {
  await trickle(140, 100_000, '127.0.0.2');
  expect(await write(1)).toBe(201);
  expect(await write(100_000)).toBe(400);
});

it('large ones of an account are received so many at a time, and the next one has the place of one that goes away', async () => {
  const [first] = await trickle(10, 100_000, '127.0.0.1');
  const late = write(100_000);
  let isOver = false;
  void late.then(() => {
    isOver = true;
  });
  expect(await write(1)).toBe(201);
  expect(isOver).toBe(false);
  for (const socket of sockets) socket.destroy();
  expect(first?.destroyed).toBe(true);
  expect(await late).toBe(400);
});
