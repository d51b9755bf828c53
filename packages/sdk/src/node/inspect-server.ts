import { timeLimitMs } from '../transport.ts';
import { CertificateNotTrustedError } from './connection-errors.ts';
import type { ProxyEnvironment } from './destination.ts';
import { SecureSockets, type ServerTrust } from './secure-socket.ts';
import type { ServerCertificate } from './server-certificate.ts';

/** What a look at a server found. */
export interface Inspection {
  readonly certificate: ServerCertificate;
  /** What speaks against it, as the end of a sentence; undefined where it is trusted. */
  readonly distrust: string | undefined;
}

/** How to look. */
export interface InspectOptions {
  /** Who may vouch for it: an authority of the system. */
  readonly trust?: ServerTrust;
  /** How long the connection may take: 10 s. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal;
  /** As of the transport. */
  readonly proxyEnv?: ProxyEnvironment | undefined;
}

/**
 * Looks at the certificate of a server and sends it nothing: for trust on first use. Rejects with an UnreachedError, or the
 * signal's reason.
 */
export async function inspectServer(
  url: URL,
  { trust = { kind: 'system' }, timeoutMs = 10_000, signal, proxyEnv }: InspectOptions = {},
): Promise<Inspection> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(url.port || 443);
  try {
    const to = { host, port, timeoutMs: timeLimitMs('timeoutMs', timeoutMs), signal, proxyEnv };
    const { socket, certificate } = await new SecureSockets(trust).open(to);
    socket.destroy();
    return { certificate, distrust: undefined };
  } catch (error) {
    if (!(error instanceof CertificateNotTrustedError)) throw error;
    return { certificate: error.certificate, distrust: error.reason };
  }
}
