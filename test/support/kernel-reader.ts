import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Daemon } from './daemon.ts';
import { eventually } from './eventually.ts';

const launcher = fileURLToPath(new URL('../../bin/esplanade-charon', import.meta.url));

/** Where a kernel reader runs. */
export interface KernelReaderOptions {
  /** The network namespace that plays the IPspace. */
  readonly namespace: string;
  /** The directory that the daemons of the IPspace were given. */
  readonly directory: string;
}

/** Starts the kernel reader of the IPspace `Default`, as it is shipped, and waits until its socket is there. */
export async function startKernelReader({ namespace, directory }: KernelReaderOptions): Promise<Daemon> {
  const place = ['--netns', namespace, '--runtime-dir', directory];
  const daemon = new Daemon('kernel reader', [launcher, ...place, '--only', 'kernel-reader']);
  await eventually('the kernel reader listens', () => {
    if (!daemon.isRunning) throw new Error(`the kernel reader did not start:\n${daemon.log.join('\n')}`);
    return existsSync(join(directory, 'vici', 'Default.kernel.sock'));
  });
  return daemon;
}
