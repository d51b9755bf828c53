import { CertificateNotTrustedError } from './connection-errors.ts';
import { SecureSockets } from './secure-socket.ts';
import { type ServerCertificate, serverCertificate } from './server-certificate.ts';

/** A server's certificate, and what speaks against it; undefined where an authority of the system vouches for it. */
export interface Inspection {
  readonly certificate: ServerCertificate;
  readonly distrust: string | undefined;
}

/**
 * Looks at the certificate of a server and sends it nothing: for trust on first use. Rejects with an UnreachedError, or the
 * signal's reason.
 */
export async function inspectServer(
  url: URL,
  { timeoutMs = 10_000, signal }: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
): Promise<Inspection> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  try {
    const socket = await new SecureSockets({ kind: 'system' }).open({
      host,
      port: Number(url.port || 443),
      timeoutMs,
      signal,
    });
    const shown = socket.getPeerX509Certificate();
    socket.destroy();
    if (shown === undefined) throw new Error('a trusted server without a certificate');
    return { certificate: serverCertificate(shown), distrust: undefined };
  } catch (error) {
    if (!(error instanceof CertificateNotTrustedError)) throw error;
    return { certificate: error.certificate, distrust: error.reason };
  }
}
