import type { Versioned } from '@esplanade/desired';
import { type IpsecCaCertificate, isCaType } from '@esplanade/domain';
import {
  type ApiFailure,
  type CollectionResource,
  type CreateResult,
  type DeleteResult,
  exampleUuid,
  failure,
  genericErrors,
  isFailure,
  isKnownIn,
  type ParsedBody,
  type Principal,
  type WriteContext,
} from '@esplanade/ontap';
import { textOf, withoutNulls } from './body-reader.ts';
import { certificateErrors } from './certificate-error-codes.ts';
import { ipsecErrors } from './ipsec-error-codes.ts';
import { missing, recordReaders, writeErrors } from './named-record.ts';
import { removal } from './record-changes.ts';
import { recordErrors } from './record-error-codes.ts';
import { hrefs, referenceFields } from './reference-fields.ts';
import type { ResourceParts } from './resource-parts.ts';
import { revocationErrors } from './revocation-error-codes.ts';
import { isVisible } from './security-certificates.ts';
import { namedSvm } from './svm-reference.ts';
import { attemptWrite, writeFailure } from './write-failure.ts';

type Row = Versioned<IpsecCaCertificate>;

const key = 'certificate.uuid';

/** `/security/ipsec/ca-certificates`: the CA certificates that IPsec trusts when peers prove who they are. */
export function securityIpsecCaCertificates(parts: ResourceParts): CollectionResource<Row> {
  const { desired } = parts;
  return {
    kind: 'collection',
    path: '/security/ipsec/ca-certificates',
    svmAccess: ['GET', 'POST', 'DELETE'],
    title: 'IPsec CA certificates',
    since: '9.10.1',
    key,
    fields: {
      [key]: {
        type: 'string',
        description: 'UUID of the certificate, one of a CA in /security/certificates.',
        isDefault: true,
        writable: ['post'],
        isRequired: true,
        get: ({ value }) => value.certificate.uuid,
      },
      scope: {
        type: 'string',
        description: 'svm, or cluster for a certificate of no SVM.',
        enum: ['svm', 'cluster'],
        isDefault: true,
        get: ({ value }) => value.certificate.scope.kind,
      },
      ...referenceFields<Row>('svm', 'the SVM the certificate belongs to', svmOf, {
        isDefault: true,
        writable: ['post'],
      }),
    },
    examples: {
      // The UUID stands for that of a CA certificate that is there.
      post: { certificate: { uuid: exampleUuid }, svm: { name: 'svm1' } },
      record: { scope: 'svm', 'svm.name': 'svm1' },
    },
    errors: {
      POST: [
        recordErrors.missingField,
        ipsecErrors.unknownSvmName,
        ipsecErrors.unknownSvmUuid,
        genericErrors.svmsDisagree,
        certificateErrors.notInstalled,
        certificateErrors.notInstalledFormerly,
        revocationErrors.namesakeElsewhere,
        genericErrors.duplicateEntry,
        ...writeErrors,
      ],
      DELETE: [
        certificateErrors.notInstalledForIpsec,
        certificateErrors.notThereToRemove,
        recordErrors.changedMeanwhile,
        ...writeErrors,
      ],
    },
    links: {
      certificate: ({ value }) => hrefs.certificate(value.certificate.uuid),
      svm: (row) => {
        const svm = svmOf(row);
        return svm && hrefs.svm(svm.uuid);
      },
    },
    ...recordReaders(
      () => desired.snapshot().ipsecCaCertificates,
      ({ value }, principal) => isVisible({ value: value.certificate }, principal),
    ),
    missing: (uuid, principal, method) => (method === 'DELETE' ? notThere(uuid, principal) : undefined),
    create: (body, { principal }) => addCa(withoutNulls(body), principal),
    revision: ({ modified }) => modified,
    remove: removeCa,
  };

  async function addCa(body: ParsedBody, principal: Principal): Promise<CreateResult> {
    const uuid = textOf(body, key)?.toLowerCase();
    if (uuid === undefined) return missing(key);
    const snapshot = desired.snapshot();
    const svm = namedSvm(body, principal, snapshot);
    if (isFailure(svm)) return svm;
    const certificate = snapshot.certificates.get(uuid)?.value;
    const isThere =
      certificate !== undefined &&
      isCaType(certificate.type) &&
      // Without an SVM the certificate says itself whose it is.
      (svm === undefined || (certificate.scope.kind === 'svm' && certificate.scope.svm.uuid === svm.uuid));
    const notInstalled = isKnownIn(parts.ontapVersion, certificateErrors.notInstalled)
      ? certificateErrors.notInstalled
      : certificateErrors.notInstalledFormerly;
    const owner = svm === undefined ? 'the cluster or any SVM' : `SVM "${svm.name}"`;
    const absent = failure(notInstalled, { uuid, owner }, key);
    if (!isThere) return absent;
    const result = await attemptWrite(() => desired.createIpsecCaCertificates(uuid));
    if (isFailure(result)) return result;
    if (result.kind === 'written') return { kind: 'created', key: uuid, revision: result.revision };
    if (result.kind === 'not-found') return absent;
    return writeFailure(result, failure(genericErrors.duplicateEntry, {}, key));
  }

  async function removeCa({ value }: Row, context: WriteContext): Promise<DeleteResult> {
    const { uuid } = value.certificate;
    const result = await removal(
      context,
      () => desired.snapshot().ipsecCaCertificates.get(uuid),
      (expected) => desired.deleteIpsecCaCertificate(uuid, expected),
    );
    if (isFailure(result)) return result;
    if (result.kind === 'written') return { kind: 'deleted' };
    return result.kind === 'not-found'
      ? notThere(uuid, context.principal)
      : writeFailure(result, failure(genericErrors.duplicateEntry, {}, key));
  }

  function notThere(uuid: string, principal: Principal): ApiFailure {
    const row = desired.snapshot().certificates.get(uuid.toLowerCase());
    return row !== undefined && isVisible(row, principal)
      ? failure(certificateErrors.notInstalledForIpsec, {}, key)
      : failure(certificateErrors.notThereToRemove, {}, key);
  }
}

function svmOf({ value: { certificate } }: Row) {
  return certificate.scope.kind === 'svm' ? certificate.scope.svm : undefined;
}
