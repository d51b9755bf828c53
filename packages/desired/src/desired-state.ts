import type {
  Certificate,
  IpsecPolicy,
  PolicyScope,
  PolicyUuid,
  Problem,
  RevocationMode,
} from '@esplanade/domain';
import type { LogEntry, LogHead, LogRange, Revision } from '@esplanade/store';
import type { AuditSettings } from './audit-settings.ts';
import type {
  Account,
  CaRevocationList,
  DesiredSnapshot,
  IpInterface,
  IpsecConfig,
  Ipspace,
  Role,
  Svm,
} from './model.ts';

/** What a write came to: done at a revision, or why not. Never thrown for what the caller's user can mend. */
export type WriteResult =
  | { readonly kind: 'written'; readonly revision: Revision }
  /** The name is taken in its scope. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'not-found' }
  /** Another writer changed the record since `expected`. */
  | { readonly kind: 'conflict' }
  /** A rule over several records forbids it (a peer with two keys, a parent still in use). */
  | { readonly kind: 'refused'; readonly problem: Problem };

/** A policy before it has an age. */
export type NewPolicy = Omit<IpsecPolicy, 'createdRevision'>;

/** Says why a write must not be, by the very records that its commit rests on. */
export type Guard = (snapshot: DesiredSnapshot) => Problem | undefined;

/** In whose name a policy is written; without any of it, in an administrator's. */
export interface WriterRights {
  /** What belongs to no SVM, or to another one, is not told of. */
  readonly svmUuid?: string;
  /**
   * In that of an account of the SVM: policies may do nothing new to addresses that are not those of enabled interfaces of their
   * SVM, nor come to agree on keys with policies of another owner.
   */
  readonly isOfSvm?: boolean;
}

/**
 * Desired state as typed records over a Store: sealed secrets, uniqueness keys, a live snapshot that follows the
 * store's watch. A resolved write is visible in `snapshot()`.
 */
export interface DesiredState {
  /** The newest snapshot; O(1), never waits. */
  snapshot(): DesiredSnapshot;
  /** Called after each change with the new snapshot and what it means for policies, until unsubscribed. */
  subscribe(listener: (snapshot: DesiredSnapshot, changed: DesiredChange) => void): () => void;

  createPolicy(policy: NewPolicy, rights?: WriterRights): Promise<WriteResult>;
  /** Replaces the policy if it still is at `expected`. The uuid, scope and IPspace must not change. */
  updatePolicy(policy: IpsecPolicy, expected: Revision, rights?: WriterRights): Promise<WriteResult>;
  /** Whether all local addresses of a policy are those of enabled interfaces of its SVM; false where it has none. */
  isOnOwnAddresses(policy: IpsecPolicy): boolean;
  /** As every deletion with `expected`: `conflict` unless the record still is at it, as long as it takes to commit. */
  deletePolicy(uuid: PolicyUuid, expected?: Revision): Promise<WriteResult>;

  updateIpsecConfig(config: IpsecConfig, expected: Revision): Promise<WriteResult>;
  /** Replaces the settings if they still are at `expected`. */
  updateAuditSettings(settings: AuditSettings, expected: Revision): Promise<WriteResult>;
  createSvm(svm: Svm): Promise<WriteResult>;
  /**
   * Replaces the SVM if it still is at `expected`. Its uuid and IPspace must not change; all that refers to it shows
   * its name.
   */
  updateSvm(svm: Svm, expected: Revision): Promise<WriteResult>;
  deleteSvm(uuid: string, expected?: Revision): Promise<WriteResult>;
  createIpspace(ipspace: Ipspace): Promise<WriteResult>;
  deleteIpspace(uuid: string, expected?: Revision): Promise<WriteResult>;
  createInterface(ipInterface: IpInterface): Promise<WriteResult>;
  /** Replaces the interface if it still is at `expected`. Its uuid, SVM and IPspace must not change. */
  updateInterface(ipInterface: IpInterface, expected: Revision): Promise<WriteResult>;
  deleteInterface(uuid: string, expected?: Revision): Promise<WriteResult>;
  createCertificate(certificate: Certificate): Promise<WriteResult>;
  /** Refused while IPsec trusts it or a policy shows it. */
  deleteCertificate(uuid: string, expected?: Revision): Promise<WriteResult>;
  /**
   * All of them or none: `not-found` when one certificate is not there, `duplicate` when one is trusted already.
   * Whether they are of CAs is for the caller to know.
   */
  createIpsecCaCertificates(...certificateUuids: readonly string[]): Promise<WriteResult>;
  /** All of them or none: `not-found` when one is not trusted. */
  deleteIpsecCaCertificates(...certificateUuids: readonly string[]): Promise<WriteResult>;
  /** As `deleteIpsecCaCertificates` of one. */
  deleteIpsecCaCertificate(certificateUuid: string, expected?: Revision): Promise<WriteResult>;
  /**
   * `not-found` when there is no such certificate; that it is one of the CA that signed the list is for the caller to
   * know.
   */
  createRevocationList(record: CaRevocationList): Promise<WriteResult>;
  /** Replaces the record if it still is at `expected`. */
  updateRevocationList(record: CaRevocationList, expected: Revision): Promise<WriteResult>;
  deleteRevocationList(certificateUuid: string, expected?: Revision): Promise<WriteResult>;
  /** `expected` is the revision that the mode was set at, `unset` where it never was. */
  setRevocationMode(
    scope: PolicyScope,
    mode: RevocationMode,
    expected?: Revision | 'unset',
  ): Promise<WriteResult>;
  /**
   * Refused while its owner has no such role. Here and below, `guard` may refuse a write by the very records that its
   * commit rests on.
   */
  createAccount(account: Account, guard?: Guard): Promise<WriteResult>;
  /**
   * Replaces the account if it still is at `expected`. Its scope and name must not change. Refused for the last
   * administrator.
   */
  updateAccount(account: Account, expected: Revision, guard?: Guard): Promise<WriteResult>;
  deleteAccount(scope: PolicyScope, name: string, expected?: Revision, guard?: Guard): Promise<WriteResult>;
  /** Writes an account whether there is one or not. */
  putAccount(account: Account): Promise<WriteResult>;
  /** `duplicate` for the name of a built-in role too. */
  createRole(role: Role, guard?: Guard): Promise<WriteResult>;
  /** Replaces the role if it still is at `expected`. Its scope and name must not change. */
  updateRole(role: Role, expected: Revision, guard?: Guard): Promise<WriteResult>;
  /** Refused while accounts have it. */
  deleteRole(scope: PolicyScope, name: string, expected?: Revision, guard?: Guard): Promise<WriteResult>;

  /** Adds an entry to the audit log without a change. Resolves when it is on disk; rejects with UnavailableError when it cannot. */
  audit(entry: string): Promise<void>;
  /** Removes the audit log's entries below `before`, together with an entry that says so. */
  trimAudit(before: number, entry: string): Promise<void>;
  readAudit(range: LogRange): Promise<readonly LogEntry[]>;
  /** Where the audit log begins and ends; every seeded store has one. */
  auditHead(): Promise<LogHead>;
  /**
   * Seals with the first sealing key what is sealed with another; records and their revisions stay. Resolves when nothing is
   * left to do, rejects with UnavailableError when the store cannot write, or with the signal's reason.
   */
  sealAnew(signal: AbortSignal, onRemaining: (documents: number) => void): Promise<void>;
  /** How many stored values are sealed with which key, by its id. */
  countSealedValues(): Promise<ReadonlyMap<string, number>>;
  close(): Promise<void>;
}

/**
 * What changed between two snapshots, as far as followers care. `everything` after a re-list. `policies` changed
 * themselves, or in whom they believe: a CA certificate or a revocation list of their owner came or went.
 */
export type DesiredChange =
  | { readonly kind: 'everything' }
  | { readonly kind: 'some'; readonly policies: ReadonlySet<PolicyUuid>; readonly ipsec: boolean };
