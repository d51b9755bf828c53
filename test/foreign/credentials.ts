import {
  type IssuedCertificate,
  issueAuthority,
  issueHost,
  testKeys,
} from '@esplanade/domain/testing/certificates';
import type { LibreswanCredentials } from '../support/libreswan.ts';

/** Kind of the two ends' keys; what proves a host by it goes by its name, in our API as in Libreswan's database. */
export type KeyKind = 'ecdsa' | 'rsa';

/** What both ends need to prove themselves by certificates of one CA. */
export interface Credentials {
  readonly authority: string;
  readonly ours: ReadonlyMap<KeyKind, IssuedCertificate>;
  readonly libreswan: LibreswanCredentials;
}

/** Of each end: its other name. */
export const hostNames = { ours: 'ours.example.org', peer: 'peer.example.org' } as const;

/** Has a CA certify both ends for each kind of key. */
export function issueCredentials(kinds: readonly KeyKind[]): Credentials {
  const issuer = issueAuthority('/C=CH/O=Example/CN=authority');
  const host = (name: string, kind: KeyKind): IssuedCertificate =>
    issueHost({
      subject: subjectOf(name, kind).replace(/^|, /g, '/'),
      issuer,
      alternatives: [`DNS:${name}`],
      key: kind === 'rsa' ? testKeys.rsa(3072) : testKeys.ec,
    });
  return {
    authority: issuer.certificate,
    ours: new Map(kinds.map((kind) => [kind, host(hostNames.ours, kind)])),
    libreswan: {
      own: Object.fromEntries(kinds.map((kind) => [kind, host(hostNames.peer, kind)])),
      authorities: { authority: issuer.certificate },
    },
  };
}

/** The subject of a host's certificate. */
export function subjectOf(name: string, kind: KeyKind): string {
  return `C=CH, O=Example, OU=${kind}, CN=${name}`;
}
