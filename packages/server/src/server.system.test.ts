import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launcher, run, type SpawnedServer, spawnedPassword, startServer } from './testing/spawned-server.ts';
import { goodPolicy } from './testing/test-server.ts';
import { makeSelfSigned } from './tls/self-signed.ts';

const policies = '/api/security/ipsec/policies';
let directory: string;
let data: string;
const servers: SpawnedServer[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'esplanade-system-'));
  data = join(directory, 'data');
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.end('SIGKILL');
  rmSync(directory, { recursive: true });
});

async function started(...args: readonly string[]): Promise<SpawnedServer> {
  const server = await startServer(['--data-dir', data, ...args]);
  servers.push(server);
  return server;
}

const simulated = ['--datapath', 'simulated'];

describe('the life of a server', () => {
  it('prints one line on stdout when it answers, tells what carries the policies, and ends with 0 in time', async () => {
    const server = await started(...simulated);
    expect(server.output.stdout).toBe(`esplanade ready ${server.url}\n`);
    expect(server.output.stderr).toContain('THE SIMULATOR carries the policies');
    expect(await server.ask('GET', '/api/cluster')).toMatchObject({ status: 200 });
    const { status, tookMs } = await server.end('SIGTERM');
    expect(status).toBe(0);
    expect(tookMs).toBeLessThan(5_000);
    expect(server.output.stdout).toBe(`esplanade ready ${server.url}\n`);
  });

  it('keeps policies and the uuids of SVMs over a restart, and the seeded SAs', async () => {
    const first = await started(...simulated);
    await first.ask('PATCH', '/api/security/ipsec', { enabled: true });
    expect(await first.ask('POST', policies, goodPolicy)).toMatchObject({ status: 201 });
    const before = await first.ask('GET', `${policies}?fields=*`);
    await first.end('SIGTERM');
    const second = await started(...simulated);
    expect(await second.ask('GET', `${policies}?fields=*`)).toEqual(before);
    const uuid = before.body.records[0].uuid;
    await expect
      .poll(async () => (await second.ask('GET', `/api/esplanade/v1/policies/${uuid}`)).body.state, {
        timeout: 5_000,
      })
      .toBe('applied');
  });

  it('keeps what it acknowledged when it is killed', async () => {
    const first = await started(...simulated);
    expect(await first.ask('POST', policies, goodPolicy)).toMatchObject({ status: 201 });
    await first.end('SIGKILL');
    const second = await started(...simulated);
    expect((await second.ask('GET', policies)).body.num_records).toBe(1);
  });

  it('answers a request that is under way when the end comes', async () => {
    const server = await started(
      '--datapath',
      'strongswan',
      '--vici',
      `Default=${join(directory, 'none.sock')}`,
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
    const server = await started(...simulated);
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
    const link = join(directory, 'link');
    symlinkSync(launcher, link);
    symlinkSync('link', join(directory, 'second'));
    const version = await promisify(execFile)(join(directory, 'second'), ['--version'], { cwd: directory });
    expect(version.stdout).toMatch(/^esplanade \d+\.\d+\.\d+\n$/);
  });
});

describe('the data directory', () => {
  it('is private, and has all it needs in it', async () => {
    await started(...simulated);
    expect(statSync(data).mode & 0o777).toBe(0o700);
    for (const name of ['store.db', 'secrets.key', 'tls.crt', 'tls.key'])
      expect({ name, mode: statSync(join(data, name)).mode & 0o777 }).toEqual({ name, mode: 0o600 });
    expect(existsSync(join(data, 'admin-password'))).toBe(false);
  });

  it('is left as open as it was, with a warning', async () => {
    mkdirSync(data, { mode: 0o755 });
    const { output } = await started(...simulated);
    expect(output.stderr).toContain(`may enter ${data} (mode 755): chmod 700 it`);
    expect(statSync(data).mode & 0o777).toBe(0o755);
  });

  it('cannot be where none can be made', async () => {
    const { status, stderr } = await run(['serve', '--data-dir', '/proc/esplanade/data']);
    expect({ status, lines: stderr.split('\n').length }).toEqual({ status: 1, lines: 2 });
    expect(stderr).toContain('cannot open the data directory /proc/esplanade/data');
  });

  it('is held against a second server, with a sentence', async () => {
    const first = await started(...simulated);
    const second = await run(['serve', '--data-dir', data, '--listen', '127.0.0.1:0']);
    expect(second).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('another server is using'),
    });
    expect(second.stderr.split('\n')).toHaveLength(2);
    expect(await first.ask('GET', '/api/cluster')).toMatchObject({ status: 200 });
  });

  it('that was born on strongSwan never falls back: not ready, writes stored and pending, SAs 503', async () => {
    const socket = join(directory, 'none.sock');
    const first = await started('--datapath', 'strongswan', '--vici', `Default=${socket}`);
    await first.end('SIGTERM');
    const server = await started('--vici', `Default=${socket}`);
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
    const forced = await run(['serve', '--data-dir', data, '--datapath', 'simulated']);
    expect(forced).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('born on the strongswan datapath'),
    });
  });

  it('keeps its node name and its key file', async () => {
    const first = await started(...simulated, '--node-name', 'one');
    await first.end('SIGTERM');
    const other = await run(['serve', '--data-dir', data, '--node-name', 'two']);
    expect(other).toMatchObject({ status: 2, stderr: expect.stringContaining('a node keeps its name') });
    rmSync(join(data, 'secrets.key'));
    const keyless = await run(['serve', '--data-dir', data]);
    expect(keyless).toMatchObject({ status: 1, stderr: expect.stringContaining('secrets.key is missing') });
  });

  it('whose disk has damaged it is refused in one line that says so', async () => {
    const first = await started(...simulated);
    await first.end('SIGTERM');
    const store = readFileSync(join(data, 'store.db'));
    // Past the first page, so that the file is still a database and the damage shows on reading only.
    writeFileSync(join(data, 'store.db'), store.fill(0xff, store.readUInt16BE(16)));
    const damaged = await run(['serve', '--data-dir', data]);
    expect(damaged).toMatchObject({ status: 1, stderr: expect.stringContaining('malformed') });
    expect(damaged.stderr).toMatch(/^esplanade: [^\n]+\n$/);
  });
});

describe('passwords', () => {
  it('are made up when none is given, told once and kept in a private file', async () => {
    const occupant = createServer().listen(0, '127.0.0.1');
    await once(occupant, 'listening');
    const taken = occupant.address();
    const listen = `127.0.0.1:${typeof taken === 'object' ? taken?.port : 0}`;
    const child = await run(['serve', '--data-dir', data, '--listen', listen, ...simulated]);
    occupant.close();
    expect(child).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        `esplanade: cannot listen on ${listen}: address already in use. Name another address with --listen.\n$`,
      ),
    });
    const password = readFileSync(join(data, 'admin-password'), 'utf8').trim();
    expect(child.stderr).not.toContain(password);
    expect(statSync(join(data, 'admin-password')).mode & 0o777).toBe(0o600);
    const server = await started(...simulated);
    expect(server.output.stderr).not.toContain(password);
    expect(server.output.stderr).toContain(
      `the account admin has the password in ${join(data, 'admin-password')}`,
    );
    expect(await server.ask('GET', '/api/cluster', undefined, password)).toMatchObject({ status: 200 });
    expect(await server.ask('GET', '/api/cluster')).toMatchObject({ status: 401 });
  });

  it('are told when the server is there, and refused where the API would refuse them', async () => {
    const short = { ESPLANADE_ADMIN_PASSWORD: 'short', ESPLANADE_DATA_DIR: data };
    expect(await run(['serve', ...simulated], short)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        'ESPLANADE_ADMIN_PASSWORD: A password has 8 characters or more. Choose a longer one.',
      ),
    });
    // So that the next start is the first one, and tells why it chose its datapath.
    expect(existsSync(data)).toBe(false);
    const server = await startServer(['--data-dir', data, ...simulated], '');
    servers.push(server);
    const password = readFileSync(join(data, 'admin-password'), 'utf8').trim();
    expect(server.output.stderr).toContain(`${password} (told this once`);
    await server.end('SIGTERM');
    expect(await run(['admin', 'reset-password'], short)).toMatchObject({ status: 2 });
    expect(readFileSync(join(data, 'admin-password'), 'utf8').trim()).toBe(password);
    const again = await startServer(['--data-dir', data, ...simulated], 'short');
    servers.push(again);
    expect(await again.ask('GET', '/api/cluster', undefined, password)).toMatchObject({ status: 200 });
  });

  it('are reset offline only', async () => {
    const first = await started(...simulated);
    const held = await run(['admin', 'reset-password', '--data-dir', data]);
    expect(held).toMatchObject({ status: 1, stderr: expect.stringContaining('another server is using') });
    await first.end('SIGTERM');
    const made = await run(['admin', 'reset-password', '--data-dir', data]);
    expect(made.status).toBe(0);
    const password = readFileSync(join(data, 'admin-password'), 'utf8').trim();
    expect(made.stdout).toContain(password);
    const second = await started(...simulated);
    expect(await second.ask('GET', '/api/cluster', undefined, password)).toMatchObject({ status: 200 });
    expect(await second.ask('GET', '/api/cluster')).toMatchObject({ status: 401 });
    await second.end('SIGTERM');
    const environment = { ESPLANADE_ADMIN_PASSWORD: spawnedPassword, ESPLANADE_DATA_DIR: data };
    expect(await run(['admin', 'reset-password'], environment)).toMatchObject({ status: 0 });
    const third = await started(...simulated);
    expect(await third.ask('GET', '/api/cluster')).toMatchObject({ status: 200 });
    await expect.poll(() => existsSync(join(data, 'admin-password'))).toBe(false);
  });

  it('are not reset where there is no data', async () => {
    const { status, stderr } = await run(['admin', 'reset-password', '--data-dir', data]);
    expect({ status, stderr }).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no Esplanade data'),
    });
    expect(existsSync(data)).toBe(false);
  });
});

describe('settings and signals', () => {
  it('are checked without touching anything', async () => {
    const good = await run(['serve', '--check-config', '--data-dir', data]);
    expect(good).toMatchObject({ status: 0, stdout: 'The settings are good.\n', stderr: '' });
    const seed = join(directory, 'seed.json');
    writeFileSync(seed, '{"security_associations": [{"nonsense": 1}]}');
    const bad = await run(['serve', '--check-config', '--data-dir', data, '--simulator-seed', seed]);
    expect(bad).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('nonsense') });
    expect(existsSync(data)).toBe(false);
  });

  it.each([[['serve']], [['admin', 'reset-password']], [['datapath', 'purge']]])(
    'have help: %j',
    async (command) => {
      const { status, stdout } = await run([...command, '--help']);
      expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining('-data-dir') });
      expect(stdout).not.toContain('etcd');
    },
  );

  it.each([[[]], [['sreve']], [['serve', '--nonsense']], [['admin']]])(
    'misused as %j exit with 2',
    async (args) => {
      const { status, stdout, stderr } = await run(args);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(/^esplanade\b/);
    },
  );

  it('take up a new certificate and log level on SIGHUP, and keep the old ones when they are bad', async () => {
    const files = {
      cert: join(directory, 'c.pem'),
      key: join(directory, 'k.pem'),
      config: join(directory, 'c.json'),
    };
    const write = async (): Promise<string> => {
      const pair = await makeSelfSigned(['localhost']);
      writeFileSync(files.cert, pair.certificate);
      writeFileSync(files.key, pair.key);
      return pair.certificate;
    };
    await write();
    writeFileSync(files.config, '{"log-level": "info"}');
    const args = ['--tls-cert', files.cert, '--tls-key', files.key, '--config', files.config];
    const server = await started(...simulated, ...args);
    const second = await write();
    writeFileSync(files.config, '{"log-level": "debug"}');
    server.child.kill('SIGHUP');
    await expect
      .poll(() => server.output.stderr, { timeout: 5_000 })
      .toContain('log level (debug) are reloaded');
    expect(await served(server)).toBe(second);
    expect(await server.ask('GET', '/api/cluster')).toMatchObject({ status: 200 });
    await expect.poll(() => server.output.stderr, { timeout: 5_000 }).toContain('answered');
    writeFileSync(files.cert, 'nonsense');
    server.child.kill('SIGHUP');
    await expect.poll(() => server.output.stderr, { timeout: 5_000 }).toContain('the old settings stay');
    expect(await served(server)).toBe(second);
  });

  it('open the metrics where they are asked to, in clear and nothing else', async () => {
    const server = await started(...simulated, '--metrics-listen', '127.0.0.1:0');
    const [, url] = /in clear at (http:\S+)/.exec(server.output.stderr) ?? [];
    const answer = await fetch(String(url));
    expect(await answer.text()).toContain('esplanade_ready 1');
    expect((await fetch(String(url).replace('/metrics', '/api/cluster'))).status).toBe(404);
  });

  it('purge nothing where the simulator carried the policies, and say where charon is not there', async () => {
    const server = await started(...simulated);
    await server.end('SIGTERM');
    expect(await run(['datapath', 'purge', '--data-dir', data])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('The simulator carried'),
    });
    const socket = join(directory, 'none.sock');
    const none = await run([
      'datapath',
      'purge',
      '--data-dir',
      join(directory, 'no'),
      '--vici',
      `Default=${socket}`,
    ]);
    expect(none).toMatchObject({ status: 1, stderr: expect.stringContaining('Default: NOT purged') });
  });
});

describe('what is not HTTP', () => {
  it('is answered in the error envelope where it can be, and harms nobody', async () => {
    const server = await started(...simulated);
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
    const socket = join(directory, 'mute.sock');
    const mute = createServer();
    mute.listen(socket);
    await once(mute, 'listening');
    try {
      const server = await started('--vici', `Default=${socket}`);
      expect(server.output.stderr).toContain('THE SIMULATOR');
    } finally {
      mute.close();
    }
  });
});

/** The certificate a new connection is shown. */
async function served(server: SpawnedServer): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const socket = connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const shown = socket.getPeerX509Certificate()?.toString() ?? '';
  socket.destroy();
  return shown;
}
