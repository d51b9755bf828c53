import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** One suite of `npm test`, or a campaign. */
export interface Suite {
  readonly name: string;
  /** Suites of one lane run one after the other, lanes side by side. */
  readonly lane: 'host' | 'kernel' | 'kernel-shares';
  readonly command: readonly [string, ...string[]];
  readonly timeoutSeconds: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a suite ended. */
export interface Outcome {
  readonly suite: Suite;
  readonly hasPassed: boolean;
  readonly seconds: number;
  /** For the closing line: `passed`, `failed with status 1`, `not finished in 300 s`. */
  readonly verdict: string;
  /** The part of the output that tells what failed; nothing when it passed. */
  readonly failures: string;
}

const mostLinesOfFailures = 120;

/** Runs a suite and prints its whole output and closing line when it is over, so that lanes do not mix. */
export async function runSuite(suite: Suite): Promise<Outcome> {
  const start = performance.now();
  const [command, ...args] = suite.command;
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...suite.environment },
    detached: true,
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk));
  const endGroup = (signal: NodeJS.Signals): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, signal);
  };
  let isLate = false;
  const deadline = setTimeout(() => {
    isLate = true;
    endGroup('SIGTERM');
    setTimeout(() => endGroup('SIGKILL'), 5_000).unref();
  }, suite.timeoutSeconds * 1000);
  const interrupt = (): void => endGroup('SIGTERM');
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  await once(child, 'close');
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  clearTimeout(deadline);
  const seconds = (performance.now() - start) / 1000;
  const hasPassed = child.exitCode === 0 && !isLate;
  const how = isLate
    ? `not finished in ${suite.timeoutSeconds} s`
    : `failed with status ${child.exitCode ?? child.signalCode}`;
  const text = Buffer.concat(output);
  const failures = hasPassed ? '' : failuresIn(text.toString());
  const outcome: Outcome = { suite, hasPassed, seconds, verdict: hasPassed ? 'passed' : how, failures };
  process.stdout.write(Buffer.concat([Buffer.from(`\n== ${suite.name}\n`), text]));
  process.stdout.write(`== ${closingLine(outcome)}\n`);
  return outcome;
}

/** From where vitest begins to list what failed, or else the end: a suite can fail in other ways too. */
function failuresIn(output: string): string {
  const lines = output.trimEnd().split('\n');
  const start = lines.findIndex((line) => /Failed (Tests|Suites) \d/.test(line));
  const told =
    start < 0 ? lines.slice(-mostLinesOfFailures) : lines.slice(start, start + mostLinesOfFailures);
  return `${told.join('\n')}\n`;
}

/** `kernel: passed in 81 s`. */
export function closingLine(outcome: Outcome): string {
  return `${outcome.suite.name}: ${outcome.verdict} in ${outcome.seconds.toFixed(0)} s`;
}
