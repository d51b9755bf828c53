import { type Certificate, problemOf } from '@esplanade/domain';
import type { DocumentWrite, Revision } from '@esplanade/store';
import { holdCaNames } from './ca-namesakes.ts';
import { writeCertificate } from './certificate-document.ts';
import { claimDocument, ipsecCaDocument } from './documents.ts';
import { keys } from './keys.ts';
import type { DesiredSnapshot } from './model.ts';
import {
  absent,
  answer,
  at,
  holdSvm,
  isAsExpected,
  type Plan,
  type Present,
  refuse,
  refuseMissing,
} from './plan.ts';
import { certificateRefusals } from './refusal-kinds.ts';
import type { SecretBox } from './secret-box.ts';

/**
 * Two claims keep a scope's certificates apart: the name, and what the certificate says together with its type, so that
 * the same one is not installed twice under two names.
 */
export function planCertificateCreation(certificate: Certificate, box: SecretBox): Plan {
  const { uuid, name, scope } = certificate;
  return (present) => {
    const { records, snapshot } = present;
    if (snapshot.certificates.has(uuid)) return answer({ kind: 'conflict' });
    const contentKey = keys.certificateContent(certificate);
    if (records.claim(contentKey) !== undefined) {
      return refuse(problemOf(certificateRefusals.sameCertificate, 'public_certificate', {}));
    }
    const nameKey = keys.certificateName(scope, name);
    if (records.claim(nameKey) !== undefined) return answer({ kind: 'duplicate' });
    const svm = scope.kind === 'svm' ? holdSvm(present, scope.svm) : undefined;
    if (scope.kind === 'svm' && svm === undefined) return refuseMissing('svm.name', scope.svm);
    const claim = claimDocument.write(uuid);
    return {
      kind: 'commit',
      writes: [
        {
          kind: 'put',
          key: keys.certificate(uuid),
          value: writeCertificate(certificate, box),
          expect: absent,
        },
        { kind: 'put', key: nameKey, value: claim, expect: absent },
        { kind: 'put', key: contentKey, value: claim, expect: absent },
        ...(svm === undefined ? [] : [svm]),
      ],
    };
  };
}

/** In two steps, as `planSvmDeletion`: whoever begins to use the certificate meanwhile is seen. */
export function planCertificateDeletion(uuid: string, box: SecretBox, expected?: Revision): Plan {
  return ({ records, snapshot }, prepared) => {
    const before = snapshot.certificates.get(uuid);
    if (before === undefined) return answer({ kind: 'not-found' });
    if (!isAsExpected(before, expected, prepared)) return answer({ kind: 'conflict' });
    const user = userOfCertificate(snapshot, uuid);
    if (user !== undefined) {
      return refuse(problemOf(certificateRefusals.inUse, 'uuid', { name: before.value.name, user }));
    }
    const key = keys.certificate(uuid);
    if (!records.isLeaving(uuid)) {
      const value = writeCertificate(before.value, box, true);
      return { kind: 'prepare', writes: [{ kind: 'put', key, value, expect: at(before) }] };
    }
    return {
      kind: 'commit',
      writes: [
        { kind: 'delete', key, expect: at(before) },
        {
          kind: 'delete',
          key: keys.certificateName(before.value.scope, before.value.name),
          expect: { kind: 'any' },
        },
        { kind: 'delete', key: keys.certificateContent(before.value), expect: { kind: 'any' } },
      ],
    };
  };
}

/** Adds CA certificates to those that IPsec trusts, while none is a namesake of a CA in use elsewhere. */
export function planIpsecCaCreation(certificateUuids: readonly string[], box: SecretBox): Plan {
  return (present) => {
    const writes: DocumentWrite[] = [];
    const cas: Certificate[] = [];
    for (const uuid of new Set(certificateUuids)) {
      if (present.snapshot.ipsecCaCertificates.has(uuid)) return answer({ kind: 'duplicate' });
      const ca = present.snapshot.certificates.get(uuid)?.value;
      const certificate = holdCertificate(present, uuid, box);
      if (ca === undefined || certificate === undefined) return answer({ kind: 'not-found' });
      cas.push(ca);
      const key = keys.ipsecCaCertificate(uuid);
      writes.push({ kind: 'put', key, value: ipsecCaDocument.write(), expect: absent }, certificate);
    }
    const names = holdCaNames(present, cas);
    return names.kind === 'refused' ? names.step : { kind: 'commit', writes: [...writes, ...names.writes] };
  };
}

/** Takes CA certificates from those that IPsec trusts; the certificates themselves stay installed. */
export function planIpsecCaDeletion(certificateUuids: readonly string[], expected?: Revision): Plan {
  return ({ snapshot }) => {
    const writes: DocumentWrite[] = [];
    for (const uuid of new Set(certificateUuids)) {
      const before = snapshot.ipsecCaCertificates.get(uuid);
      if (before === undefined) return answer({ kind: 'not-found' });
      if (!isAsExpected(before, expected)) return answer({ kind: 'conflict' });
      writes.push({ kind: 'delete', key: keys.ipsecCaCertificate(uuid), expect: at(before) });
    }
    return { kind: 'commit', writes };
  };
}

/** The write that lets a record refer to a certificate; as `holdSvm`. */
export function holdCertificate(
  { records, snapshot }: Present,
  uuid: string,
  box: SecretBox,
): DocumentWrite | undefined {
  const certificate = snapshot.certificates.get(uuid);
  if (certificate === undefined) return undefined;
  const key = keys.certificate(uuid);
  if (!records.isLeaving(uuid)) return { kind: 'check', key, expect: at(certificate) };
  return { kind: 'put', key, value: writeCertificate(certificate.value, box), expect: at(certificate) };
}

/** What keeps a certificate from being deleted, for people. */
function userOfCertificate(
  { policies, ipsecCaCertificates, revocationLists }: DesiredSnapshot,
  uuid: string,
): string | undefined {
  if (ipsecCaCertificates.has(uuid)) return 'IPsec as a CA certificate';
  if (revocationLists.has(uuid)) return 'a certificate revocation list';
  for (const { value } of policies.values()) {
    const { authentication, name } = value;
    if (authentication.kind === 'pki' && authentication.certificate.uuid === uuid)
      return `IPsec policy "${name}"`;
  }
  return undefined;
}
