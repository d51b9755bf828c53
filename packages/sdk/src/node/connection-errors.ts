import { isIP } from 'node:net';
import { ConnectionError, type ConnectionErrorOptions } from '../errors.ts';
import type { ServerCertificate } from './server-certificate.ts';

/** Why there is no answer. */
export type Unreached =
  /** Nobody listens there. */
  | 'refused'
  /** The name has no address. */
  | 'not-resolved'
  /** The network knows no way there. */
  | 'no-route'
  /** The answer did not come in time, or not all of it. */
  | 'timed-out'
  /** The connection ended before the answer was whole. */
  | 'broken'
  /** Whoever listens there speaks no TLS; most often it is HTTP in clear. */
  | 'no-tls'
  /** The TLS handshake failed for a reason that is neither of the certificates. */
  | 'no-handshake'
  /** The proxy that the environment names is none, cannot be reached, or opens no way to the server. */
  | 'no-proxy'
  /** What came back is not HTTP. */
  | 'no-http'
  /** The answer has no end in sight, and was not read on. */
  | 'too-long';

const passing: ReadonlySet<Unreached> = new Set(['not-resolved', 'no-route', 'timed-out']);

/** There is no answer; `reason` says why. */
export class UnreachedError extends ConnectionError {
  override readonly name = 'UnreachedError';
  readonly reason: Unreached;

  constructor(reason: Unreached, message: string, options?: Omit<ConnectionErrorOptions, 'isMomentary'>) {
    const isMomentary = reason === 'refused' || reason === 'broken';
    super(message, { mayPass: isMomentary || passing.has(reason), ...options, isMomentary });
    this.reason = reason;
  }
}

/** The server showed a certificate that nobody vouches for. Nothing was sent to it. */
export class CertificateNotTrustedError extends ConnectionError {
  override readonly name = 'CertificateNotTrustedError';
  readonly certificate: ServerCertificate;
  /** What is wrong with it, as the end of a sentence: `it signed itself`. */
  readonly reason: string;

  constructor(server: string, certificate: ServerCertificate, reason: string) {
    super(`The certificate of ${server} is not trusted: ${reason}.`, { mayPass: false });
    this.certificate = certificate;
    this.reason = reason;
  }
}

/** The server showed another certificate than the one that is known. Nothing was sent to it. */
export class CertificateChangedError extends ConnectionError {
  override readonly name = 'CertificateChangedError';
  readonly certificate: ServerCertificate;
  /** SHA-256 fingerprint of the known one. */
  readonly expected: string;

  constructor(server: string, certificate: ServerCertificate, expected: string) {
    super(
      `The certificate of ${server} is not the known one: its SHA-256 fingerprint is ${certificate.fingerprint}, ` +
        `and that of the known one ${expected}.`,
      { mayPass: false },
    );
    this.certificate = certificate;
    this.expected = expected;
  }
}

const unreached: Readonly<Record<string, readonly [Unreached, (server: string) => string]>> = {
  ECONNREFUSED: ['refused', (server) => `Nobody listens at ${server}.`],
  ENOTFOUND: ['not-resolved', (server) => `The name in ${server} has no address.`],
  EAI_AGAIN: [
    'not-resolved',
    (server) => `The name in ${server} could not be looked up: no answer from DNS.`,
  ],
  EHOSTUNREACH: ['no-route', (server) => `There is no way to ${server}.`],
  ENETUNREACH: ['no-route', (server) => `There is no way to ${server}.`],
  ETIMEDOUT: ['timed-out', (server) => `${server} did not answer in time.`],
  ECONNRESET: ['broken', brokeOff],
  EPIPE: ['broken', brokeOff],
  HPE_HEADER_OVERFLOW: [
    'too-long',
    (server) => `The headers of the answer of ${server} are longer than is read of them.`,
  ],
  ERR_SSL_WRONG_VERSION_NUMBER: ['no-tls', noTls],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ['no-tls', noTls],
};

/** As errors name a server: `filer.example.com:443`, `[2001:db8::1]:8443`. */
export function serverOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** What is said of a connection that ended too early. */
export function brokeOff(server: string): string {
  return `The connection to ${server} broke off before there was a whole answer.`;
}

function noTls(server: string): string {
  return `What listens at ${server} speaks no TLS; a server of HTTP in clear, perhaps.`;
}

/** An error of Node's sockets, TLS or HTTP as one of ours. Ours stay what they are. */
export function toConnectionError(server: string, error: unknown, mayBeDone = false): ConnectionError {
  if (error instanceof ConnectionError) return error;
  const options = { cause: error, mayBeDone };
  const code = codeOf(error);
  const [reason, sentence] = unreached[code] ?? [undefined, undefined];
  if (reason !== undefined) return new UnreachedError(reason, sentence(server), options);
  if (code.startsWith('HPE_'))
    return new UnreachedError('no-http', `What ${server} answers is not HTTP.`, options);
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO')
    return new UnreachedError(
      'no-handshake',
      `No TLS connection to ${server}: ${reasonOfTls(error)}.`,
      options,
    );
  const detail = error instanceof Error ? error.message : String(error);
  return new UnreachedError('broken', `The connection to ${server} broke: ${detail}.`, options);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** OpenSSL's own reason, without its line numbers. */
function reasonOfTls(error: unknown): string {
  if (error instanceof Error && 'reason' in error && typeof error.reason === 'string') return error.reason;
  return error instanceof Error ? error.message : String(error);
}
