import { once } from 'node:events';
import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServerHome, simulated } from './testing/server-home.ts';
import { run, type SpawnedServer } from './testing/spawned-server.ts';
import { makeSelfSigned } from './tls/self-signed.ts';

let home: ServerHome;
beforeEach(() => {
  home = new ServerHome();
});
afterEach(() => home.leave());

describe('settings and signals', () => {
  it('are checked without touching anything', async () => {
    const good = await run(['serve', '--check-config', '--data-dir', home.data]);
    expect(good).toMatchObject({ status: 0, stdout: 'The settings are good.\n', stderr: '' });
    const seed = join(home.directory, 'seed.json');
    writeFileSync(seed, '{"security_associations": [{"nonsense": 1}]}');
    const bad = await run(['serve', '--check-config', '--data-dir', home.data, '--simulator-seed', seed]);
    expect(bad).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('nonsense') });
    expect(existsSync(home.data)).toBe(false);
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
      cert: join(home.directory, 'c.pem'),
      key: join(home.directory, 'k.pem'),
      config: join(home.directory, 'c.json'),
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
    const server = await home.started(...simulated, ...args);
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
    const server = await home.started(...simulated, '--metrics-listen', '127.0.0.1:0');
    const [, url] = /in clear at (http:\S+)/.exec(server.output.stderr) ?? [];
    const answer = await fetch(String(url));
    expect(await answer.text()).toContain('esplanade_ready 1');
    expect((await fetch(String(url).replace('/metrics', '/api/cluster'))).status).toBe(404);
  });

  it('purge nothing where the simulator carried the policies', async () => {
    const server = await home.started(...simulated);
    await server.end('SIGTERM');
    expect(await run(['datapath', 'purge', '--data-dir', home.data])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('The simulator carried'),
    });
  });

  it('purge no charon where there is no data directory, unless that is said', async () => {
    const elsewhere = ['datapath', 'purge', '--data-dir', join(home.directory, 'no')];
    const path = join(home.directory, 'charon.sock');
    let connections = 0;
    const charon = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => charon.listen(path, resolve));
    const refused = await run([...elsewhere, '--vici', `Default=${path}`]);
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('--without-data') });
    expect(connections).toBe(0);
    charon.close();
    const none = await run([...elsewhere, '--vici', `Default=${path}`, '--without-data']);
    expect(none).toMatchObject({ status: 1, stderr: expect.stringContaining('Default: NOT purged') });
    const server = await home.started(...simulated);
    await server.end('SIGTERM');
    const needless = await run(['datapath', 'purge', '--data-dir', home.data, '--without-data']);
    expect(needless).toMatchObject({ status: 2, stderr: expect.stringContaining('Leave the option out') });
  });

  it.each([[[]], [['--without-data']]])(
    'purge no charon where nobody can tell whether there is data: %j',
    async (options) => {
      // For root there is no directory that it may not look into.
      symlinkSync('loop', join(home.directory, 'loop'));
      const loop = ['--data-dir', join(home.directory, 'loop')];
      const { status, stdout, stderr } = await run(['datapath', 'purge', ...loop, ...options]);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(/--data-dir: .*loop cannot be looked into: too many symbolic links/);
      const reset = await run(['admin', 'reset-password', ...loop]);
      expect(reset).toMatchObject({ status: 2, stderr: expect.stringContaining('cannot be looked into') });
    },
  );
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
