import { randomUUID } from 'node:crypto';
import type { DesiredSnapshot } from '@esplanade/desired';
import {
  type Certificate,
  type CertificateParts,
  type CertificateType,
  certificateTypes,
  checkInstallation,
  type InstallationDraft,
  type PolicyScope,
} from '@esplanade/domain';
import {
  type ApiFailure,
  type CollectionResource,
  type CreateResult,
  failure,
  failureOf,
  genericErrors,
  isFailure,
  type ParsedBody,
  type Principal,
} from '@esplanade/ontap';
import { generateCertificate } from '../generated-certificate.ts';
import { textOf, textsOf, withoutNulls } from './body-reader.ts';
import { certificateErrors, certificateProblems } from './certificate-error-codes.ts';
import { type CertificateRow, certificateFields, certificateLinks } from './certificate-fields.ts';
import { certificateOrder } from './certificate-order.ts';
import { missing, recordReaders, writeErrors } from './named-record.ts';
import { deleteRecord } from './record-changes.ts';
import { recordErrors } from './record-error-codes.ts';
import type { ResourceParts } from './resource-parts.ts';
import { roleErrors } from './role-error-codes.ts';
import type { RoleGrants } from './role-grants.ts';
import { namedSvm } from './svm-reference.ts';
import { attemptWrite, joinedFailure, writeFailure } from './write-failure.ts';

const { inUse, ...installationErrors } = certificateProblems;
const longestName = 256;

/** `/security/certificates`: our own certificates and those of CAs, for IPsec to use those that it is told to. */
export function securityCertificates(
  parts: ResourceParts,
  grants: RoleGrants,
): CollectionResource<CertificateRow> {
  const { desired } = parts;
  return {
    kind: 'collection',
    path: '/security/certificates',
    svmAccess: ['GET', 'POST', 'DELETE'],
    title: 'Certificates',
    key: 'uuid',
    fields: certificateFields,
    links: certificateLinks,
    examples: {
      post: { name: 'coast', svm: { name: 'svm1' }, type: 'root_ca', common_name: 'coast.example.org' },
      record: {
        scope: 'svm',
        'svm.name': 'svm1',
        type: 'root_ca',
        ca: 'coast.example.org',
        hash_function: 'sha256',
      },
    },
    errors: {
      POST: [
        recordErrors.missingField,
        genericErrors.svmNotFound,
        genericErrors.svmsDisagree,
        genericErrors.duplicateEntry,
        certificateErrors.typeNotGenerated,
        certificateErrors.commonNameMissing,
        certificateErrors.commonNameInvalid,
        certificateErrors.keySizeUnsupported,
        certificateErrors.hashUnsupported,
        ...Object.values(installationErrors),
        roleErrors.loginCaNotYours,
        ...writeErrors,
      ],
      DELETE: [inUse, roleErrors.loginCaNotYours, recordErrors.changedMeanwhile, ...writeErrors],
    },
    ...recordReaders(() => desired.snapshot().certificates, isVisible),
    create: (body, { principal }) => createCertificate(parts, grants, withoutNulls(body), principal),
    revision: ({ modified }) => modified,
    remove: async ({ value: { uuid, type, scope } }, context) =>
      grants.refuseLoginCa(desired.snapshot(), context.principal, { type, scope }) ??
      deleteRecord(
        context,
        () => desired.snapshot().certificates.get(uuid),
        (expected) => desired.deleteCertificate(uuid, expected),
      ),
  };
}

/** Whether the principal may know of the certificate: an SVM's own are all that exist for it. */
export function isVisible(
  { value: { scope } }: Pick<CertificateRow, 'value'>,
  { svmUuid }: Principal,
): boolean {
  return svmUuid === undefined || (scope.kind === 'svm' && scope.svm.uuid === svmUuid);
}

async function createCertificate(
  parts: ResourceParts,
  grants: RoleGrants,
  body: ParsedBody,
  principal: Principal,
): Promise<CreateResult> {
  const scope = certificateScope(body, principal, parts.desired.snapshot());
  const type = certificateTypes.find((each) => each === textOf(body, 'type')) ?? missing('type');
  const name = certificateName(body);
  if (isFailure(scope) || isFailure(type) || isFailure(name)) return joinedFailure(scope, type, name);
  const refused = grants.refuseLoginCa(parts.desired.snapshot(), principal, { type, scope });
  if (refused !== undefined) return refused;
  const draft = await installationDraft(body, type);
  if (isFailure(draft)) return draft;
  const checked = checkInstallation(draft, { nowMs: Date.now(), fingerprint: parts.fingerprint });
  if (checked.kind === 'valid') return install(parts, { ...checked.value, scope }, name);
  const failed = failureOf(checked.problems);
  if (failed === undefined) throw new Error('a certificate was found invalid without saying why');
  return failed;
}

/** Under the name given, or else under the first of several that nobody has. */
async function install(
  { desired }: ResourceParts,
  certificate: CertificateParts & Pick<Certificate, 'scope'>,
  givenName: string | undefined,
): Promise<CreateResult> {
  const uuid = randomUUID();
  const duplicateName = failure(genericErrors.duplicateEntry, {}, 'name');
  for (const name of givenName === undefined ? madeNames(certificate, uuid) : [givenName]) {
    const result = await attemptWrite(() => desired.createCertificate({ ...certificate, uuid, name }));
    if (isFailure(result)) return result;
    if (result.kind === 'written') return { kind: 'created', key: uuid, revision: result.revision };
    if (result.kind !== 'duplicate') return writeFailure(result, duplicateName);
  }
  return duplicateName;
}

/** The last one is nobody else's for certain. */
function madeNames({ content, type }: CertificateParts, uuid: string): readonly string[] {
  const subject = [...(content.commonName ?? '')].slice(0, 64).join('');
  const name = `${subject}_${content.serialNumber}`;
  return [name, `${name}_${type}`, `${name}_${uuid}`];
}

/** What is to be installed: the certificate that the body brings, or one that is made now. */
async function installationDraft(
  body: ParsedBody,
  type: CertificateType,
): Promise<InstallationDraft | ApiFailure> {
  const publicCertificate = textOf(body, 'public_certificate');
  const privateKey = textOf(body, 'private_key');
  const intermediates = textsOf(body, 'intermediate_certificates');
  if (publicCertificate !== undefined) {
    return {
      type,
      publicCertificate,
      ...(privateKey !== undefined && { privateKey }),
      ...(intermediates !== undefined && { intermediates }),
    };
  }
  if (privateKey !== undefined || intermediates !== undefined) return missing('public_certificate');
  const order = certificateOrder(body, type, Date.now());
  if (isFailure(order)) return order;
  const made = await generateCertificate(order);
  return { type, publicCertificate: made.certificate, privateKey: made.key };
}

/** The SVM that the body names or the request is for; without one the cluster. */
function certificateScope(
  body: ParsedBody,
  principal: Principal,
  snapshot: DesiredSnapshot,
): PolicyScope | ApiFailure {
  const unknown = (given: string, target: string) =>
    failure(genericErrors.svmNotFound, { svm: given }, target);
  const svm = namedSvm(body, principal, snapshot, unknown);
  if (isFailure(svm)) return svm;
  return svm === undefined ? { kind: 'cluster' } : { kind: 'svm', svm: { uuid: svm.uuid, name: svm.name } };
}

function certificateName(body: ParsedBody): string | undefined | ApiFailure {
  const name = textOf(body, 'name');
  if (name === undefined) return undefined;
  const isName = name.trim() === name && name !== '' && [...name].length <= longestName;
  if (isName && !/\p{C}/u.test(name)) return name;
  const expected = `1 to ${longestName} characters, without control characters and spaces at the ends`;
  return failure(genericErrors.invalidValue, { value: name, field: 'name', expected }, 'name');
}
