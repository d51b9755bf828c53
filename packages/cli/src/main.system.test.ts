import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../../bin/esplanade', import.meta.url));

function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const child = spawn(program, args, { env: { ...process.env, ...environment } });
  const ended = once(child, 'exit').then(([status]) => Number(status));
  return { child, ended, errors: text(child.stderr) };
}

it('ends quietly when whoever reads goes away, as `head` does', async () => {
  const { child, ended, errors } = start(['--help']);
  child.stdout.destroy();
  expect([await ended, await errors]).toEqual([141, '']);
});

it('has one sentence for a result that there is no room for', async () => {
  const child = spawn('/bin/sh', ['-c', '"$0" --help >/dev/full', program]);
  const [errors, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect([status, errors]).toEqual([1, 'esplanade: Cannot write the result: no space left on device.\n']);
});

describe('Ctrl-C while a server says nothing', () => {
  let server: Server;
  let environment: NodeJS.ProcessEnv;
  const connections: Socket[] = [];
  beforeEach(async () => {
    connections.length = 0;
    server = createServer((connection) => connections.push(connection)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    environment = { ESPLANADE_URL: `https://127.0.0.1:${port}`, ESPLANADE_PASSWORD: 'of nobody' };
  });
  afterEach(() => {
    for (const connection of connections) connection.destroy();
    server.close();
  });

  it('ends a command by the signal, of which shells make 130', async () => {
    const asked = once(server, 'connection');
    const { child, errors } = start(['security', 'ipsec', 'policy', 'show'], environment);
    const ended = once(child, 'exit');
    await asked;
    child.kill('SIGINT');
    expect([await ended, await errors]).toEqual([[null, 'SIGINT'], '']);
  });

  it('ends a loop of a shell too, as what is typed goes to all of them', async () => {
    const asked = once(server, 'connection');
    const loop = 'for time in 1 2 3; do "$0" security ipsec policy show; done; echo "went on"';
    const shell = spawn('bash', ['-c', loop, program], {
      env: { ...process.env, ...environment },
      detached: true,
    });
    const [written, ended] = [text(shell.stdout), once(shell, 'exit')];
    await asked;
    // Those that should not come wait for no answer.
    server.on('connection', (connection) => connection.destroy());
    process.kill(-Number(shell.pid), 'SIGINT');
    expect(await ended).toEqual([null, 'SIGINT']);
    expect(await written).toBe('');
  });
});

it('ends with a sentence and status 1 when what it waits for can never come', async () => {
  const stream = 'import { Readable } from "node:stream"; const value = new Readable({ read() {} });';
  const preload = `${stream} Object.defineProperty(process, "stdin", { value });`;
  const { ended, errors } = start(['login', '-password-file', '-'], {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}`,
  });
  expect(await errors).toMatch(/^esplanade: What this waited for never came: [^\n]*\n$/);
  expect(await ended).toBe(1);
});

it('tells its version on standard output, and mistakes on standard error', async () => {
  const version = start(['--version']);
  expect(await text(version.child.stdout)).toMatch(/^esplanade \d+\.\d+\.\d+\n$/);
  expect(await version.ended).toBe(0);
  const mistake = start(['secruity']);
  expect(await text(mistake.child.stdout)).toBe('');
  expect(await mistake.errors).toContain('Did you mean "esplanade security"?');
  expect(await mistake.ended).toBe(2);
});

describe('compiled code', () => {
  const isRoot = process.getuid?.() === 0;
  const anotherUser = 1;
  const withMode = async (path: string, mode: number) => {
    await mkdir(path, { recursive: true });
    await chmod(path, mode);
  };

  async function isKept(prepare: (home: string) => Promise<unknown>): Promise<boolean> {
    const home = await mkdtemp(join(tmpdir(), 'esplanade-compiled-'));
    try {
      await prepare(home);
      const { ended } = start(['--help'], {
        HOME: home,
        XDG_CACHE_HOME: undefined,
        NODE_COMPILE_CACHE: undefined,
      });
      expect(await ended).toBe(0);
      return existsSync(join(home, '.cache/esplanade/node'));
    } finally {
      await rm(home, { recursive: true });
    }
  }

  it.each<[string, (home: string) => Promise<unknown>]>([
    ['the home of the user', async () => undefined],
    ['a home with a cache already', (home) => withMode(join(home, '.cache'), 0o755)],
    ['a home where others can make files, and move none', (home) => withMode(home, 0o1777)],
    [
      'a cache that lies elsewhere',
      async (home) => {
        await mkdir(join(home, 'large'));
        await symlink('large', join(home, '.cache'));
      },
    ],
  ])('is kept in %s', async (_, prepare) => {
    expect(await isKept(prepare)).toBe(true);
  });

  it.each<[string, (home: string) => Promise<unknown>]>([
    ['a home where others can move directories', (home) => withMode(home, 0o777)],
    ['a cache of everybody', (home) => withMode(join(home, '.cache'), 0o777)],
    [
      'a cache that lies where others can move directories',
      async (home) => {
        await withMode(join(home, 'of-all/large'), 0o700);
        await chmod(join(home, 'of-all'), 0o777);
        await symlink('of-all/large', join(home, '.cache'));
      },
    ],
  ])('is not kept in %s, where others could put theirs', async (_, prepare) => {
    expect(await isKept(prepare)).toBe(false);
  });

  it.runIf(isRoot).each<[string, (home: string) => Promise<unknown>]>([
    ['the home', (home) => chown(home, anotherUser, anotherUser)],
    [
      'the cache in a home where others can make files',
      async (home) => {
        await withMode(home, 0o1777);
        await mkdir(join(home, '.cache'));
        await chown(join(home, '.cache'), anotherUser, anotherUser);
      },
    ],
  ])('is not kept when %s is of another user, as sudo may keep HOME', async (_, prepare) => {
    expect(await isKept(prepare)).toBe(false);
  });

  it('is not waited for where no directory can be made', async () => {
    const { child } = start(['--version'], {
      HOME: '/proc',
      XDG_CACHE_HOME: undefined,
      NODE_COMPILE_CACHE: undefined,
    });
    AbortSignal.timeout(20_000).addEventListener('abort', () => child.kill('SIGKILL'));
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
