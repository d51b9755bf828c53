import type { Versioned } from '@esplanade/desired';
import {
  type Certificate,
  certificateTypes,
  hashFunctions,
  type SubjectAlternatives,
} from '@esplanade/domain';
import type { Field, Links } from '@esplanade/ontap';
import { hrefs, referenceFields } from './reference-fields.ts';

/** A certificate as the collection holds it. */
export type CertificateRow = Versioned<Certificate>;

const created = ['post'] as const;

/** The wire form of a certificate, ONTAP's fields. */
export const certificateFields: Readonly<Record<string, Field<CertificateRow>>> = {
  uuid: {
    type: 'string',
    description: 'Unique identifier of the certificate.',
    isDefault: true,
    filterSince: '9.8',
    get: ({ value }) => value.uuid,
  },
  name: {
    type: 'string',
    description:
      'Name, unique in its SVM or in the cluster scope; without it one is made of the common name and the serial number.',
    since: '9.8',
    isDefault: true,
    writable: created,
    example: 'coast',
    get: ({ value }) => value.name,
  },
  scope: {
    type: 'string',
    description: 'svm, or cluster for a certificate of no SVM.',
    enum: ['svm', 'cluster'],
    isDefault: true,
    get: ({ value }) => value.scope.kind,
  },
  ...referenceFields<CertificateRow>('svm', 'the SVM the certificate belongs to', svmOf, {
    isDefault: true,
    writable: created,
  }),
  type: {
    type: 'keyword',
    description:
      'What it is for: server and client are our own, server_ca and client_ca those of CAs, root_ca that of a CA of our own.',
    enum: certificateTypes,
    writable: created,
    isRequired: true,
    get: ({ value }) => value.type,
  },
  common_name: {
    type: 'string',
    description: 'Common name of the subject. Needed to generate a certificate, else it says it itself.',
    writable: created,
    example: 'coast.example.org',
    get: ({ value }) => value.content.commonName,
  },
  ca: {
    type: 'string',
    description: 'Who issued it: the common name, or the whole name of who has none.',
    get: ({ value }) => value.content.issuer,
  },
  serial_number: {
    type: 'string',
    description: 'Serial number, upper-case hexadecimal.',
    letterCase: 'upper',
    example: '15428D45CF81CF56',
    get: ({ value }) => value.content.serialNumber,
  },
  expiry_time: {
    type: 'datetime',
    description:
      'When it expires. To generate one: a date, or a duration from now as P365DT (default), 1 day to 10 years.',
    writable: created,
    isReadByResource: true,
    get: ({ value }) => new Date(value.content.notAfterMs).toISOString().replace('.000Z', 'Z'),
  },
  hash_function: {
    type: 'string',
    description: 'Digest of its signature. To generate one: sha256 (default), sha384 or sha512.',
    enum: hashFunctions,
    writable: created,
    get: ({ value }) => value.content.hash,
  },
  key_size: {
    type: 'integer',
    description: 'Bits of its key. To generate one: 2048 (default) or 3072, RSA.',
    writable: created,
    example: 2048,
    get: ({ value }) => value.content.key?.bits,
  },
  subject_key_identifier: {
    type: 'string',
    description: 'Identifier of its key.',
    letterCase: 'upper',
    since: '9.8',
    get: ({ value }) => value.content.subjectKeyIdentifier,
  },
  authority_key_identifier: {
    type: 'string',
    description: 'Identifier of the key it is signed with.',
    letterCase: 'upper',
    since: '9.8',
    get: ({ value }) => value.content.authorityKeyIdentifier,
  },
  ...alternativeFields(),
  public_certificate: {
    type: 'string',
    description: 'The certificate in PEM. Without it one is generated, signed with its own key.',
    writable: created,
    isOpaque: true,
    get: ({ value }) => value.content.pem,
  },
  private_key: {
    type: 'string',
    description: 'Its key in PEM, not encrypted, never shown.',
    writable: created,
    notFilterable: true,
  },
  intermediate_certificates: {
    type: 'strings',
    description: 'Certificates in PEM of the CAs between it and the root.',
    writable: created,
    isOpaque: true,
    get: ({ value }) => unlessEmpty(value.intermediates.map(({ pem }) => pem)),
  },
};

/** `_links` of what a certificate refers to. */
export const certificateLinks: Links<CertificateRow> = {
  svm: (row) => {
    const svm = svmOf(row);
    return svm && hrefs.svm(svm.uuid);
  },
};

function svmOf({ value }: CertificateRow) {
  return value.scope.kind === 'svm' ? value.scope.svm : undefined;
}

function alternativeFields(): Readonly<Record<string, Field<CertificateRow>>> {
  const field = (kind: keyof SubjectAlternatives, what: string): Field<CertificateRow> => ({
    type: 'strings',
    description: `${what} of the subject beside its name.`,
    since: '9.15.1',
    get: ({ value }) => unlessEmpty(value.content.subjectAlternatives[kind]),
  });
  return {
    'subject_alternatives.dns': field('dns', 'Host names'),
    'subject_alternatives.email': field('email', 'Mail addresses'),
    'subject_alternatives.ip': field('ip', 'IP addresses'),
    'subject_alternatives.uri': field('uri', 'URIs'),
  };
}

function unlessEmpty(texts: readonly string[]): readonly string[] | undefined {
  return texts.length === 0 ? undefined : texts;
}
