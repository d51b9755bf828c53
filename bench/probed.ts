import { fileURLToPath } from 'node:url';
import { eventually } from '../test/support/eventually.ts';
import type { ProbeReport } from './server-probe.ts';

/** Node's flags for a process that can be asked with `askProbe`. */
export const probeFlags: readonly string[] = [
  '--expose-gc',
  '--import',
  fileURLToPath(new URL('./server-probe.ts', import.meta.url)),
];

/** What the probe in a process says; the next longest pause is counted from now. */
export async function askProbe(daemon: {
  readonly pid: number;
  readonly log: readonly string[];
}): Promise<ProbeReport> {
  const answers = (): readonly string[] => daemon.log.filter((line) => line.startsWith('probe '));
  const before = answers().length;
  process.kill(daemon.pid, 'SIGUSR2');
  const line = await eventually(`process ${daemon.pid} tells of itself`, () => answers()[before]);
  return JSON.parse(line.slice('probe '.length));
}
