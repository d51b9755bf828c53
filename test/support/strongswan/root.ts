import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CommandResult, runCommand } from '../command.ts';

const here = dirname(fileURLToPath(import.meta.url));
const cache = join(here, '../../../node_modules/.cache/esplanade-strongswan');

/** What `esplanade-charon --help` and packaging/control ask for, and a shell for charon's start scripts. */
const packages = [
  'charon-systemd',
  'strongswan-swanctl',
  'libstrongswan-extra-plugins',
  'libstrongswan-standard-plugins',
  'dash',
  'coreutils',
];

const programs = ['charon-systemd', 'swanctl'];
const downloadTimeoutMs = 300_000;

/** The root cannot be had; the message says what to do. */
export class NoRootError extends Error {}

/**
 * A directory with strongSwan of another Debian suite, whose `bin/` holds programs that run it in place of the host's.
 * Made once, in seconds, of packages of the mirror that the host itself uses; nothing is installed. To have newer
 * packages, remove the directory.
 */
export async function strongswanRoot(suite: string): Promise<string> {
  const root = join(cache, suite);
  if (existsSync(root)) return root;
  await mkdir(cache, { recursive: true });
  const building = await mkdtemp(join(cache, `.${suite}-`));
  try {
    await extract(suite, building);
    await mkdir(join(building, 'bin'));
    for (const program of programs) {
      await copyFile(join(here, 'in-root.sh'), join(building, 'bin', program));
      await chmod(join(building, 'bin', program), 0o755);
    }
    await chmod(building, 0o755);
    await rename(building, root).catch((error: unknown) => {
      // Somebody else was quicker.
      if (!existsSync(root)) throw error;
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return root;
}

/** Only /usr, and all files ours: whoever runs a guest kernel need not be root. */
async function extract(suite: string, directory: string): Promise<void> {
  const mirror = await mirrorOfHost();
  const settings = join(directory, 'apt.conf');
  await writeFile(settings, await downloadSettingsOfHost());
  const tar = spawn('tar', ['--extract', '--no-same-owner', '--directory', directory, './usr'], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const unpacked = once(tar, 'close');
  const download = spawn(
    'mmdebstrap',
    [
      '--quiet',
      '--variant=extract',
      '--format=tar',
      `--aptopt=${settings}`,
      `--include=${packages.join(',')}`,
      suite,
      '-',
      `deb ${mirror} ${suite} main`,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const deadline = setTimeout(() => download.kill(), downloadTimeoutMs);
  let complaint = '';
  for (const stream of [download.stderr, tar.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
  tar.stdin.on('error', () => undefined); // the download's own failure is what is told
  download.stdout.pipe(tar.stdin);
  try {
    await once(download, 'close');
  } catch (error) {
    tar.kill();
    throw new NoRootError(`cannot run mmdebstrap (${error}): run scripts/install-system-packages.sh as root`);
  } finally {
    clearTimeout(deadline);
  }
  await unpacked;
  if (download.exitCode !== 0 || tar.exitCode !== 0)
    throw new NoRootError(
      `cannot get strongSwan of Debian ${suite} from ${mirror}, which the tests of that strongSwan need. It is downloaded ` +
        `once, into ${cache}: see that the machine reaches the mirror, and try again.\n${complaint}`,
    );
  await rm(settings);
}

/** Where the host has its own suite of Debian from. */
export async function mirrorOfHost(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8');
  const own = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1];
  const { stdout } = await apt('apt-get', [
    'indextargets',
    '--format',
    '$(ORIGIN) $(CODENAME) $(COMPONENT) $(REPO_URI)',
    'Created-By: Packages',
  ]);
  const prefix = `Debian ${own} main `;
  const line = stdout.split('\n').find((target) => target.startsWith(prefix));
  if (line === undefined)
    throw new NoRootError(
      `the tests of another suite's strongSwan need to know a mirror of Debian, and apt here has none for ${own} main: ` +
        'add one to /etc/apt/sources.list.d and run apt-get update',
    );
  return line.slice(prefix.length);
}

/** Proxies and the like: mmdebstrap reads nothing of /etc/apt. Signatures are checked in any case. */
export async function downloadSettingsOfHost(): Promise<string> {
  const dump = await apt('apt-config', ['dump', '--no-empty', '--format', '%F "%v";%n', 'Acquire']);
  return dump.stdout;
}

async function apt(command: string, args: readonly string[]): Promise<CommandResult> {
  return await runCommand(command, args).catch((error: unknown) => {
    throw new NoRootError(`the tests of another suite's strongSwan need Debian's apt: ${error}`);
  });
}
