import { readFileSync } from 'node:fs';

/** What came of a run. */
export interface FuzzReport {
  readonly executions: number;
  readonly seconds: number;
  /** Answers by status; 0 for none: torn requests, and tunnels that nobody gets. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Failing requests with what was wrong, made small where they fail alone too. */
  readonly faults: readonly string[];
  readonly slowestMs: number;
  /** Memory of the server's process: after a tenth of the run, at its end, at most. */
  readonly residentMiB: { readonly early: number; readonly last: number; readonly most: number };
}

/** When a run is over. */
export interface FuzzLimits {
  readonly executions: number;
  readonly seconds: number;
  readonly faults: number;
}

/** Counts a run, and says when it is over. */
export class Tally {
  readonly #limits: FuzzLimits;
  readonly #pid: number;
  readonly #startedAt = performance.now();
  readonly #statuses = new Map<number, number>();
  readonly #faults: string[] = [];
  #executions = 0;
  #slowestMs = 0;
  #earlyMiB: number | undefined;

  /** `pid` is the server's. */
  constructor(limits: FuzzLimits, pid: number) {
    this.#limits = limits;
    this.#pid = pid;
  }

  get executions(): number {
    return this.#executions;
  }

  get isOver(): boolean {
    const { executions, seconds, faults } = this.#limits;
    return this.#executions >= executions || this.#seconds() >= seconds || this.#faults.length >= faults;
  }

  /** An answer, or 0 and 0 for none. */
  count(status: number, tookMs: number): void {
    this.#executions += 1;
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    this.#slowestMs = Math.max(this.#slowestMs, tookMs);
    const { executions, seconds } = this.#limits;
    const progress = Math.max(this.#executions / executions, this.#seconds() / seconds);
    if (this.#earlyMiB === undefined && progress >= 0.1) this.#earlyMiB = mebibytes(this.#pid, 'VmRSS');
  }

  fail(fault: string): void {
    this.#faults.push(fault);
  }

  report(): FuzzReport {
    const last = mebibytes(this.#pid, 'VmRSS');
    return {
      executions: this.#executions,
      seconds: this.#seconds(),
      statuses: new Map([...this.#statuses].sort(([a], [b]) => a - b)),
      faults: this.#faults,
      slowestMs: this.#slowestMs,
      residentMiB: { early: this.#earlyMiB ?? last, last, most: mebibytes(this.#pid, 'VmHWM') },
    };
  }

  #seconds(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }
}

/** The report in a few lines. */
export function reportText(report: FuzzReport, seed: number): string {
  const { executions, seconds, statuses, faults, slowestMs, residentMiB } = report;
  const perSecond = Math.round(executions / seconds);
  const counted = [...statuses]
    .map(([status, count]) => `${status === 0 ? 'none' : status}: ${count}`)
    .join(', ');
  const { early, last, most } = residentMiB;
  return [
    `fuzz: ${executions} executions in ${Math.round(seconds)} s, ${perSecond}/s; ${faults.length} faults; seed ${seed}`,
    `  answers ${counted}; the slowest took ${Math.round(slowestMs)} ms`,
    `  memory of the server: ${early} MiB after a tenth, ${last} MiB at the end, ${most} MiB at most`,
    ...faults,
  ].join('\n');
}

/** A line of /proc/PID/status (proc_pid_status(5)), which counts in KiB; 0 when the process is gone. */
function mebibytes(pid: number, name: string): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
}
