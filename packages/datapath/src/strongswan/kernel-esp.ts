import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** Whether the kernel can install ESP SAs, and how we know. `unknown` where nobody would say. */
export interface KernelEsp {
  readonly kind: 'yes' | 'no' | 'unknown';
  readonly evidence: string;
}

const attemptTimeoutMs = 10_000;

/** An SA of the default cipher suite between two loopback addresses; the key is of no use to anybody. */
const attempt =
  'xfrm state add src 127.0.0.1 dst 127.0.0.2 proto esp spi 0x1000 mode transport aead rfc4106(gcm(aes))';
const key = `0x${'00'.repeat(36)}`;

/**
 * Finds out without privileges whether this kernel has ESP: adds an SA in a network namespace of its own, which any user
 * may own where user namespaces are allowed, and which is gone with the process. The kernel also loads its modules for
 * that. Where namespaces are not allowed, the kernel's build configuration has to do, which may promise a module that is
 * not there.
 */
export async function probeKernelEsp(): Promise<KernelEsp> {
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const command = [...asRoot, '--net', 'ip', ...attempt.split(' '), key, '128'];
  try {
    await promisify(execFile)('unshare', command, { timeout: attemptTimeoutMs });
    return { kind: 'yes', evidence: 'it took an ESP SA in a network namespace made for that' };
  } catch (error) {
    const said = stderrOf(error);
    if (said !== undefined && !/^unshare:/m.test(said)) {
      return { kind: 'no', evidence: `it refused an ESP SA: ${said}` };
    }
    return (await configuredEsp()) ?? { kind: 'unknown', evidence: said ?? 'unshare could not be run' };
  }
}

/** What the kernel's build configuration says, where it can be read. */
async function configuredEsp(): Promise<KernelEsp | undefined> {
  for (const [path, read] of [
    ['/proc/config.gz', readCompressed],
    [`/boot/config-${release()}`, readPlain],
  ] as const) {
    const text = await read(path);
    if (text === undefined) continue;
    const value = /^CONFIG_INET_ESP=([ym])$/m.exec(text)?.[1];
    return value === undefined
      ? { kind: 'no', evidence: `${path} has no CONFIG_INET_ESP` }
      : { kind: 'yes', evidence: `${path} has CONFIG_INET_ESP=${value}` };
  }
  return undefined;
}

async function readPlain(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(absent);
}

async function readCompressed(path: string): Promise<string | undefined> {
  const bytes = await readFile(path).catch(absent);
  return bytes === undefined ? undefined : (await promisify(gunzip)(bytes)).toString();
}

// Not there, or not for us to read: then it says nothing.
function absent(): undefined {
  return undefined;
}

/** What the command wrote before it failed; undefined when it could not even be started. */
function stderrOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('stderr' in error) || typeof error.stderr !== 'string') return undefined;
  return error.stderr === '' ? undefined : error.stderr.trim();
}
