import type { RevocationMode } from '@esplanade/domain';
import { Fields } from './fields.ts';
import { keys } from './keys.ts';
import {
  type Account,
  accessLevels,
  authenticationMethods,
  type Cluster,
  type ClusterNode,
  type DatapathChoice,
  type IpInterface,
  type IpsecConfig,
  type Ipspace,
  type Role,
  type Svm,
} from './model.ts';
import type { References } from './policy-document.ts';

/** A record and whether its deletion has been announced (`Records.guard`). */
export interface Deletable<T> {
  readonly record: T;
  readonly isLeaving: boolean;
}

/**
 * Stored form of the cluster. Of this and of all stored forms here, `read` is the inverse of `write` and as strict as
 * `Fields`.
 */
export const clusterDocument = {
  write: ({ uuid, name }: Cluster) => JSON.stringify({ uuid, name }),
  read: (text: string): Cluster =>
    readWhole(keys.cluster, text, (fields) => ({
      kind: 'cluster',
      uuid: fields.text('uuid'),
      name: fields.text('name'),
    })),
};

/** Stored form of the node. */
export const nodeDocument = {
  write: ({ uuid, name, serialNumber }: ClusterNode) => JSON.stringify({ uuid, name, serialNumber }),
  read: (text: string): ClusterNode =>
    readWhole(keys.node, text, (fields) => ({
      uuid: fields.text('uuid'),
      name: fields.text('name'),
      serialNumber: fields.text('serialNumber'),
    })),
};

/** Stored form of which datapath the data directory is for. */
export const datapathDocument = {
  write: ({ kind }: DatapathChoice) => JSON.stringify({ kind }),
  read: (text: string): DatapathChoice =>
    readWhole(keys.datapath, text, (fields) => ({ kind: fields.oneOf('kind', ['strongswan', 'simulated']) })),
};

/** Stored form of the cluster-wide IPsec settings. */
export const ipsecDocument = {
  write: ({ enabled, replayWindow, offloadEnabled }: IpsecConfig) =>
    JSON.stringify({ enabled, replayWindow, offloadEnabled }),
  read: (text: string): IpsecConfig =>
    readWhole(keys.ipsec, text, (fields) => ({
      enabled: fields.boolean('enabled'),
      replayWindow: fields.integer('replayWindow'),
      offloadEnabled: fields.boolean('offloadEnabled'),
    })),
};

/**
 * Stored form of an account, its SVM by UUID; the password only as its hash. Without `isLocked` it is not locked, and without
 * methods it logs in by its password.
 */
export const accountDocument = {
  write: ({ name, scope, role, authenticationMethods: methods, passwordHash, isLocked, comment }: Account) =>
    JSON.stringify({
      name,
      ...(scope.kind === 'svm' && { svm: scope.svm.uuid }),
      role,
      ...(methods.join() !== 'password' && { methods: methods.join(' ') }),
      passwordHash,
      ...(isLocked && { isLocked }),
      comment,
    }),
  read: (key: string, text: string, references: References): Account =>
    readWhole(key, text, (fields) => ({
      name: fields.text('name'),
      scope: readScope(fields, references),
      role: fields.text('role'),
      authenticationMethods: fields.has('methods') ? fields.parsed('methods', readMethods) : ['password'],
      ...(fields.has('passwordHash') && { passwordHash: fields.text('passwordHash') }),
      isLocked: fields.has('isLocked') && fields.boolean('isLocked'),
      ...(fields.has('comment') && { comment: fields.text('comment') }),
    })),
};

function readMethods(text: string): Account['authenticationMethods'] | undefined {
  const words = text.split(' ');
  const methods = authenticationMethods.filter((method) => words.includes(method));
  return methods.length === words.length ? methods : undefined;
}

/** Stored form of a role, its SVM by UUID. */
export const roleDocument = {
  write: ({ name, scope, privileges }: Role, isLeaving = false) =>
    JSON.stringify({
      name,
      ...(scope.kind === 'svm' && { svm: scope.svm.uuid }),
      privileges: privileges.map(({ path, access }) => ({ path, access })),
      isLeaving,
    }),
  read: (key: string, text: string, references: References): Deletable<Role> =>
    readWhole(key, text, (fields) => ({
      record: {
        name: fields.text('name'),
        scope: readScope(fields, references),
        privileges: fields.objects('privileges').map((privilege) => {
          const path = privilege.text('path');
          const access = privilege.oneOf('access', accessLevels);
          privilege.end();
          return { path, access };
        }),
      },
      isLeaving: fields.boolean('isLeaving'),
    })),
};

function readScope(fields: Fields, references: References): Role['scope'] {
  return fields.has('svm') ? { kind: 'svm', svm: references.svm(fields.text('svm')) } : { kind: 'cluster' };
}

/** Stored form of an IPspace; its UUID is in the key. */
export const ipspaceDocument = {
  write: ({ name }: Ipspace, isLeaving = false) => JSON.stringify({ name, isLeaving }),
  read: (uuid: string, text: string): Deletable<Ipspace> =>
    readWhole(keys.ipspace(uuid), text, (fields) => ({
      record: { uuid, name: fields.text('name') },
      isLeaving: fields.boolean('isLeaving'),
    })),
};

/** Stored form of an SVM; its UUID is in the key, its IPspace by UUID. */
export const svmDocument = {
  write: ({ name, ipspace, comment }: Svm, isLeaving = false) =>
    JSON.stringify({ name, ipspace: ipspace.uuid, comment, isLeaving }),
  read: (uuid: string, text: string, references: References): Deletable<Svm> =>
    readWhole(keys.svm(uuid), text, (fields) => ({
      record: {
        uuid,
        name: fields.text('name'),
        ipspace: references.ipspace(fields.text('ipspace')),
        ...(fields.has('comment') && { comment: fields.text('comment') }),
      },
      isLeaving: fields.boolean('isLeaving'),
    })),
};

/** Stored form of an IP interface; its UUID is in the key, SVM and IPspace by UUID. */
export const interfaceDocument = {
  write: ({ name, svm, ipspace, address, netmask, enabled }: IpInterface) =>
    JSON.stringify({ name, ...(svm && { svm: svm.uuid }), ipspace: ipspace.uuid, address, netmask, enabled }),
  read: (uuid: string, text: string, references: References): IpInterface =>
    readWhole(keys.interface(uuid), text, (fields) => ({
      uuid,
      name: fields.text('name'),
      ...(fields.has('svm') && { svm: references.svm(fields.text('svm')) }),
      ipspace: references.ipspace(fields.text('ipspace')),
      address: fields.text('address'),
      netmask: fields.integer('netmask'),
      enabled: fields.boolean('enabled'),
    })),
};

/** That IPsec trusts the CA certificate of the key; nothing else is to be said. */
export const ipsecCaDocument = {
  write: () => JSON.stringify({}),
  read: (key: string, text: string): void => readWhole(key, text, () => undefined),
};

/** Stored form of what becomes of remotes whose certificate's status is unknown. */
export const revocationModeDocument = {
  write: (mode: RevocationMode) => JSON.stringify({ mode }),
  read: (key: string, text: string): RevocationMode =>
    readWhole(key, text, (fields) => fields.oneOf('mode', ['relaxed', 'strict'])),
};

/** What policies agree on (agreements.ts): fingerprints of keys. */
export const agreementDocument = {
  write: (fingerprint: string) => JSON.stringify({ fingerprint }),
  read: (key: string, text: string): string => readWhole(key, text, (fields) => fields.text('fingerprint')),
};

/** Who holds a claim. */
export const claimDocument = {
  write: (uuid: string) => JSON.stringify({ uuid }),
  read: (key: string, text: string): string => readWhole(key, text, (fields) => fields.text('uuid')),
};

function readWhole<T>(key: string, text: string, read: (fields: Fields) => T): T {
  const fields = Fields.parse(key, text);
  const value = read(fields);
  fields.end();
  return value;
}
