import type { Reference } from './policy.ts';
import type { CertificateDraft } from './policy-draft.ts';
import { type Parsed, quoted, valid } from './problem.ts';
import { problemKinds, refusal } from './problem-kinds.ts';

/** The certificates that policies of one owner may show. */
export interface OwnersCertificates {
  /** The SVM or the cluster, in words for messages. */
  readonly owner: string;
  /** All that are installed there, of whatever type. Asked only where a draft names one. */
  certificates(): Iterable<Reference & { readonly type: string }>;
}

/** ONTAP's types of certificates that are an end entity's own. */
const endEntityTypes = ['client', 'server'];

/**
 * The certificate that a draft names, by name, by UUID, or by both if they agree. It must be installed where the policy
 * belongs, and be one of an end entity: those of CAs prove who others are.
 */
export function findCertificate(
  { name, uuid }: CertificateDraft,
  { owner, certificates }: OwnersCertificates,
): Parsed<Reference> {
  const installed = [...certificates()];
  const byUuid = installed.find((one) => one.uuid === uuid);
  const byName = installed.find((one) => one.name === name);
  if (uuid !== undefined && byUuid === undefined) {
    const value = quoted(uuid);
    return refusal(problemKinds.certificateUuidNotFound, 'certificate.uuid', { value, owner });
  }
  if (name !== undefined && byName === undefined) {
    return refusal(problemKinds.certificateNotOnSvm, 'certificate.name', { value: quoted(name), owner });
  }
  if (byUuid !== undefined && byName !== undefined && byUuid !== byName) {
    const names = { name: quoted(byName.name), uuid: quoted(byUuid.uuid) };
    return refusal(problemKinds.certificatesDisagree, 'certificate.uuid', names);
  }
  const found = byUuid ?? byName;
  if (found === undefined) return refusal(problemKinds.pkiWithoutCertificate, 'certificate.uuid', {});
  if (!endEntityTypes.includes(found.type)) {
    const target = byUuid === undefined ? 'certificate.name' : 'certificate.uuid';
    return refusal(problemKinds.certificateType, target, { value: quoted(found.name), type: found.type });
  }
  return valid({ uuid: found.uuid, name: found.name });
}
