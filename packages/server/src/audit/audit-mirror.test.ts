import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';
import { AuditMirror } from './audit-mirror.ts';
import { mirrorPositionsFile } from './mirror-positions.ts';
import { startMirror } from './start-mirror.ts';

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
  it('sends each entry over UDP, as RFC 5424 says', async () => {
    const socket = createSocket('udp4');
    const messages: string[] = [];
    socket.on('message', (message) => messages.push(message.toString()));
    socket.bind(0, loopback);
    await once(socket, 'listening');
    await add(socket.address().port, 'udp_unencrypted');
    await expect.poll(() => server.parts.desired.snapshot().auditSettings.value.destinations).toHaveLength(1);
    await expect.poll(() => messages.length).toBeGreaterThan(0);
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
    await expect.poll(() => first.messages.length).toBeGreaterThan(0);
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

  it.each([
    ['was killed before it wrote down where the mirror is', undefined],
    ['finds that damaged', '{"127.0'],
  ])(
    'begins with the destination itself where a server %s',
    async (_, positions) => {
      const receiver = await streamReceiver();
      await receiver.close();
      await add(receiver.port, 'tcp_unencrypted', '?force=true');
      const names = Array.from({ length: 5 }, (_, index) => `before-the-crash-${index}`);
      for (const name of names) await change(name);
      // Killed: it neither sends nor keeps anything any more.
      const { auditMirror, desired } = server.parts;
      if (auditMirror instanceof AuditMirror) await auditMirror.close();
      const directory = await mkdtemp(join(tmpdir(), 'esplanade-mirror-'));
      if (positions !== undefined) await writeFile(join(directory, mirrorPositionsFile), positions);
      const warnings: unknown[] = [];
      const log = {
        error: () => undefined,
        info: () => undefined,
        warn: (told: unknown) => warnings.push(told),
      };
      const again = await streamReceiver(receiver.port);
      const next = await startMirror(desired, directory, log);
      await expect.poll(received(again.messages)).toContain(names.at(-1));
      await next.close();
      await again.close();
      await rm(directory, { recursive: true });
      expect(again.messages[0]).toContain('POST /api/security/audit/destinations');
      for (const name of names) expect(received(again.messages)()).toContain(name);
      expect(warnings).toHaveLength(positions === undefined ? 0 : 1);
    },
    20_000,
  );

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
    await expect.poll(() => receiver.messages.length).toBeGreaterThan(0);
    const series = `esplanade_audit_mirror_lost_total{destination="${loopback}:${receiver.port}"} 0`;
    expect((await server.request('GET', '/metrics')).text).toContain(series);
    expect((await server.request('DELETE', `${destinations}/${loopback}/${receiver.port}`)).status).toBe(200);
    await expect.poll(() => [...receiver.sockets].every((socket) => socket.destroyed)).toBe(true);
    expect((await server.request('GET', '/metrics')).text).not.toContain(series);
    await receiver.close();
  });
});
