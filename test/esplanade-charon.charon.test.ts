import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from './support/command.ts';
import { Daemon } from './support/daemon.ts';
import { eventually } from './support/eventually.ts';
import { Network } from './support/network.ts';
import { swanctl } from './support/stock-peer.ts';

const launcher = fileURLToPath(new URL('../bin/esplanade-charon', import.meta.url));

describe('esplanade-charon', () => {
  let directory: string;
  let network: Network<'ours'>;
  let started: Daemon | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-launcher-'));
    network = await Network.create(['ours']);
  });

  afterEach(async () => {
    await started?.end();
    await network.close();
    await rm(directory, { recursive: true });
  });

  const socket = (name: string): string => join(directory, 'vici', name);
  const start = (...flags: readonly string[]): Daemon => {
    const place = ['--netns', network.hosts.ours.namespace, '--runtime-dir', directory];
    started = new Daemon('esplanade-charon', [launcher, ...place, ...flags]);
    return started;
  };
  /** Uptime of the daemon at a socket, which tells one from its successor. */
  const since = async (name: string): Promise<string | undefined> => {
    const answer = await swanctl(socket(name), '--stats').catch(() => undefined);
    return /since (.*)/.exec(answer ?? '')?.[1];
  };
  const pids = async (): Promise<readonly string[]> => {
    const { stdout } = await runCommand('ip', ['netns', 'pids', network.hosts.ours.namespace]);
    return stdout.split('\n').filter((line) => line !== '');
  };

  it('runs charon and its guard, restarts charon in good order on SIGHUP, and ends both on SIGTERM', async () => {
    const daemon = start();
    const first = await eventually('charon answers', () => since('Default.sock'));
    const guard = await eventually('the guard answers', () => since('Default.guard.sock'));
    const before = await pids();
    expect(before).toHaveLength(2);
    daemon.signal('SIGHUP');
    await eventually('another charon answers', async () => {
      const now = await since('Default.sock');
      return now !== undefined && now !== first;
    });
    expect(await since('Default.guard.sock')).toBe(guard);
    expect((await pids()).filter((pid) => before.includes(pid))).toHaveLength(1);
    await daemon.end('SIGTERM');
    expect(await pids()).toEqual([]);
  });

  it('starts a killed guard again', async () => {
    start();
    const [guard] = await eventually('both run', async () => {
      const running = await pids();
      return running.length === 2 && (await since('Default.sock')) !== undefined && running;
    });
    process.kill(Number(guard), 'SIGKILL');
    await eventually('another guard runs', async () => {
      const running = await pids();
      return running.length === 2 && !running.includes(String(guard));
    });
  });

  it('names sockets after the IPspace and opens them to a group', async () => {
    start('--ipspace', 'storage', '--group', 'nogroup', '--only', 'guard');
    await eventually('the guard answers', () => since('storage.guard.sock'));
    const { mode, gid } = await stat(socket('storage.guard.sock'));
    const { stdout } = await runCommand('getent', ['group', 'nogroup']);
    expect([mode & 0o777, gid]).toEqual([0o770, Number(stdout.split(':')[2])]);
    expect(await pids()).toHaveLength(1);
  });

  it.each([
    [['--ipspace', '../elsewhere'], 'not an IPspace name'],
    [['--only', 'both'], '--only is charon or guard'],
    [['--nonsense'], 'unknown argument'],
    [['--group'], 'needs a value'],
  ])('refuses %j', async (flags, complaint) => {
    const { status, stderr } = await runCommand(launcher, flags, { anyStatus: true });
    expect([status, stderr]).toEqual([64, expect.stringContaining(complaint)]);
  });
});
