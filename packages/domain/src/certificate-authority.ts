import { areEqualNames, lowerCase } from './distinguished-name.ts';
import type { PublicCertificate } from './public-certificate.ts';

/** What of a CA's certificate tells its revocation lists from those of others. */
export type CertificateAuthority = Pick<
  PublicCertificate,
  'subject' | 'subjectKeyIdentifier' | 'publicKeyIdentifier'
>;

/**
 * By what the CA's revocation lists name its key (RFC 5280 5.2.1), pairs of upper-case hex digits with colons between
 * them: its subject key identifier, or where it has none the digest of its public key.
 */
export function authorityKeyIdentifierOf(ca: CertificateAuthority): string {
  const digits = ca.publicKeyIdentifier.toUpperCase().match(/../g) ?? [];
  return ca.subjectKeyIdentifier ?? digits.join(':');
}

/** Text that is equal for CAs whose names are one to IKE daemons (`areEqualNames`). */
export function caNameKey({ subject }: CertificateAuthority): string {
  return JSON.stringify(subject.map(({ attribute, value }) => [attribute, lowerCase(value)]));
}

/** Whether two certificates are of one CA: the same name and the same public key. */
export function isSameAuthority(one: CertificateAuthority, other: CertificateAuthority): boolean {
  return one.publicKeyIdentifier === other.publicKeyIdentifier && areEqualNames(one.subject, other.subject);
}

/**
 * Whether two CAs have different keys, and a name or a key identifier in common: strongSwan keeps one revocation list for
 * both, whichever has the higher number (mem_cred.c, add_crl).
 */
export function areNamesakes(one: CertificateAuthority, other: CertificateAuthority): boolean {
  return (
    one.publicKeyIdentifier !== other.publicKeyIdentifier &&
    (areEqualNames(one.subject, other.subject) ||
      authorityKeyIdentifierOf(one) === authorityKeyIdentifierOf(other))
  );
}
