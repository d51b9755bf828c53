import type {
  Certificate,
  IpsecCaCertificate,
  IpsecPolicy,
  PolicyScope,
  PolicyUuid,
  Reference,
  RevocationList,
  RevocationMode,
} from '@esplanade/domain';
import type { Revision } from '@esplanade/store';
import type { AuditSettings } from './audit-settings.ts';

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
  /** Whether the address counts as the SVM's own. */
  readonly enabled: boolean;
}
/** How much of a path a role may use. Whatever may be used may be read. */
export const accessLevels = [
  'none',
  'readonly',
  'read_create',
  'read_modify',
  'read_create_modify',
  'all',
] as const;
export type AccessLevel = (typeof accessLevels)[number];
/** What a role may do with a path and everything below it, but for what another privilege says of a longer path. */
export interface Privilege {
  /** From `/api` on; `*` stands for any element where the path goes on behind a key. */
  readonly path: string;
  readonly access: AccessLevel;
}
/** A named set of privileges that accounts of its owner may have; what no privilege is about is not theirs. */
export interface Role {
  /** Unique among those of the SVM, or of the cluster; none of the built-in ones. */
  readonly name: string;
  readonly scope: PolicyScope;
  /** At least one; no two of one path. */
  readonly privileges: readonly Privilege[];
}
/** How an account proves who it is: by its password, or by a client certificate that has its name. */
export const authenticationMethods = ['password', 'certificate'] as const;
export type AuthenticationMethod = (typeof authenticationMethods)[number];
/** An account that may log in by its methods unless it is locked. */
export interface Account {
  /** Unique among those of the SVM, or of the cluster. */
  readonly name: string;
  readonly scope: PolicyScope;
  /** The name of one of its owner's roles, built-in or not. */
  readonly role: string;
  /** At least one. */
  readonly authenticationMethods: readonly AuthenticationMethod[];
  /** An argon2id encoding, never a password; there is one exactly if `password` is among the methods. */
  readonly passwordHash?: string;
  readonly isLocked: boolean;
  /** For people; means nothing to us. */
  readonly comment?: string;
}
/** The certificate revocation list that is kept for a CA, and where newer ones are. One of the two is there at least. */
export interface CaRevocationList {
  /** Of the CA's certificate, which stays while the list does. */
  readonly certificateUuid: string;
  /** Where lists are fetched from. */
  readonly url?: string;
  /** Absent until the first one was fetched. */
  readonly list?: RevocationList;
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
  /** At revision 0 where nobody has set them. */
  readonly auditSettings: Versioned<AuditSettings>;
  readonly policies: ReadonlyMap<PolicyUuid, Versioned<IpsecPolicy>>;
  readonly svms: ReadonlyMap<string, Versioned<Svm>>;
  readonly ipspaces: ReadonlyMap<string, Versioned<Ipspace>>;
  readonly interfaces: ReadonlyMap<string, Versioned<IpInterface>>;
  readonly certificates: ReadonlyMap<string, Versioned<Certificate>>;
  /** By the uuid of the certificate. */
  readonly ipsecCaCertificates: ReadonlyMap<string, Versioned<IpsecCaCertificate>>;
  /** By the uuid of the CA's certificate. */
  readonly revocationLists: ReadonlyMap<string, Versioned<CaRevocationList>>;
  /** By the uuid of an SVM, or `cluster`; who is not among them has `relaxed`. */
  readonly revocationModes: ReadonlyMap<string, Versioned<RevocationMode>>;
  /** By `accountId`. */
  readonly accounts: ReadonlyMap<string, Versioned<Account>>;
  /** Those that are not built in, by the `accountId` of owner and name. */
  readonly roles: ReadonlyMap<string, Versioned<Role>>;
}
