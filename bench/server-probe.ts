import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What the probe prints. */
export interface ProbeReport {
  /** The longest time that the event loop was kept waiting since the probe was asked before. */
  readonly longestPauseMs: number;
  /** What the heap holds after garbage was collected, with what it holds outside. */
  readonly heapBytes: number;
}

/** A pause of the probe's own making is seen by the next beat of the monitor: until then it is not to be counted. */
const settleMs = 20;

/** Loaded into a server that is measured (`--import`). On SIGUSR2 it reports, as JSON on a line of its own. */
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
process.on('SIGUSR2', () => {
  const longestPauseMs = delay.max / 1e6;
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const report: ProbeReport = { longestPauseMs, heapBytes: heapUsed + external };
  setTimeout(() => {
    delay.reset();
    process.stderr.write(`probe ${JSON.stringify(report)}\n`);
  }, settleMs);
});
