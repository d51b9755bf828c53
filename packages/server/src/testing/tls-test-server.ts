import { Agent, request } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { ServedTls } from '../tls/served-tls.ts';
import { startTestServer, type TestServer } from './test-server.ts';

/** A test server that listens, with a certificate as `serve` gives it. */
export interface TlsTestServer extends TestServer {
  readonly port: number;
  readonly tls: ServedTls;
  /** Opens a client of its own; its agent keeps one connection open unless it is told otherwise. */
  connect(options?: ConnectionOptions & { readonly maxSockets?: number }): TlsTestClient;
}

/** Who asks over one connection. */
export interface TlsTestClient {
  readonly agent: Agent;
  ask(
    path: string,
    headers?: Readonly<Record<string, string>>,
    method?: string,
  ): Promise<{
    readonly status: number;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly text: string;
    /** Of the connection it came on: the client's port. */
    readonly localPort: number | undefined;
  }>;
}

/** Starts one on a free port of the loopback; `lookMs` is how often it looks for a renewed certificate of its own. */
export async function startTlsTestServer(...flags: readonly string[]): Promise<TlsTestServer> {
  const server = await startTestServer(...flags);
  const { app, parts, directory } = server;
  const tls = await ServedTls.open({
    server: app.server,
    source: { kind: 'self-signed', directory, names: ['localhost'] },
    desired: parts.desired,
    log: app.log,
    lookMs: 1_000_000,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens nowhere');
  const { port } = address;
  const agents: Agent[] = [];
  return {
    ...server,
    port,
    tls,
    connect: (options) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false, ...options });
      agents.push(agent);
      return { agent, ask: (path, headers, method) => ask(agent, port, path, headers, method) };
    },
    close: async () => {
      for (const agent of agents) agent.destroy();
      await tls.close();
      app.server.closeAllConnections();
      await server.close();
    },
  };
}

const ask: (
  agent: Agent,
  port: number,
  ...of: Parameters<TlsTestClient['ask']>
) => ReturnType<TlsTestClient['ask']> = (agent, port, path, headers = {}, method = 'GET') =>
  new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent });
    outgoing.on('error', reject);
    outgoing.on('response', (answer) => {
      const { localPort } = answer.socket;
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, localPort }),
      );
    });
    outgoing.end();
  });
