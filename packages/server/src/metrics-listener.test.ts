import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { listenForMetrics } from './metrics-listener.ts';

async function start(read: () => Promise<string>): Promise<number> {
  const listener = await listenForMetrics({ host: '127.0.0.1', port: 0 }, read);
  onTestFinished(() => listener.close());
  return listener.address.port;
}

async function ask(port: number, method: string): Promise<number | undefined> {
  const asked = request({ port, host: '127.0.0.1', path: '/metrics', method, agent: false });
  asked.end();
  const [answer] = await once(asked, 'response');
  answer.resume();
  return answer.statusCode;
}

it('those who ask at the same moment are answered from one reading, with HEAD too', async () => {
  let readings = 0;
  const port = await start(async () => {
    readings += 1;
    await turn();
    return 'x 1\n';
  });
  const socket = connect(port, '127.0.0.1');
  const lines = (method: string, end = ''): string => `${method} /metrics HTTP/1.1\r\nhost: x\r\n${end}\r\n`;
  // In one piece, so that they are there at the same moment.
  socket.write(lines('GET') + lines('HEAD') + lines('GET', 'connection: close\r\n'));
  let text = '';
  for await (const chunk of socket) text += chunk;
  expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(3);
  expect(readings).toBe(1);
  expect(await ask(port, 'POST')).toBe(404);
});

it('connections beyond some are closed', async () => {
  const port = await start(async () => 'x 1\n');
  const kept = Array.from({ length: 16 }, () => connect(port, '127.0.0.1'));
  onTestFinished(() => {
    for (const socket of kept) socket.destroy();
  });
  await Promise.all(kept.map((socket) => once(socket, 'connect')));
  const surplus = connect(port, '127.0.0.1');
  surplus.resume();
  await once(surplus, 'close');
  expect(kept.some(({ destroyed }) => destroyed)).toBe(false);
});
