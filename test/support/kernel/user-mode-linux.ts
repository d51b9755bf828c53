import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { incompleteStatus, type KernelJob } from './host.ts';

/** A job for a guest kernel. */
export interface GuestJob extends KernelJob {
  /** As the kernel takes it: `1536M`. */
  readonly memory: string;
  /** Host directories the guest may write to, at the same path. The rest of the host is read-only to it. */
  readonly writable: readonly string[];
}

const here = dirname(fileURLToPath(import.meta.url));
const checkout = join(here, '../../..');
const binary = '/usr/bin/linux.uml';

/** What the kernel and the emulation say about themselves however quiet they are asked to be. */
const chatter = /^(SELinux: |mmapper_init|Failed to initialize ubd|sysrq: |reboot: |random: )/;

/**
 * Boots Debian's user-mode-linux as an ordinary process of the calling user (no root needed), with the host's file
 * system as its root, runs the job in it as the guest's root from the current directory, and powers it off. The guest
 * has its own /tmp, /run, /root and network; the checkout and the current directory stay visible even if they lie
 * under /tmp. Resolves to the job's exit status, or `incompleteStatus`.
 */
export async function runInUserModeLinux(job: GuestJob): Promise<number> {
  if (!existsSync(binary)) {
    process.stderr.write(`${binary} is missing: run scripts/install-system-packages.sh as root\n`);
    return incompleteStatus;
  }
  const exchange = await mkdtemp(join(tmpdir(), 'esplanade-kernel-'));
  try {
    await prepareExchange(exchange, job);
    return await boot(exchange, job);
  } finally {
    await rm(exchange, { recursive: true, force: true });
  }
}

async function prepareExchange(exchange: string, job: GuestJob): Promise<void> {
  const compileCache = await compileCacheDirectory();
  const writable = await Promise.all([...job.writable, compileCache].map((path) => realpath(path)));
  const readable = await Promise.all([checkout, process.cwd()].map((path) => realpath(path)));
  const shares = [
    ...[...new Set(readable)].filter(underTemporary).map((path) => `ro ${path}`),
    ...writable.map((path) => `rw ${path}`),
  ];
  await writeFile(join(exchange, 'shares'), shares.map((line) => `${line}\n`).join(''));
  const environment = {
    ...passedEnvironment(),
    PATH: guestPath(),
    NODE_COMPILE_CACHE: compileCache,
    ESPLANADE_GUEST: '1',
  };
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}=${quote(value)}`);
  const line = ['exec', ...[job.command, ...job.arguments].map(quote)].join(' ');
  await writeFile(
    join(exchange, 'command'),
    [...exports, `cd ${quote(process.cwd())} || exit 66`, line, ''].join('\n'),
  );
  await copyFile(join(here, 'guest-init.sh'), join(exchange, 'init'));
  await chmod(join(exchange, 'init'), 0o755);
}

/** Node keeps compiled code there between boots: loading TypeScript is the dearest thing a guest does. */
async function compileCacheDirectory(): Promise<string> {
  const path = join(checkout, 'node_modules/.cache/esplanade-kernel');
  await mkdir(path, { recursive: true });
  return path;
}

/** Paths that the guest's own tmpfs mounts would cover. */
function underTemporary(path: string): boolean {
  return /^\/(tmp|var\/tmp|root|run|dev\/shm)(\/|$)/.test(path);
}

function guestPath(): string {
  const own = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  // Programs of another strongSwan, if ../strongswan/run.ts runs us.
  const strongswan = process.env['ESPLANADE_STRONGSWAN'];
  const first = strongswan === undefined ? [] : [strongswan];
  return [...first, dirname(process.execPath), join(checkout, 'node_modules/.bin'), ...own].join(':');
}

/** The suite's own knobs reach the guest; the rest of the host's environment does not. */
function passedEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) =>
    /^(ESPLANADE_|CI$|NO_COLOR$|FORCE_COLOR$)/.test(name),
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, value ?? '']));
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

async function boot(exchange: string, job: GuestJob): Promise<number> {
  const kernel = spawn(
    binary,
    [
      `mem=${job.memory}`,
      `umid=esplanade${process.pid}`,
      `uml_dir=${exchange}/`,
      'root=/dev/root',
      'rootfstype=hostfs',
      'rootflags=/',
      'ro',
      `init=${exchange}/init`,
      `ESPLANADE_EXCHANGE=${exchange}`,
      'con=null',
      'con0=null,fd:1',
      'random.trust_cpu=on',
      'quiet',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  const endGuest = (): void => {
    // The kernel runs its processes as children of its own group; nothing else is in it.
    if (kernel.pid !== undefined && kernel.exitCode === null) process.kill(-kernel.pid, 'SIGKILL');
  };
  const deadline = setTimeout(endGuest, job.timeoutSeconds * 1000);
  const stop = (): void => {
    endGuest();
    process.exitCode = incompleteStatus;
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  let complaints = '';
  kernel.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const lines = createInterface({ input: kernel.stdout });
  lines.on('line', (line) => {
    if (!chatter.test(line)) process.stdout.write(`${line.replace(/\r+$/, '')}\n`);
  });
  await Promise.all([once(kernel, 'close'), once(lines, 'close')]);
  clearTimeout(deadline);
  const status = existsSync(join(exchange, 'status'))
    ? (await readFile(join(exchange, 'status'), 'utf8')).trim()
    : '';
  if (/^\d+$/.test(status)) return Number(status);
  process.stderr.write(`user-mode Linux died, or ${job.timeoutSeconds} s were not enough\n${complaints}`);
  return incompleteStatus;
}
