import { createHash } from 'node:crypto';
import { authorityKeyIdentifierOf, type Certificate, caNameKey, type PolicyScope } from '@esplanade/domain';
import type { IpInterface } from './model.ts';

/**
 * Every key of the store. Records live under their uuid; a *claim* is a key whose existence makes something unique
 * (its value is the uuid of the record that holds it), so that no write needs more than preconditions.
 */
export const keys = {
  cluster: 'cluster',
  node: 'node',
  datapath: 'datapath',
  ipsec: 'ipsec',
  auditSettings: 'audit-settings',
  /** Sealed (durable-keys.ts): tells at once whether the key file belongs to this data, which is why it has this name. */
  durableKeys: 'seal-check',
  policy: (uuid: string) => `policies/${uuid}`,
  svm: (uuid: string) => `svms/${uuid}`,
  ipspace: (uuid: string) => `ipspaces/${uuid}`,
  interface: (uuid: string) => `interfaces/${uuid}`,
  certificate: (uuid: string) => `certificates/${uuid}`,
  ipsecCaCertificate: (certificateUuid: string) => `ipsec-ca-certificates/${certificateUuid}`,
  /** What is kept of revoked certificates, by the uuid of their CA's certificate. */
  revocationList: (certificateUuid: string) => `revocation-lists/${certificateUuid}`,
  /** The highest number of a CA's lists, for one owner. */
  revocationNumber: ({ scope, content }: Certificate) =>
    `${revocationNumbersOf(scopeKey(scope))}${digestOf([caNameKey(content), content.publicKeyIdentifier])}`,
  revocationMode: (owner: string) => `revocation-modes/${owner}`,
  role: (scope: PolicyScope, name: string) => `roles/${accountId(scope, name)}`,
  account: (scope: PolicyScope, name: string) => `accounts/${accountId(scope, name)}`,
  /**
   * What policies agree on (agreements.ts). `peers`, because the first agreements were of peers and stored keys stay.
   * Hashed, because an agreement's key holds identities of any length.
   */
  agreement: (key: string) => `peers/${createHash('sha256').update(key).digest('hex')}`,

  policyName: (scope: PolicyScope, name: string) =>
    `claims/policy-names/${scopeKey(scope)}/${encodeURIComponent(name)}`,
  certificateName: (scope: PolicyScope, name: string) =>
    `claims/certificate-names/${scopeKey(scope)}/${encodeURIComponent(name)}`,
  certificateContent: ({ scope, type, content }: Certificate) =>
    `claims/certificate-contents/${scopeKey(scope)}/${type}/${content.sha256}`,
  /** Where writers meet who bring in CAs with the same name or key identifier (ca-namesakes.ts). */
  caNames: (content: Certificate['content']) => [
    `claims/ca-names/${digestOf([caNameKey(content)])}`,
    `claims/ca-keys/${digestOf([authorityKeyIdentifierOf(content)])}`,
  ],
  svmName: (name: string) => `claims/svm-names/${encodeURIComponent(name)}`,
  ipspaceName: (name: string) => `claims/ipspace-names/${encodeURIComponent(name)}`,
  interfaceName: ({ svm, ipspace }: Pick<IpInterface, 'svm' | 'ipspace'>, name: string) =>
    `claims/interface-names/${(svm ?? ipspace).uuid}/${encodeURIComponent(name)}`,
  /** `address` in its one text form. */
  address: (ipspaceUuid: string, address: string) => `claims/addresses/${ipspaceUuid}/${address}`,
} as const;

/** What the keys of an owner's `revocationNumber` begin with. */
export function revocationNumbersOf(owner: string): string {
  return `revocation-numbers/${owner}/`;
}

function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** What kinds of documents there are, in the order in which they may refer to one another. */
export const documentKinds = [
  'cluster',
  'node',
  'datapath',
  'ipsec',
  'audit-settings',
  'seal-check',
  'ipspaces',
  'svms',
  'roles',
  'accounts',
  'interfaces',
  'certificates',
  'ipsec-ca-certificates',
  'revocation-lists',
  'revocation-modes',
  'revocation-numbers',
  'policies',
  'peers',
  'claims',
] as const;
export type DocumentKind = (typeof documentKinds)[number];

/** The kind and, for records, the name within it; `undefined` for a key that no release wrote. */
export function parseKey(key: string): { readonly kind: DocumentKind; readonly id: string } | undefined {
  const slash = key.indexOf('/');
  const word = slash < 0 ? key : key.slice(0, slash);
  const kind = documentKinds.find((candidate) => candidate === word);
  return kind && { kind, id: slash < 0 ? '' : key.slice(slash + 1) };
}

/** Whose an account is, as far as that tells it from others. */
export type AccountScope =
  | { readonly kind: 'cluster' }
  | { readonly kind: 'svm'; readonly svm: { readonly uuid: string } };

/** What tells an account from all others: no two of one SVM, or of the cluster, have one name. So it is of roles. */
export function accountId(scope: AccountScope, name: string): string {
  const encoded = encodeURIComponent(name);
  return scope.kind === 'svm' ? `${scope.svm.uuid}/${encoded}` : encoded;
}

/** What stands in a key for an SVM, or for the cluster scope. */
export function scopeKey(scope: PolicyScope): string {
  return scope.kind === 'svm' ? scope.svm.uuid : 'cluster';
}
