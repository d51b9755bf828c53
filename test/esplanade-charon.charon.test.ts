import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ViciClient } from '@esplanade/vici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from './support/command.ts';
import { Daemon } from './support/daemon.ts';
import { eventually } from './support/eventually.ts';
import { Network } from './support/network.ts';
import { swanctl } from './support/stock-peer.ts';
import { kernelPolicies } from './support/xfrm.ts';

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
  const answers = async (name: string): Promise<boolean> =>
    await swanctl(socket(name), '--stats').then(
      () => true,
      () => false,
    );
  const pids = async (): Promise<readonly string[]> => {
    const { stdout } = await runCommand('ip', ['netns', 'pids', network.hosts.ours.namespace]);
    return stdout.split('\n').filter((line) => line !== '');
  };

  const bothRun = async (): Promise<readonly string[] | undefined> => {
    if (!(await answers('Default.guard.sock')) || !(await answers('Default.sock'))) return undefined;
    // Only now: what the launcher runs before charon comes and goes in the same namespace.
    const running = await pids();
    return running.length === 2 ? running : undefined;
  };

  it('runs charon and its guard, restarts charon in good order on SIGHUP, and ends both on SIGTERM', async () => {
    const daemon = start();
    const before = await eventually('both answer', bothRun);
    daemon.signal('SIGHUP');
    const after = await eventually('another charon answers', async () => {
      const running = await bothRun();
      return running !== undefined && running.join() !== before.join() && running;
    });
    // The guard was started first, so that its pid comes first.
    expect(after[0]).toBe(before[0]);
    expect(await daemon.end('SIGTERM')).toBe(true);
    expect(await pids()).toEqual([]);
  });

  it('starts a killed guard again', async () => {
    start();
    const [guard] = await eventually('both answer', bothRun);
    process.kill(Number(guard), 'SIGKILL');
    await eventually('another guard runs', async () => {
      const running = await bothRun();
      return running !== undefined && !running.includes(String(guard));
    });
  });

  it.each(['SIGKILL', 'SIGTERM'])('starts both again when %s ends them at the same time', async (signal) => {
    start();
    const before = await eventually('both answer', bothRun);
    for (const pid of before) process.kill(Number(pid), signal);
    await eventually('two others answer', async () => {
      const running = await bothRun();
      return running?.every((pid) => !before.includes(pid));
    });
  });

  it('ends, and starts nothing again, when SIGTERM reaches the daemons just before itself', async () => {
    const daemon = start();
    for (const pid of await eventually('both answer', bothRun)) process.kill(Number(pid), 'SIGTERM');
    expect(await daemon.end('SIGTERM')).toBe(true);
    expect(await pids()).toEqual([]);
    expect(daemon.log.filter((line) => line.includes('starting it again'))).toEqual([]);
  });

  it('removes what a killed charon left in the kernel, also where ip does not read the selector it prints', async () => {
    start();
    const [, charon] = await eventually('both answer', bothRun);
    const shunt = (protocol: number, priority: string) => {
      const everywhere = `0.0.0.0/0[${protocol}/445]`;
      const ends = { local_ts: ['0.0.0.0/0'], remote_ts: [everywhere] };
      return { ...ends, mode: 'drop', start_action: 'trap', priority };
    };
    const children = { udplite: shunt(136, '100001'), tcp: shunt(6, '100002') };
    const client = new ViciClient({ path: socket('Default.sock') });
    await client.request('load-conn', { shunts: { remote_addrs: ['127.0.0.1'], children } });
    client.close();
    const priorities = async (): Promise<readonly number[]> =>
      (await kernelPolicies(network.hosts.ours)).map(({ priority }) => priority);
    expect(await priorities()).toEqual(expect.arrayContaining([100_001, 100_002]));
    process.kill(Number(charon), 'SIGKILL');
    await eventually('another charon runs', async () => {
      const running = await bothRun();
      return running !== undefined && !running.includes(String(charon));
    });
    expect(await priorities()).toEqual([]);
  });

  it('runs a kernel reader with one capability and starts it again, and ends it with the others', async () => {
    const daemon = start('--kernel-reader');
    const reader = async (): Promise<string | undefined> => {
      for (const pid of await pids()) {
        const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        const isReader = command.includes('kernel/main.ts') && existsSync(socket('Default.kernel.sock'));
        if (isReader) return pid;
      }
      return undefined;
    };
    const before = await eventually('the kernel reader runs', reader);
    const status = await readFile(`/proc/${before}/status`, 'utf8');
    const capabilities = [...status.matchAll(/^Cap(Prm|Eff|Bnd):\t(\S+)$/gm)].map(([, , bits]) => bits);
    const networkAdministration = '0000000000001000';
    expect(capabilities).toEqual([networkAdministration, networkAdministration, networkAdministration]);
    expect((await stat(socket('Default.kernel.sock'))).mode & 0o777).toBe(0o770);
    process.kill(Number(before), 'SIGKILL');
    await eventually('another one runs', async () => {
      const now = await reader();
      return now !== undefined && now !== before;
    });
    expect(await daemon.end('SIGTERM')).toBe(true);
    expect(await pids()).toEqual([]);
  });

  it('gives the guard the blocks of a file before charon starts, and nothing else that the file says', async () => {
    const child = '00000000-0000-4000-8000-000000000001-0123456789ab';
    const block = `esplanade-block-${child} ${child} 10.9.0.1/32[6],10.9.0.1/32[17] 10.9.0.0/24[6/80],10.9.0.0/24[17/80]`;
    const strange = [
      `esplanade-${child} ${child} 10.9.0.1/32 10.9.0.2/32`,
      `${block} mode = pass`,
      'include /etc/passwd',
      `esplanade-block-${child} ${child}\t10.9.0.1/32 10.9.0.3/32}`,
    ];
    const file = join(directory, 'blocks');
    await writeFile(file, [...strange, block, ''].join('\n'));
    const guardAlone = (): Daemon => start('--only', 'guard', '--blocks', file);
    guardAlone();
    const outbound = async (): Promise<readonly string[]> => {
      const policies = await kernelPolicies(network.hosts.ours);
      return policies
        .filter(({ direction }) => direction === 'out')
        .map(({ source, destination, selector, action, priority, mark }) =>
          [source, destination, selector, action, priority, mark].join(' '),
        )
        .sort();
    };
    const form = 'block 3000000000 0/0x80000000';
    const expected = ['tcp', 'udp'].map(
      (protocol) => `10.9.0.1/32 10.9.0.0/24 proto ${protocol} dport 80 ${form}`,
    );
    await eventually('the guard is ready', () => existsSync(join(directory, 'charon/Default.guard.ready')));
    expect(await outbound()).toEqual(expected);
    expect(await swanctl(socket('Default.guard.sock'), '--list-conns')).toContain(
      `esplanade-block-${child}:`,
    );
    await started?.end('SIGTERM');
    expect(await outbound()).toEqual([]);
  });

  it('starts a guard without blocks when their file is not there yet', async () => {
    start('--blocks', join(directory, 'none'));
    await eventually('both answer', bothRun);
  });

  it('names sockets after the IPspace and opens them to a group', async () => {
    start('--ipspace', 'storage', '--group', 'nogroup', '--only', 'guard');
    await eventually('the guard answers', () => answers('storage.guard.sock'));
    const { mode, gid } = await stat(socket('storage.guard.sock'));
    const { stdout } = await runCommand('getent', ['group', 'nogroup']);
    // 5.9.8 and 6.0.1 also set the bits for execution, which mean nothing for a socket.
    expect([mode & 0o666, gid]).toEqual([0o660, Number(stdout.split(':')[2])]);
    expect(await pids()).toHaveLength(1);
  });

  it('says how to make the network namespace of an IPspace that has none', async () => {
    const flags = ['--ipspace', `none-${process.pid}`, '--only', 'guard', '--runtime-dir', directory];
    const { status, stderr } = await runCommand(launcher, flags, { anyStatus: true });
    expect([status, stderr]).toEqual([
      64,
      expect.stringContaining(`"ip netns add none-${process.pid}" makes one`),
    ]);
  });

  it.each([
    [['--ipspace', '../elsewhere'], 'not an IPspace name'],
    [['--ipspace', 'red.guard'], 'not an IPspace name'],
    [['--only', 'both'], '--only is charon, guard or kernel-reader'],
    [['--nonsense'], 'unknown argument'],
    [['--group'], 'needs a value'],
  ])('refuses %j', async (flags, complaint) => {
    const { status, stderr } = await runCommand(launcher, flags, { anyStatus: true });
    expect([status, stderr]).toEqual([64, expect.stringContaining(complaint)]);
  });
});
