import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './support/command.ts';
import { Daemon } from './support/daemon.ts';
import { Esplanade, testPassword } from './support/esplanade.ts';
import { eventually } from './support/eventually.ts';

const run = promisify(execFile);
const checkout = fileURLToPath(new URL('..', import.meta.url));

describe('what npm run build makes', () => {
  let elsewhere: string;

  beforeAll(async () => {
    elsewhere = await mkdtemp(join(tmpdir(), 'esplanade-build-'));
    await run('sh', [join(checkout, 'scripts/build.sh'), elsewhere]);
  });

  afterAll(async () => {
    await rm(elsewhere, { recursive: true });
  });

  it('is a server that serves and stores outside the repository', async () => {
    const server = await Esplanade.start({
      dataDirectory: join(elsewhere, 'data'),
      flags: ['--datapath', 'simulated'],
      command: [process.execPath, join(elsewhere, 'esplanade/main.js')],
    });
    try {
      expect((await server.call('PATCH', '/api/security/ipsec', { enabled: true })).status).toBe(200);
      expect((await server.call('GET', '/api/security/ipsec')).body).toMatchObject({ enabled: true });
    } finally {
      await server.stop();
    }
  });

  it('is a command that logs in, asks, and tells errors apart outside the repository', async () => {
    const main = join(elsewhere, 'esplanade/main.js');
    const dataDirectory = join(elsewhere, 'data');
    const flags = ['--datapath', 'simulated'];
    const server = await Esplanade.start({ dataDirectory, flags, command: [process.execPath, main] });
    const esplanade = (words: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
      runCommand(process.execPath, [main, ...words], {
        anyStatus: true,
        environment: {
          XDG_CONFIG_HOME: join(elsewhere, 'config'),
          ESPLANADE_PASSWORD: testPassword,
          ...environment,
        },
      });
    const show = ['security', 'ipsec', 'config', 'show', '-json'];
    try {
      const login = await esplanade(['login', server.url, '-ca-file', join(dataDirectory, 'tls.crt')]);
      expect(login, login.stderr).toMatchObject({ status: 0 });
      const shown = await esplanade(show);
      expect(JSON.parse(shown.stdout), shown.stderr).toBeTypeOf('object');
      expect(await esplanade(show, { ESPLANADE_PASSWORD: 'wrong' })).toMatchObject({ status: 4 });
      expect(await esplanade(show, { ESPLANADE_URL: server.url })).toMatchObject({ status: 0 });
      const untrusted = { ESPLANADE_URL: server.url.replace('127.0.0.1', 'localhost') };
      expect(await esplanade(show, untrusted)).toMatchObject({
        status: 7,
        stderr: expect.stringContaining('is not trusted: it signed itself'),
      });
    } finally {
      await server.stop();
    }
    expect(await esplanade(show)).toMatchObject({
      status: 7,
      stderr: expect.stringContaining('Nobody listens'),
    });
  });

  it('does what root asks of the data as the user that the package names', async () => {
    const place = await mkdtemp(join(tmpdir(), 'esplanade-of-service-'));
    const isRoot = process.getuid?.() === 0;
    if (isRoot) await run('chown', ['daemon:daemon', place]);
    await chmod(elsewhere, 0o755);
    try {
      const server = await Esplanade.start({
        dataDirectory: place,
        flags: ['--datapath', 'simulated'],
        command: [process.execPath, join(elsewhere, 'esplanade/main.js')],
        environment: { ESPLANADE_SERVICE_USER: 'daemon' },
      });
      await server.stop();
      expect((await stat(join(place, 'store.db'))).uid).toBe((await stat(place)).uid);
    } finally {
      await rm(place, { recursive: true });
    }
  });

  it('is a kernel reader that answers outside the repository', async () => {
    const socketPath = join(elsewhere, 'kernel.sock');
    const reader = join(elsewhere, 'esplanade/esplanade-kernel-reader');
    const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
    const command = ['unshare', ...asRoot, '--net', reader, '--socket', socketPath];
    const daemon = new Daemon('built kernel reader', command);
    try {
      await eventually('the kernel reader listens', () => {
        if (!daemon.isRunning) throw new Error(`the kernel reader did not start:\n${daemon.log.join('\n')}`);
        return existsSync(socketPath);
      });
      const socket = createConnection(socketPath);
      socket.write('{"read":"policies"}\n');
      for await (const answer of createInterface(socket)) {
        expect(JSON.parse(answer)).toEqual({ policies: [], more: false });
        break;
      }
      socket.destroy();
    } finally {
      await daemon.end();
    }
  });

  it('loads one file for what the API does, and more only for what works on this machine', async () => {
    const reporter = `const files = [];
      const load = (url, context, next) => { if (url.startsWith('file:')) files.push(url); return next(url, context); };
      process.getBuiltinModule('node:module').registerHooks({ load });
      process.on('exit', () => process.stderr.write('\\n' + JSON.stringify(files)));`;
    const loadedFor = async (...words: readonly string[]): Promise<readonly string[]> => {
      const { stderr } = await runCommand(
        process.execPath,
        [join(elsewhere, 'esplanade/main.js'), ...words],
        {
          anyStatus: true,
          environment: {
            ESPLANADE_URL: 'https://127.0.0.1:1',
            ESPLANADE_PASSWORD: testPassword,
            NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(reporter)}`,
          },
        },
      );
      const files: readonly string[] = JSON.parse(stderr.slice(stderr.lastIndexOf('\n')));
      return files.map((file) => file.replace(/.*\/esplanade\//, ''));
    };
    const one = ['main.js', 'lib/esplanade.cjs'];
    expect(await loadedFor('--help')).toEqual(one);
    expect(await loadedFor('security', 'ipsec', 'policy', 'show')).toEqual(one);
    expect(await loadedFor('audit', 'verify', '--help')).toEqual(
      expect.arrayContaining([...one, 'lib/verify-command.js']),
    );
  });

  it('tells in one sentence what a command cannot do on this machine', async () => {
    const nowhere = join(elsewhere, 'nowhere');
    const main = join(elsewhere, 'esplanade/main.js');
    expect(
      await runCommand(process.execPath, [main, 'audit', 'verify', '-data-dir', nowhere], {
        anyStatus: true,
      }),
    ).toEqual({ status: 1, stdout: '', stderr: `esplanade: there is no Esplanade data in ${nowhere}\n` });
  });

  it('keeps compiled code in the cache of the user, and none where others could put theirs', async () => {
    const kept = async (name: string, prepare: (home: string) => Promise<unknown>): Promise<boolean> => {
      const home = join(elsewhere, name);
      await mkdir(home, { mode: 0o700 });
      await prepare(home);
      await runCommand('env', [
        ...['-u', 'XDG_CACHE_HOME', '-u', 'NODE_COMPILE_CACHE', `HOME=${home}`],
        ...[process.execPath, join(elsewhere, 'esplanade/main.js'), '--help'],
      ]);
      return existsSync(join(home, '.cache/esplanade/node'));
    };
    expect(await kept('home', async () => undefined)).toBe(true);
    expect(await kept('home-of-all', (home) => chmod(home, 0o777))).toBe(false);
    const madeByOthers = (home: string) =>
      mkdir(join(home, '.cache')).then(() => chmod(join(home, '.cache'), 0o777));
    expect(await kept('home-with-a-cache-of-all', madeByOthers)).toBe(false);
    if (process.getuid?.() === 0)
      expect(await kept('home-of-another', (home) => run('chown', ['daemon', home]))).toBe(false);
  });

  it('says which Node it needs on one that is too old', async () => {
    const disguise = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.1.0"})';
    const main = join(elsewhere, 'esplanade/main.js');
    await expect(run(process.execPath, ['--import', disguise, main, '--version'])).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^esplanade: needs Node 24 or newer, and \S+ is 20\.1\.0\..*\n$/),
    });
  });

  /** Compiles a program of a project that has one of ours among its dependencies, runs it, and returns what it says. */
  const runElsewhere = async (name: string, program: string): Promise<string> => {
    const project = join(elsewhere, `project-of-${name}`);
    await mkdir(join(project, 'node_modules/@esplanade'), { recursive: true });
    await rename(join(elsewhere, name), join(project, 'node_modules/@esplanade', name));
    await writeFile(join(project, 'package.json'), '{ "type": "module" }');
    await writeFile(join(project, 'main.ts'), program);
    const types = join(checkout, 'node_modules/@types');
    const dialect = ['--module', 'nodenext', '--target', 'esnext', '--strict'];
    const options = [...dialect, '--typeRoots', types, '--types', 'node'];
    await run(join(checkout, 'node_modules/.bin/tsc'), [...options, 'main.ts'], { cwd: project });
    return (await run(process.execPath, ['main.js'], { cwd: project })).stdout.trim();
  };

  it('is a VICI client that a TypeScript project elsewhere compiles against and runs', async () => {
    const program = `import { ViciClient, ViciConnectionError } from '@esplanade/vici';
       const client = new ViciClient({ path: '/nowhere/charon.vici', deadlineMs: 100 });
       const answer: unknown = await client.request('version').catch((error: unknown) => error);
       console.log(answer instanceof ViciConnectionError);
       client.close();`;
    expect(await runElsewhere('vici', program)).toBe('true');
  });

  it('is an SDK that a TypeScript project elsewhere compiles against and runs', async () => {
    const program = `import { connect, ConnectionError } from '@esplanade/sdk';
       import { nodeTransport } from '@esplanade/sdk/node';
       const api = connect({ url: 'https://127.0.0.1:1', transport: nodeTransport(), retries: 0 });
       const policies = api.collection('/security/ipsec/policies').where('enabled', '=', true).fields('name');
       const answer = await policies.first().then((policy): string | undefined => policy?.name, (error) => error);
       console.log(answer instanceof ConnectionError);
       // @ts-expect-error: true or false
       policies.where('certificate_modify_keepsa', '=', 'x');`;
    expect(await runElsewhere('sdk', program)).toBe('true');
  });
});
