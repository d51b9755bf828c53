import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A command to run as root under a kernel that has ESP. */
export interface KernelJob {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly timeoutSeconds: number;
}

/** Exit status when the job could not be run to its end: the guest died, or the time was up. */
export const incompleteStatus = 125;

/** Runs the job under this very kernel. Resolves to its exit status, or `incompleteStatus` when the time was up. */
export async function runHere(job: KernelJob): Promise<number> {
  const child = spawn(job.command, job.arguments, {
    stdio: 'inherit',
    timeout: job.timeoutSeconds * 1000,
    killSignal: 'SIGKILL',
  });
  const [status] = await once(child, 'exit');
  return typeof status === 'number' ? status : incompleteStatus;
}
