import type {
  Certificate,
  IpsecCaCertificate,
  PolicyScope,
  PolicyUuid,
  Reference,
  RevocationMode,
} from '@esplanade/domain';
import type { Change, Document, Revision } from '@esplanade/store';
import { AccountRecords } from './account-records.ts';
import { auditSettingsDocument, unsetAuditSettings } from './audit-settings-document.ts';
import { readCertificateDocument } from './certificate-document.ts';
import type { DesiredChange } from './desired-state.ts';
import {
  agreementDocument,
  claimDocument,
  clusterDocument,
  datapathDocument,
  interfaceDocument,
  ipsecCaDocument,
  ipsecDocument,
  ipspaceDocument,
  nodeDocument,
  revocationModeDocument,
  svmDocument,
} from './documents.ts';
import { MalformedDocumentError } from './fields.ts';
import { type DocumentKind, keys, scopeKey } from './keys.ts';
import type {
  CaRevocationList,
  Cluster,
  ClusterNode,
  DatapathChoice,
  DesiredSnapshot,
  IpInterface,
  IpsecConfig,
  Ipspace,
  Svm,
  Versioned,
} from './model.ts';
import { inOrderOfReference } from './order-of-reference.ts';
import { type References, readPolicy } from './policy-document.ts';
import { PolicyRecords } from './policy-records.ts';
import {
  type HighestList,
  revocationListDocument,
  revocationNumberDocument,
} from './revocation-list-document.ts';
import type { SecretBox } from './secret-box.ts';
import { SortedMap } from './sorted-map.ts';
import { withSvmName } from './svm-name.ts';

/**
 * All stored documents as typed records, kept up to date change by change. `snapshot` is immutable and cheap; the rest
 * is the present state, for planning a write without waiting.
 */
export class Records {
  readonly #box: SecretBox;
  readonly #references: References;
  #cluster: Cluster | undefined;
  #node: ClusterNode | undefined;
  #datapath: DatapathChoice | undefined;
  #ipsec: Versioned<IpsecConfig> | undefined;
  #auditSettings = unsetAuditSettings;
  readonly #policies = new PolicyRecords();
  #svms = SortedMap.empty<string, Versioned<Svm>>();
  #ipspaces = SortedMap.empty<string, Versioned<Ipspace>>();
  #interfaces = SortedMap.empty<string, Versioned<IpInterface>>();
  #certificates = SortedMap.empty<string, Versioned<Certificate>>();
  #ipsecCaCertificates = SortedMap.empty<string, Versioned<IpsecCaCertificate>>();
  #revocationLists = SortedMap.empty<string, Versioned<CaRevocationList>>();
  #revocationModes = SortedMap.empty<string, Versioned<RevocationMode>>();
  readonly #revocationNumbers = new Map<string, Versioned<HighestList>>();
  readonly #people: AccountRecords;
  /** uuids of SVMs, IPspaces and certificates, and keys of roles, whose deletion is announced. */
  readonly #leaving = new Set<string>();
  readonly #claims = new Map<string, Versioned<string>>();
  readonly #agreements = new Map<string, Versioned<string>>();

  constructor(box: SecretBox) {
    this.#box = box;
    this.#references = {
      ipspace: (uuid) => referenceTo(this.#ipspaces.get(uuid)?.value, keys.ipspace(uuid)),
      svm: (uuid) => referenceTo(this.#svms.get(uuid)?.value, keys.svm(uuid)),
      certificate: (uuid) => referenceTo(this.#certificates.get(uuid)?.value, keys.certificate(uuid)),
    };
    this.#people = new AccountRecords(this.#references);
  }

  /** Takes the changes of one commit, in whichever order. Says what followers must look at. */
  apply(changes: readonly Change[]): DesiredChange {
    const policies = new Set<PolicyUuid>();
    const believers = new Set<string>();
    let ipsec = false;
    for (const { kind, id, change } of inOrderOfReference(changes)) {
      if (change.kind === 'put' && this.#isRewritten(kind, id, change.document)) continue;
      if (kind === 'revocation-modes') believers.add(id);
      const believed =
        kind === 'ipsec-ca-certificates' || kind === 'revocation-lists'
          ? this.#certificates.get(id)
          : undefined;
      if (believed !== undefined) believers.add(scopeKey(believed.value.scope));
      if (change.kind === 'put') this.#put(kind, id, change.document);
      else this.#delete(kind, id, change.key);
      if (kind === 'policies') policies.add(id as PolicyUuid);
      if (kind === 'ipsec') ipsec = true;
    }
    if (believers.size > 0) for (const uuid of this.#policies.byCertificate(believers)) policies.add(uuid);
    return { kind: 'some', policies, ipsec };
  }

  /** Throws MalformedDocumentError while a document is missing that every seeded store has. */
  snapshot(revision: Revision): DesiredSnapshot {
    return {
      revision,
      cluster: present(this.#cluster, keys.cluster),
      node: present(this.#node, keys.node),
      datapath: present(this.#datapath, keys.datapath),
      ipsec: present(this.#ipsec, keys.ipsec),
      auditSettings: this.#auditSettings,
      ...this.#policies.snapshot(),
      svms: this.#svms,
      ipspaces: this.#ipspaces,
      interfaces: this.#interfaces,
      certificates: this.#certificates,
      ipsecCaCertificates: this.#ipsecCaCertificates,
      revocationLists: this.#revocationLists,
      revocationModes: this.#revocationModes,
      ...this.#people.snapshot(),
    };
  }

  /** The claim on a key, with the uuid of its holder. */
  claim(key: string): Versioned<string> | undefined {
    return this.#claims.get(key);
  }

  /** The highest number that there ever was of a CA's lists for one owner. */
  revocationNumber(key: string): Versioned<HighestList> | undefined {
    return this.#revocationNumbers.get(key);
  }

  /** The keys of all that begin with the same. */
  revocationNumberKeys(prefix: string): readonly string[] {
    return [...this.#revocationNumbers.keys()].filter((key) => key.startsWith(prefix));
  }

  /** What the policies of an agreement agree on. */
  agreed(key: string): Versioned<string> | undefined {
    return this.#agreements.get(key);
  }

  /** The policies that have a part in an agreement. */
  partyTo(key: string): ReturnType<PolicyRecords['partyTo']> {
    return this.#policies.partyTo(key);
  }

  /** How many policies there are of that SVM, or of the cluster scope. */
  policyCount(scope: PolicyScope): number {
    return this.#policies.count(scope);
  }

  /** Whether the deletion of this SVM, IPspace or certificate, or of the role under this key, is announced. */
  isLeaving(uuid: string): boolean {
    return this.#leaving.has(uuid);
  }

  /** Whether a document has other bytes only: secrets that were sealed anew. Nobody has to look at the record again. */
  #isRewritten(kind: DocumentKind, id: string, { modified }: Document): boolean {
    if (kind === 'policies') return this.#policies.get(id as PolicyUuid)?.modified === modified;
    return kind === 'certificates' && this.#certificates.get(id)?.modified === modified;
  }

  #put(kind: DocumentKind, id: string, document: Document): void {
    const { key, value: text, created, modified } = document;
    const versioned = <T>(value: T): Versioned<T> => ({ value, created, modified });
    switch (kind) {
      case 'cluster':
        this.#cluster = clusterDocument.read(text);
        break;
      case 'node':
        this.#node = nodeDocument.read(text);
        break;
      case 'datapath':
        this.#datapath = datapathDocument.read(text);
        break;
      case 'ipsec':
        this.#ipsec = versioned(ipsecDocument.read(text));
        break;
      case 'audit-settings':
        this.#auditSettings = versioned(auditSettingsDocument.read(text));
        break;
      case 'seal-check':
        break;
      case 'accounts':
        this.#people.putAccount(id, document);
        break;
      case 'roles':
        this.#mark(key, this.#people.putRole(id, document));
        break;
      case 'ipspaces': {
        const { record, isLeaving } = ipspaceDocument.read(id, text);
        this.#ipspaces = this.#ipspaces.with(id, versioned(record));
        this.#mark(id, isLeaving);
        break;
      }
      case 'svms': {
        const { record, isLeaving } = svmDocument.read(id, text, this.#references);
        const isRenamed = record.name !== (this.#svms.get(id)?.value.name ?? record.name);
        this.#svms = this.#svms.with(id, versioned(record));
        this.#mark(id, isLeaving);
        if (isRenamed) this.#showSvm({ uuid: id, name: record.name });
        break;
      }
      case 'interfaces':
        this.#interfaces = this.#interfaces.with(
          id,
          versioned(interfaceDocument.read(id, text, this.#references)),
        );
        break;
      case 'certificates': {
        const { record, isLeaving } = readCertificateDocument(id, text, this.#references, this.#box);
        this.#certificates = this.#certificates.with(id, versioned(record));
        this.#mark(id, isLeaving);
        break;
      }
      case 'ipsec-ca-certificates': {
        ipsecCaDocument.read(key, text);
        const certificate = present(this.#certificates.get(id)?.value, keys.certificate(id));
        this.#ipsecCaCertificates = this.#ipsecCaCertificates.with(id, versioned({ certificate }));
        break;
      }
      case 'revocation-lists':
        this.#revocationLists = this.#revocationLists.with(
          id,
          versioned(revocationListDocument.read(id, text)),
        );
        break;
      case 'revocation-modes':
        this.#revocationModes = this.#revocationModes.with(
          id,
          versioned(revocationModeDocument.read(key, text)),
        );
        break;
      case 'revocation-numbers':
        this.#revocationNumbers.set(key, versioned(revocationNumberDocument.read(key, text)));
        break;
      case 'policies':
        this.#policies.replace(
          id as PolicyUuid,
          versioned(readPolicy(id as PolicyUuid, text, created, this.#references, this.#box)),
        );
        break;
      case 'peers':
        this.#agreements.set(key, versioned(agreementDocument.read(key, text)));
        break;
      case 'claims':
        this.#claims.set(key, versioned(claimDocument.read(key, text)));
        break;
    }
  }

  #delete(kind: DocumentKind, id: string, key: string): void {
    switch (kind) {
      case 'cluster':
      case 'node':
      case 'datapath':
      case 'ipsec':
      case 'audit-settings':
      case 'seal-check':
        throw new MalformedDocumentError(`${key} was deleted`);
      case 'accounts':
        this.#people.deleteAccount(id);
        break;
      case 'roles':
        this.#people.deleteRole(id);
        this.#mark(key, false);
        break;
      case 'ipspaces':
        this.#ipspaces = this.#ipspaces.without(id);
        this.#mark(id, false);
        break;
      case 'svms':
        this.#svms = this.#svms.without(id);
        this.#mark(id, false);
        break;
      case 'interfaces':
        this.#interfaces = this.#interfaces.without(id);
        break;
      case 'certificates':
        this.#certificates = this.#certificates.without(id);
        this.#mark(id, false);
        break;
      case 'ipsec-ca-certificates':
        this.#ipsecCaCertificates = this.#ipsecCaCertificates.without(id);
        break;
      case 'revocation-lists':
        this.#revocationLists = this.#revocationLists.without(id);
        break;
      case 'revocation-modes':
        this.#revocationModes = this.#revocationModes.without(id);
        break;
      case 'revocation-numbers':
        this.#revocationNumbers.delete(key);
        break;
      case 'policies':
        this.#policies.replace(id as PolicyUuid, undefined);
        break;
      case 'peers':
        this.#agreements.delete(key);
        break;
      case 'claims':
        this.#claims.delete(key);
        break;
    }
  }

  /** Gives everything that refers to an SVM its new name. */
  #showSvm(svm: Reference): void {
    this.#policies.showSvm(svm);
    this.#people.showSvm(svm);
    this.#certificates = this.#certificates.map((row) => withSvmName(row, svm));
    this.#ipsecCaCertificates = this.#ipsecCaCertificates.map((row) => {
      const certificate = withSvmName({ ...row, value: row.value.certificate }, svm).value;
      return certificate === row.value.certificate ? row : { ...row, value: { ...row.value, certificate } };
    });
    this.#interfaces = this.#interfaces.map((row) =>
      row.value.svm?.uuid === svm.uuid ? { ...row, value: { ...row.value, svm } } : row,
    );
  }

  #mark(uuid: string, isLeaving: boolean): void {
    if (isLeaving) this.#leaving.add(uuid);
    else this.#leaving.delete(uuid);
  }
}

function referenceTo(record: Reference | undefined, key: string): Reference {
  const { uuid, name } = present(record, key);
  return { uuid, name };
}

function present<T>(value: T | undefined, key: string): T {
  if (value === undefined) throw new MalformedDocumentError(`${key} is missing`);
  return value;
}
