import type { Certificate, IpsecCaCertificate, IpsecPolicy, PolicyUuid, Reference } from '@esplanade/domain';
import type { Revision } from '@esplanade/store';

/** Cluster-wide IPsec switch and settings (ONTAP `/security/ipsec`). */
export interface IpsecConfig {
  readonly enabled: boolean;
  readonly replayWindow: number;
  readonly offloadEnabled: boolean;
}

export interface Cluster extends Reference {
  readonly kind: 'cluster';
}
export interface ClusterNode extends Reference {
  readonly serialNumber: string;
}
export interface Ipspace extends Reference {}
export interface Svm extends Reference {
  readonly ipspace: Reference;
  /** For people; means nothing to us. */
  readonly comment?: string;
}
/** A logical interface: an address an SVM (or the IPspace, for cluster scope) owns. */
export interface IpInterface extends Reference {
  readonly svm?: Reference;
  readonly ipspace: Reference;
  readonly address: string;
  /** Prefix length. */
  readonly netmask: number;
  readonly enabled: boolean;
}
/** An account that may log in; `passwordHash` is an argon2id encoding, never a password. */
export interface Account {
  readonly name: string;
  readonly role: 'admin';
  readonly passwordHash: string;
}
/** Which datapath this data directory was born on (decision 12). Never changes. */
export interface DatapathChoice {
  readonly kind: 'strongswan' | 'simulated';
}

/** A record with the revision of its last change: what `If`-conditions and PATCH read-modify-write hold on to. */
export interface Versioned<T> {
  readonly value: T;
  readonly created: Revision;
  readonly modified: Revision;
}

/**
 * Everything desired, at one revision, immutable. Maps keep insertion order by uuid (instances) so walks are stable.
 */
export interface DesiredSnapshot {
  readonly revision: Revision;
  readonly cluster: Cluster;
  readonly node: ClusterNode;
  readonly datapath: DatapathChoice;
  readonly ipsec: Versioned<IpsecConfig>;
  readonly policies: ReadonlyMap<PolicyUuid, Versioned<IpsecPolicy>>;
  readonly svms: ReadonlyMap<string, Versioned<Svm>>;
  readonly ipspaces: ReadonlyMap<string, Versioned<Ipspace>>;
  readonly interfaces: ReadonlyMap<string, Versioned<IpInterface>>;
  readonly certificates: ReadonlyMap<string, Versioned<Certificate>>;
  /** By the uuid of the certificate. */
  readonly ipsecCaCertificates: ReadonlyMap<string, Versioned<IpsecCaCertificate>>;
  readonly accounts: ReadonlyMap<string, Versioned<Account>>;
}
