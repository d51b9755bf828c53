import type { Certificate } from './certificate.ts';
import type { PublicCertificate } from './public-certificate.ts';
import type { RevocationList } from './revocation-list.ts';

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
  readonly revocationLists: readonly RevocationList[];
  readonly revocation: RevocationMode;
}

/** What a policy that authenticates by certificates shows, and whom it believes. */
export interface PkiCredentials {
  /** Of an end entity, with its key and intermediates. */
  readonly certificate: Certificate;
  readonly trust: Trust;
}
