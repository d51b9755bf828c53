import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServerHome, simulated } from './testing/server-home.ts';
import { launcher } from './testing/spawned-server.ts';
import { goodPolicy } from './testing/test-server.ts';

const policies = '/api/security/ipsec/policies';
let home: ServerHome;
beforeEach(() => {
  home = new ServerHome();
});
afterEach(() => home.leave());

describe('the life of a server', () => {
  it('prints one line on stdout when it answers, tells what carries the policies, and ends with 0 in time', async () => {
    const server = await home.started(...simulated);
    expect(server.output.stdout).toBe(`esplanade ready ${server.url}\n`);
    expect(server.output.stderr).toContain('THE SIMULATOR carries the policies');
    expect(await server.ask('GET', '/api/cluster')).toMatchObject({ status: 200 });
    const { status, tookMs } = await server.end('SIGTERM');
    expect(status).toBe(0);
    expect(tookMs).toBeLessThan(5_000);
    expect(server.output.stdout).toBe(`esplanade ready ${server.url}\n`);
  });

  it('keeps policies and the uuids of SVMs over a restart, and the seeded SAs', async () => {
    const first = await home.started(...simulated);
    await first.ask('PATCH', '/api/security/ipsec', { enabled: true });
    expect(await first.ask('POST', policies, goodPolicy)).toMatchObject({ status: 201 });
    const before = await first.ask('GET', `${policies}?fields=*`);
    await first.end('SIGTERM');
    const second = await home.started(...simulated);
    expect(await second.ask('GET', `${policies}?fields=*`)).toEqual(before);
    const uuid = before.body.records[0].uuid;
    await expect
      .poll(async () => (await second.ask('GET', `/api/esplanade/v1/policies/${uuid}`)).body.state, {
        timeout: 5_000,
      })
      .toBe('applied');
  });

  it('keeps what it acknowledged when it is killed', async () => {
    const first = await home.started(...simulated);
    expect(await first.ask('POST', policies, goodPolicy)).toMatchObject({ status: 201 });
    await first.end('SIGKILL');
    const second = await home.started(...simulated);
    expect((await second.ask('GET', policies)).body.num_records).toBe(1);
  });

  it('answers a request that is under way when the end comes', async () => {
    const server = await home.started(
      '--datapath',
      'strongswan',
      '--vici',
      `Default=${join(home.directory, 'none.sock')}`,
    );
    await server.ask('PATCH', '/api/security/ipsec', { enabled: true });
    const answer = server.ask('POST', policies, goodPolicy);
    await expect
      .poll(async () => (await server.ask('GET', policies)).body.num_records, { timeout: 5_000 })
      .toBe(1);
    const end = server.end('SIGTERM');
    expect(await answer).toMatchObject({ status: 201 });
    expect(await end).toMatchObject({ status: 0 });
  });

  it('ends in time though a client holds its connection and says nothing', async () => {
    const server = await home.started(...simulated);
    const { hostname, port } = new URL(server.url);
    const socket = connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    socket.write('POST /api/security/ipsec/policies HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n');
    socket.on('error', () => socket.destroy());
    const { status, tookMs } = await server.end('SIGTERM');
    expect(status).toBe(0);
    expect(tookMs).toBeLessThan(5_000);
  });

  it('runs from any directory and through symbolic links', async () => {
    const link = join(home.directory, 'link');
    symlinkSync(launcher, link);
    symlinkSync('link', join(home.directory, 'second'));
    const version = await promisify(execFile)(join(home.directory, 'second'), ['--version'], {
      cwd: home.directory,
    });
    expect(version.stdout).toMatch(/^esplanade \d+\.\d+\.\d+\n$/);
  });
});

describe('what is not HTTP', () => {
  it('is answered in the error envelope where it can be, and harms nobody', async () => {
    const server = await home.started(...simulated);
    const { hostname, port } = new URL(server.url);
    const socket = connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    socket.end('NONSENSE\r\n\r\n');
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain('"The request is not valid HTTP."');
    const expecting = connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false });
    expecting.end('GET /api HTTP/1.1\r\nHost: x\r\nExpect: a miracle\r\nConnection: close\r\n\r\n');
    let refusal = '';
    for await (const chunk of expecting) refusal += chunk;
    expect(refusal).toMatch(/^HTTP\/1\.1 417 /);
    expect(refusal).toMatch(/"code": "\d+"/);
    const plain = createConnection(Number(port), hostname);
    plain.end('GET / HTTP/1.1\r\n\r\n');
    await once(plain.resume(), 'close');
    expect(await server.ask('GET', '/healthz')).toMatchObject({ status: 200 });
  });

  it('does not stand for a charon: a socket that accepts and says nothing is no strongSwan', async () => {
    const socket = join(home.directory, 'mute.sock');
    const mute = createServer();
    mute.listen(socket);
    await once(mute, 'listening');
    try {
      const server = await home.started('--vici', `Default=${socket}`);
      expect(server.output.stderr).toContain('THE SIMULATOR');
    } finally {
      mute.close();
    }
  });
});
