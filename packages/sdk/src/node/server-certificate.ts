import type { X509Certificate } from 'node:crypto';

/** What a person can check of a server's certificate. */
export interface ServerCertificate {
  /** On one line: `CN=filer, O=Example`. */
  readonly subject: string;
  readonly issuer: string;
  /** The names and addresses it is for: `DNS:filer.example.com`. */
  readonly names: readonly string[];
  readonly validFrom: Date;
  readonly validTo: Date;
  /** SHA-256 of the certificate: pairs of upper-case digits with colons between. */
  readonly fingerprint: string;
}

/** Of a certificate as Node has it. */
export function serverCertificate(certificate: X509Certificate): ServerCertificate {
  return {
    subject: onOneLine(certificate.subject),
    issuer: onOneLine(certificate.issuer),
    names: certificate.subjectAltName?.split(', ') ?? [],
    validFrom: certificate.validFromDate,
    validTo: certificate.validToDate,
    fingerprint: certificate.fingerprint256,
  };
}

/** A SHA-256 fingerprint in whatever way people write it, in ours; undefined when it is none. */
export function parseFingerprint(text: string): string | undefined {
  const digits = text
    .trim()
    .replace(/^sha-?256(?: fingerprint)?[:=]\s*/i, '')
    .replaceAll(/[:\s]/g, '')
    .toUpperCase();
  return /^[0-9A-F]{64}$/.test(digits) ? digits.replaceAll(/..(?=.)/g, '$&:') : undefined;
}

function onOneLine(name: string | undefined): string {
  return name?.split('\n').join(', ') ?? '';
}
