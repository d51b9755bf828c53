import { X509Certificate } from 'node:crypto';
import { type CertificateEncoding, readEncoding } from './certificate-encoding.ts';
import { type CertificateKey, certificateKey } from './certificate-key.ts';
import { isOpensslError } from './openssl-error.ts';

/** The digest of a signature. */
export const hashFunctions = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const;
export type HashFunction = (typeof hashFunctions)[number];

/** What an X.509 certificate says (RFC 5280), read once. */
export interface PublicCertificate extends CertificateEncoding {
  /** One block, lines end in `\n` (RFC 7468). */
  readonly pem: string;
  /** SHA-256 of the encoding, 64 lower-case hex digits. */
  readonly sha256: string;
  /** The most specific common name of the subject. */
  readonly commonName?: string;
  /** Whoever issued it, in one line: its common name, else its whole name. */
  readonly issuer: string;
  /** Upper-case hex. */
  readonly serialNumber: string;
  /** Whether it says CA:TRUE; a version 1 certificate cannot. */
  readonly isCa: boolean;
  /** Whether it is signed with its own key. */
  readonly isSelfSigned: boolean;
  /** `undefined`: no key that IKE can use (RFC 7427, RFC 8420). */
  readonly key?: CertificateKey;
  /** The digest of its signature, where the algorithm has one of its own choosing. */
  readonly hash?: HashFunction;
}

/** Reads one PEM block; `undefined` when it is no certificate. */
export function readCertificate(pem: string): PublicCertificate | undefined {
  const x509 = openCertificate(pem);
  const encoding = x509 && readEncoding(x509.raw);
  if (x509 === undefined || encoding === undefined) return undefined;
  const { subject, issuer } = x509;
  const commonName = commonNameOf(subject);
  const key = certificateKey(x509);
  const hash = hashOf(x509.signatureAlgorithm);
  return {
    ...encoding,
    pem: x509.toString(),
    sha256: x509.fingerprint256.replaceAll(':', '').toLowerCase(),
    ...(commonName !== undefined && { commonName }),
    issuer: commonNameOf(issuer) ?? (issuer ?? '').replaceAll('\n', ', '),
    serialNumber: x509.serialNumber,
    isCa: x509.ca,
    isSelfSigned: key !== undefined && x509.verify(x509.publicKey),
    ...(key !== undefined && { key }),
    ...(hash !== undefined && { hash }),
  };
}

/** Whether `issuer` is who issued `certificate`: by names, identifiers, key usage and signature. */
export function isIssuedBy(certificate: PublicCertificate, issuer: PublicCertificate): boolean {
  const own = new X509Certificate(certificate.pem);
  const other = new X509Certificate(issuer.pem);
  return own.checkIssued(other) && own.verify(other.publicKey);
}

function openCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    if (isOpensslError(error)) return undefined;
    throw error;
  }
}

/**
 * `name` is a distinguished name as Node prints it: an attribute a line, or several with ` + ` between them; `\` before
 * what is special, and before the two digits of a control character, which stays so.
 */
function commonNameOf(name: string | undefined): string | undefined {
  const attributes = (name ?? '').split(/\n| \+ /);
  const names = attributes.flatMap((attribute) => (attribute.startsWith('CN=') ? [attribute.slice(3)] : []));
  return names.at(-1)?.replaceAll(/\\([^\dA-F])/g, '$1');
}

/** `algorithm` is OpenSSL's name of it: `sha256WithRSAEncryption`, `ecdsa-with-SHA256`. */
function hashOf(algorithm: string | undefined): HashFunction | undefined {
  const words = algorithm?.toLowerCase() ?? '';
  return hashFunctions.find((hash) => words.includes(hash));
}
