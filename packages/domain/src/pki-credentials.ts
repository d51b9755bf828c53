import type { Certificate } from './certificate.ts';
import type { PublicCertificate } from './public-certificate.ts';

/** A certificate revocation list (RFC 5280 5), as loaded into whatever checks certificates. */
export interface LoadedRevocationList {
  readonly der: Uint8Array;
  /** SHA-256 of the encoding, 64 lower-case hex digits. */
  readonly sha256: string;
}

/**
 * What becomes of a remote whose certificate's status is unknown, because no current list of its CA is there: `relaxed`
 * lets it in, `strict` does not. A revoked one never comes in.
 */
export type RevocationMode = 'relaxed' | 'strict';

/** Whom the policies of one owner believe (RFC 4301 4.4.3): the same object for all of them, until it changes. */
export interface Trust {
  /** The IPsec CA certificates of that owner, in order of `sha256`. None: nobody is believed. */
  readonly anchors: readonly PublicCertificate[];
  /** In order of `sha256`. */
  readonly revocationLists: readonly LoadedRevocationList[];
  readonly revocation: RevocationMode;
}

/** What a policy that authenticates by certificates shows, and whom it believes. */
export interface PkiCredentials {
  /** Of an end entity, with its key and intermediates. */
  readonly certificate: Certificate;
  readonly trust: Trust;
}
