import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from '../app.ts';
import { type Assembly, assemble } from '../assemble.ts';
import { parseServeConfig } from '../config.ts';
import { hashPassword } from '../logins/password-hash.ts';
import { untilObserved } from '../until-observed.ts';

/** What came back, the body parsed where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any;
}

/** The whole server in this process: real store in a temporary directory, simulated datapath, no socket. */
export interface TestServer {
  readonly app: App;
  readonly parts: Assembly['parts'];
  readonly keyRotation: Assembly['keyRotation'];
  readonly directory: string;
  /** Everything logged so far, at level trace. */
  readonly log: readonly string[];
  /** As `admin`, unless the headers say otherwise. A body is sent as JSON, a text or a buffer as it is. */
  request(
    method: string,
    url: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  close(): Promise<void>;
}

/** Long: on a busy machine a test must not meet a server that has not begun. */
const firstListingMs = 20_000;

export const testPassword = 'correct horse battery staple';

/** Starts one; `flags` go to `serve` beside the data directory. */
export async function startTestServer(...flags: readonly string[]): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'esplanade-server-'));
  const kind = flags.includes('--datapath') ? [] : ['--datapath', 'simulated'];
  const args = ['--data-dir', directory, ...kind, '--log-level', 'trace', '--log-format', 'json'];
  const log: string[] = [];
  const { config } = parseServeConfig({ args: [...args, ...flags], environment: {} });
  const assembly = await assemble(config, (line) => log.push(line));
  const { app, parts, keyRotation } = assembly;
  if (parts.datapath.kind === 'simulated') await untilObserved(parts.carriers, firstListingMs);
  await parts.desired.putAccount({
    name: 'admin',
    scope: { kind: 'cluster' },
    role: 'admin',
    authenticationMethods: ['password'],
    passwordHash: await testHash,
    isLocked: false,
  });
  return {
    app,
    parts,
    keyRotation,
    directory,
    log,
    request: (method, url, body, headers) => inject(app, method, url, body, headers),
    close: async () => {
      await app.close();
      await assembly.close();
      await rm(directory, { recursive: true });
    },
  };
}

const testHash = hashPassword(testPassword);

/** The header of an account and its password. */
export function basic(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}

async function inject(
  app: App,
  method: string,
  url: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await app.inject({
    method: method as 'GET',
    url,
    headers: {
      authorization: basic('admin', testPassword),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined
      ? {}
      : {
          payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
        }),
  });
  const isJson = String(response.headers['content-type']).includes('json') && response.body !== '';
  return {
    status: response.statusCode,
    headers: Object.fromEntries(
      Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
    ),
    text: response.body,
    body: isJson ? JSON.parse(response.body) : undefined,
  };
}

/** The body of a policy that is good as it is. */
export const goodPolicy = {
  name: 'nfs',
  secret_key: 'a key of at least eighteen characters',
  local_endpoint: { address: '192.0.2.1', netmask: '32' },
  remote_endpoint: { address: '192.0.2.2', netmask: '32', port: '2049' },
  protocol: 'tcp',
};
