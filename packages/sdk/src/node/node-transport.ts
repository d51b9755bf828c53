import { Agent, type RequestOptions, request } from 'node:https';
import type { Duplex } from 'node:stream';
import type { ApiRequest, ApiResponse, Transport } from '../transport.ts';
import { toConnectionError, UnreachedError } from './connection-errors.ts';
import { type ClientCertificate, SecureSockets, type ServerTrust, serverOf } from './secure-socket.ts';

/** How the transport connects; everything has a default. */
export interface NodeTransportOptions {
  /** Whom to believe: whoever an authority of the system vouches for. */
  readonly trust?: ServerTrust;
  readonly clientCertificate?: ClientCertificate;
  /** How long a connection may take: 10 s. */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * How long the server may be silent over one request. Default: 150 s when it is read, an hour when something changes,
   * which is what Esplanade takes at most.
   */
  readonly answerTimeoutMs?: number | undefined;
}

/** A transport that keeps connections open between requests; none of them keeps the process alive. */
export type NodeTransport = Transport & {
  /** Closes what is open. */
  close(): void;
};

/**
 * A transport over node:https, which lets the caller say whom to trust and nothing be sent before that is known. Rejects
 * with an UnreachedError, a CertificateNotTrustedError or a CertificateChangedError.
 */
export function nodeTransport(options: NodeTransportOptions = {}): NodeTransport {
  const agent = new TrustingAgent(
    new SecureSockets(options.trust ?? { kind: 'system' }, options.clientCertificate),
    options.connectTimeoutMs ?? 10_000,
  );
  const transport: Transport = (sent) => exchange(agent, sent, options.answerTimeoutMs ?? patience(sent));
  return Object.assign(transport, { close: () => agent.destroy() });
}

function patience({ method }: ApiRequest): number {
  return method === 'GET' ? 150_000 : 3_600_000;
}

/** Node keeps `signal` from agents, so it is handed to ours under another name. */
interface AbandonableOptions extends RequestOptions {
  readonly abandoned?: AbortSignal | undefined;
}

/** Hands out connections once their servers are known to be the right ones. */
class TrustingAgent extends Agent {
  readonly #sockets: SecureSockets;
  readonly #timeoutMs: number;

  constructor(sockets: SecureSockets, timeoutMs: number) {
    super({ keepAlive: true });
    this.#sockets = sockets;
    this.#timeoutMs = timeoutMs;
  }

  override createConnection(
    { host, port, abandoned }: AbandonableOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    this.#sockets
      .open({ host: host ?? '', port: Number(port), timeoutMs: this.#timeoutMs, signal: abandoned })
      .then(
        ({ socket }) => callback?.(null, socket),
        // Node's own types want a stream beside an error, and Node none.
        (error) => (callback as ((error: Error) => void) | undefined)?.(error),
      );
    return undefined;
  }
}

function exchange(agent: Agent, sent: ApiRequest, timeoutMs: number): Promise<ApiResponse> {
  const { url, method, headers, body, signal } = sent;
  const to = { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port || 443) };
  return new Promise((resolve, reject) => {
    if (url.protocol !== 'https:')
      throw new UnreachedError('no-tls', `${url.origin} is not HTTPS, and nothing is sent in clear.`);
    signal?.throwIfAborted();
    const fail = (error: unknown): void =>
      reject(signal?.aborted === true ? signal.reason : toConnectionError(serverOf(to), error));
    const options: AbandonableOptions = {
      ...to,
      agent,
      method,
      path: url.pathname + url.search,
      headers: {
        host: url.host,
        ...headers,
        ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
      },
      ...(signal && { signal, abandoned: signal }),
    };
    const outgoing = request(options);
    outgoing.setTimeout(timeoutMs, () =>
      outgoing.destroy(
        new UnreachedError('timed-out', `${serverOf(to)} did not answer in ${timeoutMs / 1000} s.`),
      ),
    );
    outgoing.on('error', fail);
    outgoing.on('response', (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        text += chunk;
      });
      incoming.on('error', fail);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          header: (name) => oneOf(incoming.headers[name]),
          text,
        }),
      );
    });
    outgoing.end(body);
  });
}

function oneOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value[0] : value;
}
