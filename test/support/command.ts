import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a finished command left. */
export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How `runCommand` treats the command. */
export interface CommandOptions {
  /** Written to its standard input. */
  readonly input?: string;
  /** Killed after so long (20,000). */
  readonly timeoutMilliseconds?: number;
  /** A status other than 0 is an answer, not a failure. */
  readonly anyStatus?: boolean;
  /** Added to our own environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a command to its end. Throws with what it said when its status is not 0, unless `anyStatus`. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
    timeout: options.timeoutMilliseconds ?? 20_000,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => undefined); // a command may end without reading its input
  child.stdin.end(options.input ?? '');
  await once(child, 'close');
  if (child.exitCode !== 0 && !options.anyStatus) {
    const how = child.exitCode === null ? `ended by ${child.signalCode}` : `status ${child.exitCode}`;
    throw new Error(`${command} ${args.join(' ')}: ${how}\n${stdout}${stderr}`);
  }
  return { status: child.exitCode, stdout, stderr };
}
