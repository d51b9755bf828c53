import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServerHome, simulated } from './testing/server-home.ts';
import { run } from './testing/spawned-server.ts';
import { goodPolicy } from './testing/test-server.ts';

const policies = '/api/security/ipsec/policies';
let home: ServerHome;
beforeEach(() => {
  home = new ServerHome();
});
afterEach(() => home.leave());

describe('the data directory', () => {
  it('is private, and has all it needs in it', async () => {
    await home.started(...simulated);
    expect(statSync(home.data).mode & 0o777).toBe(0o700);
    for (const name of ['store.db', 'secrets.key', 'tls.crt', 'tls.key'])
      expect({ name, mode: statSync(join(home.data, name)).mode & 0o777 }).toEqual({ name, mode: 0o600 });
    expect(existsSync(join(home.data, 'admin-password'))).toBe(false);
  });

  it('is left as open as it was, with a warning', async () => {
    mkdirSync(home.data, { mode: 0o755 });
    const { output } = await home.started(...simulated);
    expect(output.stderr).toContain(`may enter ${home.data} (mode 755): chmod 700 it`);
    expect(statSync(home.data).mode & 0o777).toBe(0o755);
  });

  it('cannot be where none can be made', async () => {
    const { status, stderr } = await run(['serve', '--data-dir', '/proc/esplanade/data']);
    expect({ status, lines: stderr.split('\n').length }).toEqual({ status: 1, lines: 2 });
    expect(stderr).toContain('cannot open the data directory /proc/esplanade/data');
  });

  it('is held against a second server, with a sentence', async () => {
    const first = await home.started(...simulated);
    const second = await run(['serve', '--data-dir', home.data, '--listen', '127.0.0.1:0']);
    expect(second).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('another server is using'),
    });
    expect(second.stderr.split('\n')).toHaveLength(2);
    expect(await first.ask('GET', '/api/cluster')).toMatchObject({ status: 200 });
  });

  it('that was born on strongSwan never falls back: not ready, writes stored and pending, SAs 503', async () => {
    const socket = join(home.directory, 'none.sock');
    const first = await home.started('--datapath', 'strongswan', '--vici', `Default=${socket}`);
    await first.end('SIGTERM');
    const server = await home.started('--vici', `Default=${socket}`);
    expect(server.output.stderr).toContain('strongSwan carries the policies');
    expect(await server.ask('GET', '/readyz')).toMatchObject({
      status: 503,
      body: {
        ready: false,
        datapath: {
          kind: 'strongswan',
          ipspaces: [{ ready: false, reason: expect.stringContaining(socket) }],
        },
      },
    });
    await server.ask('PATCH', '/api/security/ipsec', { enabled: true });
    const created = await server.ask('POST', `${policies}?return_records=true`, goodPolicy);
    expect(created.status).toBe(201);
    const state = await server.ask('GET', `/api/esplanade/v1/policies/${created.body.records[0].uuid}`);
    expect(state.body).toMatchObject({ state: 'pending', reason: expect.stringContaining(socket) });
    expect(await server.ask('GET', '/api/security/ipsec/security-associations')).toMatchObject({
      status: 503,
    });
    await server.end('SIGTERM');
    const forced = await run(['serve', '--data-dir', home.data, '--datapath', 'simulated']);
    expect(forced).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('born on the strongswan datapath'),
    });
  });

  it('keeps its node name and its key file', async () => {
    const first = await home.started(...simulated, '--node-name', 'one');
    await first.end('SIGTERM');
    const other = await run(['serve', '--data-dir', home.data, '--node-name', 'two']);
    expect(other).toMatchObject({ status: 2, stderr: expect.stringContaining('a node keeps its name') });
    rmSync(join(home.data, 'secrets.key'));
    const keyless = await run(['serve', '--data-dir', home.data]);
    expect(keyless).toMatchObject({ status: 1, stderr: expect.stringContaining('secrets.key is missing') });
  });

  it('whose disk has damaged it is refused in one line that says so', async () => {
    const first = await home.started(...simulated);
    await first.end('SIGTERM');
    const store = readFileSync(join(home.data, 'store.db'));
    // Past the first page, so that the file is still a database and the damage shows on reading only.
    writeFileSync(join(home.data, 'store.db'), store.fill(0xff, store.readUInt16BE(16)));
    const damaged = await run(['serve', '--data-dir', home.data]);
    expect(damaged).toMatchObject({ status: 1, stderr: expect.stringContaining('malformed') });
    expect(damaged.stderr).toMatch(/^esplanade: [^\n]+\n$/);
  });
});
