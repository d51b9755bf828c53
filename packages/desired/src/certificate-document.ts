import {
  type Certificate,
  type CertificateType,
  certificateTypes,
  type PublicCertificate,
  readCertificate,
} from '@esplanade/domain';
import type { Deletable } from './documents.ts';
import { Fields } from './fields.ts';
import { keys } from './keys.ts';
import type { References } from './policy-document.ts';
import type { SecretBox } from './secret-box.ts';

/**
 * The stored form of a certificate: the PEM it was installed as, and its key sealed to this document. What the PEM says
 * is read again, so that it is kept once.
 */
export function writeCertificate(certificate: Certificate, box: SecretBox, isLeaving = false): string {
  const { uuid, name, scope, type, content, intermediates, privateKey } = certificate;
  return JSON.stringify({
    name,
    ...(scope.kind === 'svm' && { svm: scope.svm.uuid }),
    type,
    pem: content.pem,
    intermediates: intermediates.map(({ pem }) => ({ pem })),
    ...(privateKey && { privateKey: box.seal(privateKey.reveal(), place(uuid)) }),
    isLeaving,
  });
}

/** The inverse of `writeCertificate`. Throws MalformedDocumentError, or SealError for a key of another key file. */
export function readCertificateDocument(
  uuid: string,
  text: string,
  references: Pick<References, 'svm'>,
  box: SecretBox,
): Deletable<Certificate> {
  const fields = Fields.parse(keys.certificate(uuid), text);
  const record: Certificate = {
    uuid,
    name: fields.text('name'),
    scope: fields.has('svm') ? { kind: 'svm', svm: references.svm(fields.text('svm')) } : { kind: 'cluster' },
    type: fields.oneOf<CertificateType>('type', certificateTypes),
    content: fields.parsed('pem', readCertificate),
    intermediates: fields.objects('intermediates').map(readIntermediate),
    ...(fields.has('privateKey') && {
      privateKey: box.secret(box.open(fields.text('privateKey'), place(uuid))),
    }),
  };
  const isLeaving = fields.boolean('isLeaving');
  fields.end();
  return { record, isLeaving };
}

function readIntermediate(fields: Fields): PublicCertificate {
  const content = fields.parsed('pem', readCertificate);
  fields.end();
  return content;
}

function place(uuid: string): string {
  return `${keys.certificate(uuid)} privateKey`;
}
