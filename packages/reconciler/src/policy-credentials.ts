import type { DatapathEntry } from '@esplanade/datapath';
import type { DesiredSnapshot } from '@esplanade/desired';
import {
  type IpsecPolicy,
  isProtecting,
  isSameScope,
  type PkiCredentials,
  type PolicyScope,
  type RevocationList,
  type SpdEntry,
  type Trust,
} from '@esplanade/domain';

/**
 * What policies that authenticate by certificates show and whom they believe, as of one snapshot of the desired state:
 * an SVM's policies believe that SVM's IPsec CA certificates and no others, those of the cluster only the cluster's.
 */
export class PolicyCredentials {
  readonly #snapshot: DesiredSnapshot;
  readonly #trusts: Map<string, Trust>;

  /** Whoever is believed as in `former`, those of another snapshot, is so by the same objects. */
  constructor(snapshot: DesiredSnapshot, former?: PolicyCredentials) {
    this.#snapshot = snapshot;
    this.#trusts =
      former !== undefined && believeAlike(snapshot, former.#snapshot) ? former.#trusts : new Map();
  }

  /** The entry with what carrying it out takes. */
  complete(entry: SpdEntry): DatapathEntry {
    const credentials = this.of(entry.policy);
    return credentials === undefined ? entry : { ...entry, credentials };
  }

  /** Those of a policy; `undefined` where it has none. */
  of({ action, authentication, scope }: IpsecPolicy): PkiCredentials | undefined {
    if (!isProtecting(action) || authentication.kind !== 'pki') return undefined;
    const certificate = this.#snapshot.certificates.get(authentication.certificate.uuid)?.value;
    // Whoever names a certificate keeps it from being deleted.
    return certificate && { certificate, trust: this.#trustOf(scope) };
  }

  #trustOf(scope: PolicyScope): Trust {
    const owner = scope.kind === 'svm' ? scope.svm.uuid : 'cluster';
    const known = this.#trusts.get(owner);
    if (known !== undefined) return known;
    const own = [...this.#snapshot.ipsecCaCertificates.values()].filter(({ value }) =>
      isSameScope(value.certificate.scope, scope),
    );
    const trust: Trust = {
      anchors: own.map(({ value }) => value.certificate.content).sort(bySha256),
      revocationLists: this.#listsOf(scope).sort(bySha256),
      revocation: this.#snapshot.revocationModes.get(owner)?.value ?? 'relaxed',
    };
    this.#trusts.set(owner, trust);
    return trust;
  }

  /**
   * Those of all CAs that the owner has installed: those between a remote and an anchor are not trusted by themselves.
   */
  #listsOf(scope: PolicyScope): RevocationList[] {
    const { certificates, revocationLists } = this.#snapshot;
    return [...revocationLists.values()].flatMap(({ value: { certificateUuid, list } }) => {
      const ca = certificates.get(certificateUuid)?.value;
      return list !== undefined && ca !== undefined && isSameScope(ca.scope, scope) ? [list] : [];
    });
  }
}

function believeAlike(one: DesiredSnapshot, other: DesiredSnapshot): boolean {
  return (
    one.certificates === other.certificates &&
    one.ipsecCaCertificates === other.ipsecCaCertificates &&
    one.revocationLists === other.revocationLists &&
    one.revocationModes === other.revocationModes
  );
}

function bySha256(a: { readonly sha256: string }, b: { readonly sha256: string }): number {
  return a.sha256 < b.sha256 ? -1 : a.sha256 > b.sha256 ? 1 : 0;
}
