import type { PolicyScope, Reference } from './policy.ts';
import type { PublicCertificate } from './public-certificate.ts';
import type { Secret } from './secret.ts';

/** What a certificate is installed for (ONTAP's `type`): an end entity's own, or a CA that vouches for others. */
export const certificateTypes = ['client', 'server', 'client_ca', 'server_ca', 'root_ca'] as const;
export type CertificateType = (typeof certificateTypes)[number];

/** Whether certificates of this type are those of a CA. */
export function isCaType(type: CertificateType): type is 'client_ca' | 'server_ca' | 'root_ca' {
  return type === 'client_ca' || type === 'server_ca' || type === 'root_ca';
}

/** An installed certificate. It never changes: a new one takes its place. */
export interface Certificate extends Reference {
  /** To whom it belongs. Only what has the same scope may use it (`isSameScope`). */
  readonly scope: PolicyScope;
  readonly type: CertificateType;
  /** What it says. */
  readonly content: PublicCertificate;
  /** Certificates of the CAs between it and the root, as given; empty for those of a CA. */
  readonly intermediates: readonly PublicCertificate[];
  /** Its key in PKCS#8 DER; end entities always have it, a `root_ca` if it may sign. */
  readonly privateKey?: Secret;
}

/** A CA certificate that IPsec trusts when peers prove who they are. There is one entry for a certificate at most. */
export interface IpsecCaCertificate {
  readonly certificate: Certificate;
}

/** Whether two things belong to the same SVM, or both to the cluster. */
export function isSameScope(a: PolicyScope, b: PolicyScope): boolean {
  return a.kind === 'svm' ? b.kind === 'svm' && a.svm.uuid === b.svm.uuid : b.kind === 'cluster';
}
