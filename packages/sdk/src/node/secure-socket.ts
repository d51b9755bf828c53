import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext, TLSSocket } from 'node:tls';
import {
  CertificateChangedError,
  CertificateNotTrustedError,
  serverOf,
  toConnectionError,
  UnreachedError,
} from './connection-errors.ts';
import type { Destination } from './destination.ts';
import { parseFingerprint, type ServerCertificate, serverCertificate } from './server-certificate.ts';

// An import would read all that the module exports, among it every authority that Node knows, whether wanted or not.
const { connect, createSecureContext, getCACertificates } = process.getBuiltinModule('node:tls');

/** Which servers are believed to be who they say. */
export type ServerTrust =
  /** Those that an authority vouches for: one that Node knows (with `NODE_EXTRA_CA_CERTS`), else one of the system's. */
  | { readonly kind: 'system' }
  /** Those that one of these authorities vouches for: certificates in PEM, one after the other. */
  | { readonly kind: 'authorities'; readonly pem: string }
  /** The one with this certificate, whoever signed it and however old it is. SHA-256, with or without colons. */
  | { readonly kind: 'certificate'; readonly fingerprint: string }
  /** Anyone. For tests: whoever is in between reads and changes everything, the password first. */
  | { readonly kind: 'anyone' };

/** What we prove who we are with. */
export interface ClientCertificate {
  /** PEM, with the certificates between it and its authority behind it. */
  readonly certificate: string;
  /** PEM. */
  readonly privateKey: string;
}

/** A connection to a server that is trusted. */
export interface SecureConnection {
  readonly socket: TLSSocket;
  readonly certificate: ServerCertificate;
}

/** Opens TLS connections to servers that are trusted, and to no others. */
export class SecureSockets {
  readonly #trust: ServerTrust;
  readonly #contexts: Iterable<() => SecureContext>;

  /** Throws a RangeError when the fingerprint is none, and OpenSSL's error when a certificate or key cannot be read. */
  constructor(trust: ServerTrust, clientCertificate?: ClientCertificate) {
    this.#trust = trust.kind === 'certificate' ? pinned(trust.fingerprint) : trust;
    this.#contexts = authoritiesOf(trust).map((authorities) => {
      let context: SecureContext | undefined;
      return () => {
        context ??= createSecureContext({
          ...authorities(),
          ...(clientCertificate && {
            cert: clientCertificate.certificate,
            key: clientCertificate.privateKey,
          }),
        });
        return context;
      };
    });
  }

  /**
   * Connects, and looks at the certificate before anything is sent. Rejects with a ConnectionError, or with the reason of
   * the signal.
   */
  async open(to: Destination): Promise<SecureConnection> {
    let refusal: unknown;
    for (const context of this.#contexts) {
      const socket = await handshake(to, context(), await wayTo(to));
      try {
        const certificate = shownBy(socket, serverOf(to));
        this.#examine(socket, certificate, serverOf(to));
        return { socket, certificate };
      } catch (error) {
        socket.destroy();
        refusal = error;
      }
    }
    throw refusal;
  }

  #examine(socket: TLSSocket, certificate: ServerCertificate, server: string): void {
    if (this.#trust.kind === 'anyone') return;
    if (this.#trust.kind === 'certificate') {
      const { fingerprint } = this.#trust;
      if (certificate.fingerprint !== fingerprint)
        throw new CertificateChangedError(server, certificate, fingerprint);
    } else if (!socket.authorized) {
      throw new CertificateNotTrustedError(server, certificate, distrust(socket.authorizationError));
    }
  }
}

/** Node 24 tells it once: asked again it says that there is none. */
function shownBy(socket: TLSSocket, server: string): ServerCertificate {
  const shown = socket.getPeerX509Certificate();
  if (shown === undefined) throw new UnreachedError('no-handshake', `${server} shows no certificate.`);
  return serverCertificate(shown);
}

function pinned(text: string): ServerTrust {
  const fingerprint = parseFingerprint(text);
  if (fingerprint === undefined) throw new RangeError(`not a SHA-256 fingerprint: ${text}`);
  return { kind: 'certificate', fingerprint };
}

/** To be tried one after the other: reading the system's takes a tenth of a second, so they come last. */
function authoritiesOf(trust: ServerTrust): readonly (() => { readonly ca?: string | string[] })[] {
  if (trust.kind === 'system') return [() => ({}), () => ({ ca: getCACertificates('system') })];
  if (trust.kind === 'authorities') return [() => ({ ca: trust.pem })];
  return [() => ({ ca: [] })];
}

/** What a proxy has opened, where the environment names one; this is read only then. */
async function wayTo(to: Destination): Promise<Duplex | undefined> {
  const { proxyEnv = {} } = to;
  if (!proxyEnv['https_proxy'] && !proxyEnv['HTTPS_PROXY']) return undefined;
  const { openTunnel, proxyFor } = await import('./proxy.ts');
  const proxy = proxyFor(to, proxyEnv);
  return proxy && openTunnel(proxy, to);
}

function handshake(
  to: Destination,
  secureContext: SecureContext,
  way: Duplex | undefined,
): Promise<TLSSocket> {
  const { host, port, timeoutMs, signal } = to;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const socket = connect({
      ...(way === undefined ? { host, port } : { socket: way, host }),
      secureContext,
      ...(isIP(host) === 0 && { servername: host }),
      ALPNProtocols: ['http/1.1'],
      // Looked at in #examine, which says what is wrong.
      rejectUnauthorized: false,
    });
    const fail = (error: unknown): void => {
      settle();
      socket.on('error', () => socket.destroy());
      socket.destroy();
      reject(error);
    };
    const abort = (): void => fail(signal?.reason);
    const late = setTimeout(
      () =>
        fail(new UnreachedError('timed-out', `No connection to ${serverOf(to)} in ${timeoutMs / 1000} s.`)),
      timeoutMs,
    );
    const broken = (error: Error): void => fail(toConnectionError(serverOf(to), error));
    const settle = (): void => {
      clearTimeout(late);
      signal?.removeEventListener('abort', abort);
      socket.off('error', broken);
    };
    signal?.addEventListener('abort', abort, { once: true });
    socket.on('error', broken);
    socket.once('secureConnect', () => {
      settle();
      resolve(socket);
    });
  });
}

const distrusted: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it signed itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'no authority that is known here signed it',
  UNABLE_TO_GET_ISSUER_CERT: 'no authority that is known here signed it',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'no authority that is known here signed it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'no authority that is known here signed it',
  INVALID_PURPOSE: 'it is not one for servers',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
};

/** Node has codes where its types say errors. */
function distrust(error: unknown): string {
  const code = String(error);
  return distrusted[code] ?? `OpenSSL says ${code}`;
}
