import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ViciClient } from './client.ts';
import { ViciCommandError, ViciUnknownCommandError } from './errors.ts';
import type { Message, MessageInput } from './message.ts';

/** A stock charon-systemd in a network namespace of its own, with a private socket. */
class Charon {
  readonly path: string;
  readonly #namespace = `vici${process.pid}`;
  readonly #directory = mkdtempSync(join(tmpdir(), 'vici-charon-'));
  #process: ChildProcess | undefined;

  constructor() {
    this.path = join(this.#directory, 'charon.vici');
    const settings = `
      load = random nonce aes sha1 sha2 hmac kdf gcm openssl x509 pubkey pkcs1 pkcs8 pem kernel-netlink socket-default vici
      filelog { log { path = ${this.#directory}/log
        default = 1
        flush_line = yes
      } }
      syslog { daemon { default = -1
        }
        auth { default = -1
        } }
      journal { default = -1
      }
      plugins { vici { socket = unix://${this.path}
      } }`;
    writeFileSync(
      join(this.#directory, 'strongswan.conf'),
      `charon-systemd {\n${settings}\n}\ncharon {\n${settings}\n}\n`,
    );
    execFileSync('ip', ['netns', 'add', this.#namespace]);
    execFileSync('ip', ['-n', this.#namespace, 'link', 'set', 'lo', 'up']);
  }

  /** Starts the daemon and waits until it answers. */
  async start(): Promise<void> {
    const child = spawn('ip', ['netns', 'exec', this.#namespace, 'charon-systemd'], {
      env: { ...process.env, STRONGSWAN_CONF: join(this.#directory, 'strongswan.conf') },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    const probe = new ViciClient({ path: this.path });
    const gaveUp = new AbortController();
    const onExit = (code: number | null): void =>
      gaveUp.abort(new Error(`charon-systemd ended with ${code}; is it installed? ${complaint}`));
    child.once('exit', onExit);
    try {
      await probe.ready(AbortSignal.any([gaveUp.signal, AbortSignal.timeout(10_000)]));
    } finally {
      child.off('exit', onExit);
      probe.close();
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Resolves when every thread stands still: SIGSTOP reaches them one by one. */
  async hang(): Promise<void> {
    this.signal('SIGSTOP');
    const tasks = `/proc/${this.#process?.pid}/task`;
    await vi.waitUntil(
      () => readdirSync(tasks).every((id) => / T /.test(readFileSync(`${tasks}/${id}/stat`, 'utf8'))),
      { timeout: 10_000, interval: 20 },
    );
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async remove(): Promise<void> {
    await this.kill();
    execFileSync('ip', ['netns', 'del', this.#namespace]);
    rmSync(this.#directory, { recursive: true });
  }
}

let charon: Charon;
let client: ViciClient;

beforeAll(async () => {
  charon = new Charon();
  await charon.start();
});

afterAll(async () => {
  await charon?.remove();
});

beforeEach(() => {
  client = new ViciClient({ path: charon.path });
});

afterEach(() => {
  client.close();
});

const connection = (name: string): MessageInput => ({
  [name]: {
    version: '2',
    local_addrs: ['127.0.0.1'],
    remote_addrs: ['127.0.0.2'],
    proposals: ['aes256gcm16-prfsha384-ecp384'],
    local: { auth: 'psk', id: 'left' },
    remote: { auth: 'psk', id: 'right' },
    children: { [`${name}-child`]: { mode: 'transport', esp_proposals: ['aes256gcm16'] } },
  },
});

const namesOf = (rows: readonly Message[]): readonly (string | undefined)[] =>
  rows.map((row) => row.entries[0]?.[0]);

describe('against charon', () => {
  it('learns the version', async () => {
    const version = await client.request('version');
    expect(version.text('daemon')).toBe('charon-systemd');
    expect(version.text('version')).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('loads a connection, lists it as it was written, and unloads it', async () => {
    await client.request('load-conn', connection('gw'));
    const [row] = await client.list('list-conns', 'list-conn', { ike: 'gw' });
    const listed = row?.section('gw');
    expect(listed?.texts('remote_addrs')).toEqual(['127.0.0.2']);
    expect(listed?.section('local-1')?.text('id')).toBe('left');
    expect(listed?.section('children')?.section('gw-child')?.text('mode')).toBe('TRANSPORT');

    await client.request('unload-conn', { name: 'gw' });
    expect(await client.list('list-conns', 'list-conn')).toEqual([]);
  });

  it('loads a secret of every byte from 0 to 255, which charon holds under its id', async () => {
    const data = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    await client.request('load-shared', { id: 'every-byte', type: 'IKE', data, owners: ['left', 'right'] });
    expect((await client.request('get-shared')).texts('keys')).toEqual(['every-byte']);
    await client.request('unload-shared', { id: 'every-byte' });
    expect((await client.request('get-shared')).texts('keys')).toEqual([]);
  });

  it("gives the daemon's own words when it refuses", async () => {
    const refusals: readonly [string, MessageInput, RegExp][] = [
      ['unload-conn', { name: 'nobody' }, /nobody/],
      ['load-shared', { id: 'empty', type: 'IKE', data: '' }, /shared key data missing/],
      ['load-conn', { gw: { proposals: ['nonsense'] } }, /invalid value for: proposals/],
    ];
    for (const [command, message, words] of refusals) {
      const error = await client.request(command, message).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ViciCommandError);
      expect(error instanceof ViciCommandError && error.errmsg).toMatch(words);
    }
    await expect(client.request('no-such-command')).rejects.toBeInstanceOf(ViciUnknownCommandError);
    expect(client.counters).toMatchObject({ connectionsOpened: 1, commandsRefused: 4 });
  });

  it('learns which events this release has, and gets them', async () => {
    const version = (await client.request('version')).text('version') ?? '';
    const events = await client.events(['ike-updown', 'log', 'alert', 'no-such-event']);
    // 6.1 is the first release with `alert`.
    const [major = 0, minor = 0] = version.split('.').map(Number);
    const hasAlert = major > 6 || (major === 6 && minor >= 1);
    expect(events.registered).toEqual(['ike-updown', 'log', ...(hasAlert ? ['alert'] : [])]);
    expect(events.refused).toEqual([...(hasAlert ? [] : ['alert']), 'no-such-event']);

    await client.request('load-conn', connection('logged'));
    for await (const event of events) {
      if (event.kind === 'event' && event.name === 'log' && event.message.text('msg')?.includes('logged'))
        break;
    }
    await client.request('unload-conn', { name: 'logged' });
  });

  it('runs two streams called at once one after the other and mixes no rows', async () => {
    for (const name of ['one', 'two', 'three']) await client.request('load-conn', connection(name));
    const results = await Promise.all([
      client.list('list-conns', 'list-conn'),
      client.list('list-conns', 'list-conn', { ike: 'two' }),
      client.list('list-sas', 'list-sa'),
      client.list('list-conns', 'list-conn'),
    ]);
    expect(results.map(namesOf)).toEqual([['one', 'two', 'three'], ['two'], [], ['one', 'two', 'three']]);

    for await (const row of client.stream('list-conns', 'list-conn')) {
      expect(namesOf([row])).toEqual(['one']);
      break;
    }
    expect((await client.request('get-conns')).texts('conns')).toEqual(['one', 'two', 'three']);
    expect(client.counters.connectionsOpened).toBe(1);
    for (const name of ['one', 'two', 'three']) await client.request('unload-conn', { name });
  });

  it('connects a crowd of clients, though the listen backlog is short', async () => {
    const crowd = Array.from({ length: 24 }, () => new ViciClient({ path: charon.path }));
    const versions = await Promise.all(crowd.map((member) => member.request('version')));
    for (const member of crowd) member.close();
    expect(versions.map((version) => version.text('daemon'))).toEqual(crowd.map(() => 'charon-systemd'));
  });

  it('rejects a stream whose daemon is killed in the middle, ends its events, and reconnects to the next', async () => {
    // More rows than the sockets hold, so that the daemon is certainly not done when it dies.
    const names = Array.from({ length: 3000 }, (_, number) => `conn-${number}`);
    for (const name of names) await client.request('load-conn', connection(name));
    const events = await client.events(['ike-updown']);
    const nextEvent = events[Symbol.asyncIterator]().next();

    const rows = client.stream('list-conns', 'list-conn');
    expect(namesOf([(await rows.next()).value].flatMap((row) => row ?? []))).toEqual(['conn-0']);
    const noAnswer = { name: 'ViciConnectionError', reason: 'disconnected' };
    const ended = expect(nextEvent).rejects.toMatchObject(noAnswer);
    await charon.kill();
    await ended;
    const rest = (async () => {
      let count = 1;
      for await (const row of rows) count += namesOf([row]).length;
      return count;
    })();
    await expect(rest).rejects.toMatchObject(noAnswer);
    await expect(client.request('version')).rejects.toMatchObject({ reason: 'unreachable' });

    await charon.start();
    expect(await client.list('list-conns', 'list-conn')).toEqual([]);
  });

  it('gives up a daemon that hangs at the deadline and works again when it goes on', async () => {
    await client.request('version');
    await charon.hang();
    await expect(client.request('stats', {}, { deadlineMs: 200 })).rejects.toMatchObject({
      reason: 'deadline',
    });
    charon.signal('SIGCONT');
    expect((await client.request('stats')).section('uptime')).toBeDefined();
  });
});
