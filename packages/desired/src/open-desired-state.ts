import type { Certificate, IpsecPolicy, PolicyScope, PolicyUuid, RevocationMode } from '@esplanade/domain';
import {
  ConflictError,
  type LogEntry,
  type LogHead,
  type LogRange,
  type Revision,
  type Store,
  StoreOpenError,
} from '@esplanade/store';
import { owningInterfaces } from './address-ownership.ts';
import type { AuditLog, AuditSource } from './audit-log.ts';
import type { AuditSettings } from './audit-settings.ts';
import type {
  DesiredChange,
  DesiredState,
  Guard,
  NewPolicy,
  WriteResult,
  WriterRights,
} from './desired-state.ts';
import { accountDocument, ipsecDocument } from './documents.ts';
import { MalformedDocumentError } from './fields.ts';
import { Follower } from './follower.ts';
import { KeyEnds } from './key-ends.ts';
import { keys } from './keys.ts';
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
import { openAuditedStore } from './open-audited-store.ts';
import { answer, at, type Plan } from './plan.ts';
import { planAccountCreation, planAccountDeletion, planAccountUpdate } from './plan-account.ts';
import { planAuditSettings } from './plan-audit-settings.ts';
import {
  planCertificateCreation,
  planCertificateDeletion,
  planIpsecCaCreation,
  planIpsecCaDeletion,
} from './plan-certificate.ts';
import {
  planInterfaceCreation,
  planInterfaceDeletion,
  planIpspaceCreation,
  planIpspaceDeletion,
  planSvmCreation,
  planSvmDeletion,
} from './plan-owner.ts';
import { planInterfaceUpdate, planSvmUpdate } from './plan-owner-update.ts';
import { planPolicyCreation, planPolicyDeletion, planPolicyUpdate } from './plan-policy.ts';
import {
  planRevocationListCreation,
  planRevocationListDeletion,
  planRevocationListUpdate,
  planRevocationMode,
} from './plan-revocation.ts';
import { planRoleCreation, planRoleDeletion, planRoleUpdate } from './plan-role.ts';
import { defaultPolicyLimits, type PolicyLimits, PolicyPlaces } from './policy-places.ts';
import { countSealedValues, sealAnew } from './resealing.ts';
import { SealError, type SecretBox } from './secret-box.ts';
import type { Seed } from './seed.ts';

/** What desired state is kept in, sealed with, and begins with. */
export interface DesiredStateOptions extends AuditSource {
  readonly store: Store;
  readonly secretBox: SecretBox;
  readonly seed: Seed;
  readonly limits?: PolicyLimits;
}

/** Each attempt fails only because another writer got ahead; beyond this many the caller hears `conflict`. */
const maxAttempts = 20;

/**
 * Opens the desired state, seeding a fresh store in one commit. Rejects with StoreOpenError when the key file is not
 * this data's or a document is not readable. The store stays the caller's to close, after this.
 */
export async function openDesiredState({
  store,
  secretBox,
  seed,
  limits = defaultPolicyLimits,
  ...source
}: DesiredStateOptions): Promise<DesiredState> {
  const { listing, audit } = await openAuditedStore(store, secretBox, seed, source);
  try {
    const follower = await Follower.start(store, secretBox, listing);
    return await StoredDesiredState.start({ store, secretBox, follower, audit, limits });
  } catch (cause) {
    if (!(cause instanceof MalformedDocumentError || cause instanceof SealError)) throw cause;
    throw new StoreOpenError(`the data cannot be read: ${cause.message}`, { cause });
  }
}

interface Parts {
  readonly store: Store;
  readonly secretBox: SecretBox;
  readonly follower: Follower;
  readonly audit: AuditLog;
  readonly limits: PolicyLimits;
}

class StoredDesiredState implements DesiredState {
  readonly #store: Store;
  readonly #box: SecretBox;
  readonly #follower: Follower;
  readonly #audit: AuditLog;
  readonly #keyEnds: KeyEnds;
  readonly #places: PolicyPlaces;

  private constructor({ store, secretBox, follower, audit, limits }: Parts) {
    this.#store = store;
    this.#box = secretBox;
    this.#follower = follower;
    this.#audit = audit;
    this.#keyEnds = new KeyEnds(this);
    this.#places = new PolicyPlaces(limits);
  }

  /** Replaced keys whose time has come while nobody was there are gone before anybody sees them. */
  static async start(parts: Parts): Promise<StoredDesiredState> {
    const state = new StoredDesiredState(parts);
    await state.#keyEnds.endDue();
    return state;
  }

  snapshot(): DesiredSnapshot {
    return this.#follower.present.snapshot;
  }

  subscribe(listener: (snapshot: DesiredSnapshot, changed: DesiredChange) => void): () => void {
    return this.#follower.subscribe(listener);
  }

  createPolicy(policy: NewPolicy, rights: WriterRights = {}): Promise<WriteResult> {
    return this.#places.take(policy, this.#follower.present, () =>
      this.#write(planPolicyCreation(policy, this.#box, rights)),
    );
  }

  updatePolicy(policy: IpsecPolicy, expected: Revision, rights: WriterRights = {}): Promise<WriteResult> {
    return this.#write(planPolicyUpdate(policy, expected, this.#box, rights));
  }

  isOnOwnAddresses({ scope, ipspace, selector }: IpsecPolicy): boolean {
    if (scope.kind === 'cluster') return false;
    const owner = { svmUuid: scope.svm.uuid, ipspaceUuid: ipspace.uuid };
    return owningInterfaces(this.#follower.present, selector.local, owner) !== undefined;
  }

  deletePolicy(uuid: PolicyUuid, expected?: Revision): Promise<WriteResult> {
    return this.#write(planPolicyDeletion(uuid, expected));
  }

  updateIpsecConfig(config: IpsecConfig, expected: Revision): Promise<WriteResult> {
    return this.#write(({ snapshot: { ipsec } }) => {
      if (ipsec.modified !== expected) return answer({ kind: 'conflict' });
      const value = ipsecDocument.write(config);
      return { kind: 'commit', writes: [{ kind: 'put', key: keys.ipsec, value, expect: at(ipsec) }] };
    });
  }

  updateAuditSettings(settings: AuditSettings, expected: Revision): Promise<WriteResult> {
    return this.#write(planAuditSettings(settings, expected));
  }

  createSvm(svm: Svm): Promise<WriteResult> {
    return this.#write(planSvmCreation(svm));
  }

  updateSvm(svm: Svm, expected: Revision): Promise<WriteResult> {
    return this.#write(planSvmUpdate(svm, expected));
  }

  deleteSvm(uuid: string, expected?: Revision): Promise<WriteResult> {
    return this.#write(planSvmDeletion(uuid, expected));
  }

  createIpspace(ipspace: Ipspace): Promise<WriteResult> {
    return this.#write(planIpspaceCreation(ipspace));
  }

  deleteIpspace(uuid: string, expected?: Revision): Promise<WriteResult> {
    return this.#write(planIpspaceDeletion(uuid, expected));
  }

  createInterface(ipInterface: IpInterface): Promise<WriteResult> {
    return this.#write(planInterfaceCreation(ipInterface));
  }

  updateInterface(ipInterface: IpInterface, expected: Revision): Promise<WriteResult> {
    return this.#write(planInterfaceUpdate(ipInterface, expected));
  }

  deleteInterface(uuid: string, expected?: Revision): Promise<WriteResult> {
    return this.#write(planInterfaceDeletion(uuid, expected));
  }

  createCertificate(certificate: Certificate): Promise<WriteResult> {
    return this.#write(planCertificateCreation(certificate, this.#box));
  }

  deleteCertificate(uuid: string, expected?: Revision): Promise<WriteResult> {
    return this.#write(planCertificateDeletion(uuid, this.#box, expected));
  }

  createIpsecCaCertificates(...certificateUuids: readonly string[]): Promise<WriteResult> {
    return this.#write(planIpsecCaCreation(certificateUuids, this.#box));
  }

  deleteIpsecCaCertificates(...certificateUuids: readonly string[]): Promise<WriteResult> {
    return this.#write(planIpsecCaDeletion(certificateUuids));
  }

  deleteIpsecCaCertificate(certificateUuid: string, expected?: Revision): Promise<WriteResult> {
    return this.#write(planIpsecCaDeletion([certificateUuid], expected));
  }

  createRevocationList(record: CaRevocationList): Promise<WriteResult> {
    return this.#write(planRevocationListCreation(record, this.#box));
  }

  updateRevocationList(record: CaRevocationList, expected: Revision): Promise<WriteResult> {
    return this.#write(planRevocationListUpdate(record, expected));
  }

  deleteRevocationList(certificateUuid: string, expected?: Revision): Promise<WriteResult> {
    return this.#write(planRevocationListDeletion(certificateUuid, expected));
  }

  setRevocationMode(
    scope: PolicyScope,
    mode: RevocationMode,
    expected?: Revision | 'unset',
  ): Promise<WriteResult> {
    return this.#write(planRevocationMode(scope, mode, expected));
  }

  createAccount(account: Account, guard?: Guard): Promise<WriteResult> {
    return this.#write(planAccountCreation(account, guard));
  }

  updateAccount(account: Account, expected: Revision, guard?: Guard): Promise<WriteResult> {
    return this.#write(planAccountUpdate(account, expected, guard));
  }

  deleteAccount(scope: PolicyScope, name: string, expected?: Revision, guard?: Guard): Promise<WriteResult> {
    return this.#write(planAccountDeletion(scope, name, expected, guard));
  }

  createRole(role: Role, guard?: Guard): Promise<WriteResult> {
    return this.#write(planRoleCreation(role, guard));
  }

  updateRole(role: Role, expected: Revision, guard?: Guard): Promise<WriteResult> {
    return this.#write(planRoleUpdate(role, expected, guard));
  }

  deleteRole(scope: PolicyScope, name: string, expected?: Revision, guard?: Guard): Promise<WriteResult> {
    return this.#write(planRoleDeletion(scope, name, expected, guard));
  }

  putAccount(account: Account): Promise<WriteResult> {
    const key = keys.account(account.scope, account.name);
    const value = accountDocument.write(account);
    return this.#write(() => ({
      kind: 'commit',
      writes: [{ kind: 'put', key, value, expect: { kind: 'any' } }],
    }));
  }

  audit(entry: string): Promise<void> {
    return this.#audit.add(entry);
  }

  trimAudit(before: number, entry: string): Promise<void> {
    return this.#audit.trim(before, entry);
  }

  readAudit(range: LogRange): Promise<readonly LogEntry[]> {
    return this.#audit.read(range);
  }

  auditHead(): Promise<LogHead> {
    return this.#audit.head();
  }

  sealAnew(signal: AbortSignal, onRemaining: (documents: number) => void): Promise<void> {
    return sealAnew({ store: this.#store, audit: this.#audit, box: this.#box, signal, onRemaining });
  }

  countSealedValues(): Promise<ReadonlyMap<string, number>> {
    return countSealedValues(this.#store);
  }

  async close(): Promise<void> {
    const ended = this.#keyEnds.close();
    await this.#follower.close();
    await ended;
  }

  async #write(plan: Plan): Promise<WriteResult> {
    let prepared: Revision | undefined;
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const step = plan(this.#follower.present, prepared);
      if (step.kind === 'answer') return step.result;
      try {
        const revision = await this.#audit.commit(step.writes, step.kind === 'prepare');
        await this.#follower.reached(revision);
        if (step.kind === 'commit') return { kind: 'written', revision };
        prepared = revision;
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        // Whatever was in the way is in this listing's past; plan again once it shows.
        const { revision } = await this.#store.list(error.key);
        await this.#follower.reached(revision);
      }
    }
    return { kind: 'conflict' };
  }
}
