import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const destinations = '/api/security/audit/destinations';
const loopback = '127.0.0.1';

/** A receiver of counted messages (RFC 6587 3.4.1) that can be told not to read. */
async function streamReceiver(port = 0, reads = true) {
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (!reads) return void socket.pause();
    let rest = Buffer.alloc(0);
    socket.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      for (;;) {
        const space = rest.indexOf(32);
        const length = Number(rest.subarray(0, Math.max(space, 0)).toString());
        if (space < 0 || rest.length < space + 1 + length) return;
        messages.push(rest.subarray(space + 1, space + 1 + length).toString());
        rest = rest.subarray(space + 1 + length);
      }
    });
  });
  server.listen(port, loopback);
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { messages, sockets, close, port: (server.address() as AddressInfo).port };
}

const received = (messages: readonly string[]) => () => messages.join('\n');

describe('the mirror of the audit log', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer();
  });
  afterEach(() => server.close());

  const add = async (port: number, protocol: string, query = ''): Promise<void> => {
    const body = { address: loopback, port, protocol, facility: 'local7' };
    expect(await server.request('POST', `${destinations}${query}`, body)).toMatchObject({ status: 201 });
  };
  const change = (name: string) => server.request('POST', '/api/svm/svms', { name });
  let changes = 0;
  /** A change a look, until there is something to see: the mirror begins with what comes after its destination. */
  const afterChanges = (look: () => number) => async (): Promise<number> => {
    changes += 1;
    await change(`change-${changes}`);
    return look();
  };

  it('sends each entry over UDP, as RFC 5424 says', async () => {
    const socket = createSocket('udp4');
    const messages: string[] = [];
    socket.on('message', (message) => messages.push(message.toString()));
    socket.bind(0, loopback);
    await once(socket, 'listening');
    await add(socket.address().port, 'udp_unencrypted');
    await expect.poll(() => server.parts.desired.snapshot().auditSettings.value.destinations).toHaveLength(1);
    await expect.poll(afterChanges(() => messages.length)).toBeGreaterThan(0);
    await server.request('POST', '/api/svm/svms', { name: '' });
    await expect.poll(received(messages)).toContain('"state":"error"');
    const { name } = server.parts.desired.snapshot().node;
    expect(messages[0]).toMatch(
      new RegExp(
        `^<189>1 \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z ${name} esplanade - audit - \\{"index":\\d+,"entry":\\{"timestamp".*"user":"admin".*\\}\\}$`,
      ),
    );
    expect(messages.at(-1)).toMatch(/^<188>1 /);
    socket.close();
  });

  it('sends over TCP in order, and what came while the receiver was away when it is back', async () => {
    const first = await streamReceiver();
    await add(first.port, 'tcp_unencrypted');
    await expect.poll(afterChanges(() => first.messages.length)).toBeGreaterThan(0);
    await first.close();
    await change('while-away-1');
    const place = `${destinations}/${loopback}/${first.port}`;
    expect((await server.request('PATCH', place, { facility: 'local6' })).status).toBe(200);
    await change('while-away-2');
    const second = await streamReceiver(first.port);
    await expect.poll(received(second.messages), { timeout: 15_000 }).toContain('while-away-2');
    const all = [...first.messages, ...second.messages].map((text) =>
      Number(/"index":(\d+)/.exec(text)?.[1]),
    );
    const head = await server.parts.desired.auditHead();
    expect(new Set(all).size).toBe((all.at(-1) ?? 0) - (all[0] ?? 0) + 1);
    expect(all.at(-1)).toBe(head.last);
    await second.close();
  }, 30_000);

  it('holds no request, and keeps nothing in memory, where a receiver takes nothing', async () => {
    const deaf = await streamReceiver(0, false);
    await add(deaf.port, 'tcp_unencrypted');
    await add(1, 'tcp_unencrypted', '?force=true');
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => change(`svm-${index}`)));
    expect(answers.every(({ status }) => status === 201)).toBe(true);
    await deaf.close();
  });

  it('ends with its destination', async () => {
    const receiver = await streamReceiver();
    await add(receiver.port, 'tcp_unencrypted');
    await expect.poll(afterChanges(() => receiver.sockets.size)).toBe(1);
    const series = `esplanade_audit_mirror_lost_total{destination="${loopback}:${receiver.port}"} 0`;
    expect((await server.request('GET', '/metrics')).text).toContain(series);
    expect((await server.request('DELETE', `${destinations}/${loopback}/${receiver.port}`)).status).toBe(200);
    await expect.poll(() => [...receiver.sockets].every((socket) => socket.destroyed)).toBe(true);
    expect((await server.request('GET', '/metrics')).text).not.toContain(series);
    await receiver.close();
  });
});
