import { mkdir, readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.ts';
import { Daemon } from './daemon.ts';

/** The launcher, as users call it. */
export const launcher = fileURLToPath(new URL('../../bin/esplanade', import.meta.url));

/** How a server is started. */
export interface EsplanadeOptions {
  /** Made if it is not there; give one used before to start again on the same data. */
  readonly dataDirectory: string;
  /** Further flags of `serve`. It listens on a free port of the loopback if they do not say otherwise. */
  readonly flags?: readonly string[];
  /** Another command than bin/esplanade: that of a built server. */
  readonly command?: readonly string[];
  /** Within which it has to be ready (60 s). */
  readonly readyMilliseconds?: number;
  /** Run as nobody, in no group but nogroup (false). Needs root. */
  readonly isUnprivileged?: boolean;
  /** Added to the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** An answer of the API. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  /** The body as JSON; undefined if there is none. */
  readonly body: unknown;
}

/** The first password of every server that tests start. */
export const testPassword = 'a password for tests';

/** May read a checkout that lies in somebody's private directory; nothing else that nobody may not. */
const asNobody = [
  'setpriv',
  ...['--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups'],
  ...['--inh-caps', '+dac_read_search', '--ambient-caps', '+dac_read_search'],
];

/** A real server process, and a client of it that checks its certificate. */
export class Esplanade {
  readonly url: string;
  readonly #daemon: Daemon;
  readonly #certificate: string;

  private constructor(url: string, daemon: Daemon, certificate: string) {
    this.url = url;
    this.#daemon = daemon;
    this.#certificate = certificate;
  }

  /** Starts a server and waits for its ready line. */
  static async start(options: EsplanadeOptions): Promise<Esplanade> {
    await mkdir(options.dataDirectory, { recursive: true, mode: 0o700 });
    if (options.isUnprivileged) await runCommand('chown', ['-R', 'nobody:nogroup', options.dataDirectory]);
    const given = options.flags ?? [];
    const listen = given.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
    const flags = [...listen, '--data-dir', options.dataDirectory, ...given];
    const command = [...(options.command ?? [launcher]), 'serve', ...flags];
    const daemon = new Daemon('esplanade', options.isUnprivileged ? [...asNobody, ...command] : command, {
      environment: { ESPLANADE_ADMIN_PASSWORD: testPassword, ...options.environment },
    });
    try {
      const ready = await daemon.line(/^esplanade ready https:/, options.readyMilliseconds ?? 60_000);
      const certificate = await readFile(join(options.dataDirectory, 'tls.crt'), 'utf8');
      return new Esplanade(ready.slice('esplanade ready '.length), daemon, certificate);
    } catch (error) {
      await daemon.end('SIGKILL');
      throw error;
    }
  }

  get pid(): number {
    return this.#daemon.pid;
  }

  get isRunning(): boolean {
    return this.#daemon.isRunning;
  }

  /** Everything it printed, to either stream. */
  get log(): readonly string[] {
    return this.#daemon.log;
  }

  /** Sends one request as admin; `body` goes out as JSON. */
  async call(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    return await new Promise((resolve, reject) => {
      const outgoing = request(new URL(path, this.url), {
        method,
        ca: this.#certificate,
        auth: `admin:${testPassword}`,
        headers: body === undefined ? {} : { 'content-type': 'application/json' },
        timeout: 30_000,
        agent: false,
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${path}: no answer in 30 s`)));
      outgoing.on('error', reject);
      outgoing.on('response', (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = /json/.test(answer.headers['content-type'] ?? '');
          const parsed = text === '' ? undefined : isJson ? JSON.parse(text) : text;
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: parsed });
        });
      });
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** SIGTERM, and waits; throws if it does not end. */
  async stop(): Promise<void> {
    if (!(await this.#daemon.end('SIGTERM')))
      throw new Error(`it did not end:\n${this.log.slice(-20).join('\n')}`);
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.#daemon.end('SIGKILL');
  }
}
