import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import type { Duplex } from 'node:stream';
import {
  type ApiRequest,
  type ApiResponse,
  type Transport,
  timeLimitMs,
  tooLong,
  usualAnswerLimitBytes,
  usualAnswerTimeoutMs,
} from '../transport.ts';
import {
  brokeOff,
  serverOf,
  toConnectionError,
  type Unreached,
  UnreachedError,
} from './connection-errors.ts';
import type { ProxyEnvironment } from './destination.ts';
import { type ClientCertificate, SecureSockets, type ServerTrust } from './secure-socket.ts';

/** How the transport connects; everything has a default. */
export interface NodeTransportOptions {
  /** Whom to believe: whoever an authority of the system vouches for. */
  readonly trust?: ServerTrust;
  readonly clientCertificate?: ClientCertificate;
  /** How long a connection may take: 10 s. */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * How long it may take from the connection to the end of the answer, however much is said in between. Default: 150 s when
   * it is read, an hour when something changes, which is what Esplanade takes at most.
   */
  readonly answerTimeoutMs?: number | undefined;
  /** How long an answer may be: 64 MiB. */
  readonly answerLimitBytes?: number | undefined;
  /** `process.env`, or what stands for it, where `HTTPS_PROXY` and `NO_PROXY` are to be heeded. Without it no proxy is used. */
  readonly proxyEnv?: ProxyEnvironment | undefined;
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
  const { connectTimeoutMs = 10_000, answerTimeoutMs } = options;
  const limitMs = answerTimeoutMs === undefined ? undefined : timeLimitMs('answerTimeoutMs', answerTimeoutMs);
  const agent = new TrustingAgent(
    new SecureSockets(options.trust ?? { kind: 'system' }, options.clientCertificate),
    timeLimitMs('connectTimeoutMs', connectTimeoutMs),
    options.proxyEnv,
  );
  const transport: Transport = (sent) =>
    exchange(agent, sent, {
      timeoutMs: limitMs ?? usualAnswerTimeoutMs(sent),
      bytes: options.answerLimitBytes ?? usualAnswerLimitBytes,
    });
  return Object.assign(transport, { close: () => agent.destroy() });
}

/** Node keeps `signal` from agents, so it is handed to ours under another name. */
interface AbandonableOptions extends RequestOptions {
  readonly abandoned?: AbortSignal | undefined;
}

/** Hands out connections once their servers are known to be the right ones. */
class TrustingAgent extends Agent {
  readonly #sockets: SecureSockets;
  readonly #timeoutMs: number;
  readonly #proxyEnv: ProxyEnvironment | undefined;

  constructor(sockets: SecureSockets, timeoutMs: number, proxyEnv: ProxyEnvironment | undefined) {
    super({ keepAlive: true });
    this.#sockets = sockets;
    this.#timeoutMs = timeoutMs;
    this.#proxyEnv = proxyEnv;
  }

  override createConnection(
    { host, port, abandoned }: AbandonableOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const [timeoutMs, proxyEnv] = [this.#timeoutMs, this.#proxyEnv];
    this.#sockets.open({ host: host ?? '', port: Number(port), timeoutMs, signal: abandoned, proxyEnv }).then(
      ({ socket }) => callback?.(null, socket),
      // Node's own types want a stream beside an error, and Node none.
      (error) => (callback as ((error: Error) => void) | undefined)?.(error),
    );
    return undefined;
  }
}

/** What is taken of one answer. */
interface Limits {
  readonly timeoutMs: number;
  readonly bytes: number;
}

function exchange(agent: Agent, sent: ApiRequest, limits: Limits): Promise<ApiResponse> {
  const { url, method, headers, body, signal } = sent;
  const to = { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port || 443) };
  const server = serverOf(to);
  return new Promise((resolve, reject) => {
    if (url.protocol !== 'https:')
      throw new UnreachedError('no-tls', `${url.origin} is not HTTPS, and nothing is sent in clear.`);
    signal?.throwIfAborted();
    const options: AbandonableOptions = {
      ...to,
      agent,
      method,
      path: url.pathname + url.search,
      headers: {
        host: url.host,
        // Without it any encoding may come (RFC 9110, section 12.5.3).
        'accept-encoding': 'identity',
        ...headers,
        ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
      },
      ...(signal && { signal, abandoned: signal }),
    };
    const outgoing = request(options);
    let deadline: NodeJS.Timeout | undefined;
    let mayBeDone = false;
    const fail = (error: unknown): void => {
      clearTimeout(deadline);
      reject(signal?.aborted === true ? signal.reason : toConnectionError(server, error, mayBeDone));
    };
    const giveUp = (reason: Unreached, sentence: string): void => {
      fail(new UnreachedError(reason, sentence, { mayBeDone }));
      outgoing.destroy();
    };
    const answered = ({ statusCode = 0, headers }: IncomingMessage, text: string): void => {
      clearTimeout(deadline);
      resolve({ status: statusCode, header: (name) => oneOf(headers[name]), text });
    };
    outgoing.on('socket', () => {
      mayBeDone = method !== 'GET';
      deadline = setTimeout(
        () => giveUp('timed-out', `${server} did not answer in ${limits.timeoutMs / 1000} s.`),
        limits.timeoutMs,
      );
    });
    outgoing.on('error', fail);
    // However it ends: once nothing is left that could answer, nothing is waited for.
    outgoing.on('close', () => fail(new UnreachedError('broken', brokeOff(server), { mayBeDone })));
    // Whoever goes over to another protocol has not answered as an API does; the status says so.
    outgoing.on('upgrade', (incoming, socket) => {
      socket.destroy();
      answered(incoming, '');
    });
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      incoming.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > limits.bytes) giveUp('too-long', tooLong(server, limits.bytes));
        else chunks.push(chunk);
      });
      incoming.on('error', fail);
      incoming.on('end', () =>
        answered(
          incoming,
          Buffer.concat(chunks)
            .toString()
            .replace(/^\uFEFF/, ''),
        ),
      );
    });
    outgoing.end(body);
  });
}

function oneOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value[0] : value;
}
