import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { eventually } from './eventually.ts';

/** How a daemon is started. */
export interface DaemonOptions {
  /** Inside this network namespace. */
  readonly namespace?: string;
  /** Added to our own environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Lines kept in `log` (10,000); older ones are dropped. */
  readonly logLines?: number;
}

/** Pids of daemons that still run, ended when this process ends in whatever way lets it run code. */
const running = new Set<number>();
process.on('exit', () => {
  for (const pid of running) process.kill(pid, 'SIGKILL');
});

/**
 * A process that runs until it is told to end. It is killed when ours dies, by whatever cause: the kernel sees to it
 * (PR_SET_PDEATHSIG). `pid` is the daemon's own: the wrappers replace themselves.
 */
export class Daemon {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #log: string[] = [];

  constructor(name: string, command: readonly string[], options: DaemonOptions = {}) {
    const inside = options.namespace === undefined ? [] : ['ip', 'netns', 'exec', options.namespace];
    this.name = name;
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', ...inside, ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.environment },
    });
    if (this.#child.pid === undefined) throw new Error(`${name}: cannot run setpriv (package util-linux)`);
    this.pid = this.#child.pid;
    running.add(this.pid);
    const limit = options.logLines ?? 10_000;
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.#log.push(line);
        if (this.#log.length > limit) this.#log.shift();
      });
    }
    this.ended = new Promise((resolve) => {
      this.#child.on('exit', () => {
        running.delete(this.pid);
        resolve();
      });
    });
  }

  /** What it wrote to either stream, line by line. */
  get log(): readonly string[] {
    return this.#log;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves to the first line that matches, written already or later. Fails at once if the process ends before. */
  async line(pattern: RegExp, deadlineMilliseconds = 15_000): Promise<string> {
    return await eventually(
      `${this.name} says ${pattern}`,
      () => {
        const found = this.#log.find((line) => pattern.test(line));
        if (found === undefined && !this.isRunning)
          throw new Error(`${this.name} ended:\n${this.#log.join('\n')}`);
        return found;
      },
      { deadlineMilliseconds, intervalMilliseconds: 20 },
    );
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Stops the whole process without ending it (SIGSTOP), and waits until none of its threads runs any more. */
  async hang(): Promise<void> {
    this.signal('SIGSTOP');
    await eventually(`${this.name} hangs`, () => {
      const threads = readdirSync(`/proc/${this.pid}/task`);
      return threads.every((thread) =>
        / [Tt] /.test(readFileSync(`/proc/${this.pid}/task/${thread}/stat`, 'utf8')),
      );
    });
  }

  /**
   * Sends `signal` and waits until the process is gone. After 8 s it is killed; resolves to whether it ended by
   * itself.
   */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<boolean> {
    if (!this.isRunning) return true;
    this.signal('SIGCONT');
    this.signal(signal);
    let isKilled = false;
    const deadline = setTimeout(() => {
      isKilled = true;
      this.signal('SIGKILL');
    }, 8_000);
    await this.ended;
    clearTimeout(deadline);
    return !isKilled;
  }
}
