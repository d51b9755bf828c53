import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:https';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The launcher, as users call it. */
export const launcher = join(dirname(fileURLToPath(import.meta.url)), '../../../../bin/esplanade');
export const spawnedPassword = 'spawned-password';

/** How a command ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the launcher to its end. */
export async function run(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const { child, output } = start(args, environment);
  const [status] = await once(child, 'close');
  return { status, ...output };
}

/** A server in a process of its own. */
export interface SpawnedServer {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it has written so far. */
  readonly output: { stdout: string; stderr: string };
  ask(
    method: string,
    path: string,
    body?: unknown,
    password?: string,
    account?: string,
  ): Promise<{ status: number; body: Json }>;
  /** Sends the signal and waits for the end; resolves to the exit status and how long it took. */
  end(signal: NodeJS.Signals): Promise<{ status: number | null; tookMs: number }>;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
type Json = any;

/**
 * Starts `esplanade serve` on a free port and waits for its ready line. Rejects with stderr when it ends instead. An empty
 * `adminPassword` lets it make one up.
 */
export async function startServer(
  args: readonly string[],
  adminPassword: string = spawnedPassword,
): Promise<SpawnedServer> {
  const { child, output } = start(['serve', '--listen', '127.0.0.1:0', ...args], {
    ESPLANADE_ADMIN_PASSWORD: adminPassword,
  });
  if (child.stdout === null) throw new Error('the server has no stdout');
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'close').then(() => {
    throw new Error(`the server ended before it was ready: ${output.stderr}`);
  });
  const [line] = await Promise.race([once(lines, 'line'), ended]);
  ended.catch(() => undefined);
  const [, url] = /^esplanade ready (https:\/\/\S+)$/.exec(String(line)) ?? [];
  if (url === undefined) throw new Error(`not a ready line: ${line}`);
  return {
    url,
    child,
    output,
    ask: (method, path, body, password = spawnedPassword, account = 'admin') =>
      ask(`${url}${path}`, method, body, `${account}:${password}`),
    end: async (signal) => {
      const startedAt = performance.now();
      child.kill(signal);
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
      return { status: child.exitCode, tookMs: performance.now() - startedAt };
    },
  };
}

function start(args: readonly string[], environment: NodeJS.ProcessEnv) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('ESPLANADE_'));
  const child = spawn(launcher, args, {
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    output.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk;
  });
  return { child, output };
}

function ask(
  url: string,
  method: string,
  body: unknown,
  auth: string,
): Promise<{ status: number; body: Json }> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const outgoing = request(url, {
      method,
      auth,
      rejectUnauthorized: false,
      agent: false,
      headers:
        text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
    });
    outgoing.on('error', reject);
    outgoing.on('response', async (incoming) => {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of incoming) chunks.push(chunk);
        const answer = Buffer.concat(chunks).toString();
        const isJson = incoming.headers['content-type']?.includes('json') === true && answer !== '';
        resolve({ status: incoming.statusCode ?? 0, body: isJson ? JSON.parse(answer) : answer });
      } catch (error) {
        reject(error);
      }
    });
    outgoing.end(text);
  });
}
