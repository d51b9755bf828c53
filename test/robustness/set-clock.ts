import { readFileSync } from 'node:fs';

/**
 * Preloaded into a server under test: its time of day is off by as many milliseconds as the file `ESPLANADE_CLOCK_FILE`
 * says, which is read again at each SIGUSR2. What has passed (performance.now, timers) is as it is, as for a process
 * whose machine has its clock set.
 */
const file = process.env['ESPLANADE_CLOCK_FILE'] ?? '';
const RealDate = Date;
let offsetMs = 0;

function readOffset(): void {
  offsetMs = Number(readFileSync(file, 'utf8'));
}

readOffset();
process.on('SIGUSR2', readOffset);

globalThis.Date = class extends RealDate {
  constructor(...given: readonly unknown[]) {
    if (given.length === 0) super(RealDate.now() + offsetMs);
    else super(...(given as [number]));
  }

  static override now(): number {
    return RealDate.now() + offsetMs;
  }
} as DateConstructor;
