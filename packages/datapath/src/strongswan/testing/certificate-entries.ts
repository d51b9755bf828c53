import {
  anyIdentity,
  type Certificate,
  type Identity,
  type PkiCredentials,
  type PublicCertificate,
  type RevocationList,
  type RevocationMode,
  readCertificate,
  readCheckedRevocationList,
  Secret,
} from '@esplanade/domain';
import type { IssuedCertificate } from '@esplanade/domain/testing/certificates';
import { derOfPem } from '@esplanade/domain/testing/revocation-lists';
import type { DatapathEntry } from '../../datapath.ts';
import { type EntryChoices, entry } from './entries.ts';

/** What a test says about an entry that authenticates by certificates. */
export interface CertificateChoices extends EntryChoices {
  /** Ours. */
  readonly shown: IssuedCertificate;
  readonly intermediates?: readonly IssuedCertificate[];
  /** Certificates of CAs. */
  readonly believed: readonly IssuedCertificate[];
  readonly keepsSas?: boolean;
  /** Certificate revocation lists in PEM. */
  readonly lists?: readonly string[];
  readonly revocation?: RevocationMode;
  /** Our identity; the subject of the certificate if not given. */
  readonly ourName?: string;
  /** Whom we expect; anybody if not given. */
  readonly theirName?: string | undefined;
}

/** The entry of policy number `n`, which authenticates by certificates. */
export function certificateEntry(n: number, choices: CertificateChoices): DatapathEntry {
  const { shown, intermediates = [], believed, keepsSas = false, ourName, theirName, ...others } = choices;
  const { lists = [], revocation = 'relaxed', ...rest } = others;
  const certificate = installed(shown, intermediates);
  const anchors = believed.map((one) => read(one)).sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
  const credentials: PkiCredentials = {
    certificate,
    trust: { anchors, revocationLists: lists.map(listOf), revocation },
  };
  const { uuid, name } = certificate;
  return {
    ...entry(n, {
      ...rest,
      authentication: { kind: 'pki', certificate: { uuid, name }, keepsSas },
      ...(ourName === undefined ? {} : { localIdentity: named(ourName) }),
      remoteIdentity: theirName === undefined ? anyIdentity : named(theirName),
    }),
    credentials,
  };
}

function named(text: string): Identity {
  return { kind: 'text', text };
}

function read({ certificate }: IssuedCertificate): PublicCertificate {
  const content = readCertificate(certificate);
  if (content === undefined) throw new Error('not a certificate');
  return content;
}

function listOf(pem: string): RevocationList {
  const list = readCheckedRevocationList(derOfPem(pem));
  if (list === undefined) throw new Error('not a revocation list');
  return list;
}

function installed(own: IssuedCertificate, intermediates: readonly IssuedCertificate[]): Certificate {
  const content = read(own);
  return {
    uuid: content.sha256,
    name: content.commonName ?? '',
    scope: { kind: 'cluster' },
    type: 'server',
    content,
    intermediates: intermediates.map(read),
    privateKey: new Secret(
      Buffer.from(own.key.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64'),
      content.sha256,
    ),
  };
}
