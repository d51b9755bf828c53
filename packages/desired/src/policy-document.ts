import {
  type Authentication,
  anyIdentity,
  cipherSuites,
  formatPrefix,
  type Identity,
  type IpsecPolicy,
  type PolicyUuid,
  type PostquantumKey,
  parsePrefix,
  policyActions,
  type Reference,
  type ReplacedKey,
} from '@esplanade/domain';
import { Fields, MalformedDocumentError } from './fields.ts';
import { keys } from './keys.ts';
import type { SecretBox } from './secret-box.ts';

/** Finds what a document refers to by uuid. Throws MalformedDocumentError when it does not exist. */
export interface References {
  ipspace(uuid: string): Reference;
  svm(uuid: string): Reference;
  certificate(uuid: string): Reference;
}

/**
 * The stored form of a policy. References are uuids only, so that a new name of theirs needs no rewriting; the age is
 * the document's own; keys are sealed to this document and field.
 */
export function writePolicy(policy: Omit<IpsecPolicy, 'createdRevision'>, box: SecretBox): string {
  const { selector, authentication, scope } = policy;
  return JSON.stringify({
    name: policy.name,
    ...(scope.kind === 'svm' && { svm: scope.svm.uuid }),
    ipspace: policy.ipspace.uuid,
    enabled: policy.enabled,
    action: policy.action,
    local: formatPrefix(selector.local),
    localPort: selector.localPort,
    remote: formatPrefix(selector.remote),
    remotePort: selector.remotePort,
    protocol: selector.protocol,
    ...writeAuthentication(policy.uuid, authentication, box),
    ...(policy.localIdentity && { localIdentity: writeIdentity(policy.localIdentity) }),
    ...(policy.remoteIdentity && { remoteIdentity: writeIdentity(policy.remoteIdentity) }),
    cipherSuite: policy.cipherSuite,
    ikeSeconds: policy.lifetimes.ikeSeconds,
    ipsecSeconds: policy.lifetimes.ipsecSeconds,
    ipsecBytes: policy.lifetimes.ipsecBytes,
  });
}

/** The inverse of `writePolicy`. Throws MalformedDocumentError, or SealError for a key of another key file. */
export function readPolicy(
  uuid: PolicyUuid,
  text: string,
  createdRevision: number,
  references: References,
  box: SecretBox,
): IpsecPolicy {
  const key = keys.policy(uuid);
  const fields = Fields.parse(key, text);
  const local = fields.parsed('local', parsePrefix);
  const remote = fields.parsed('remote', parsePrefix);
  if (local.family !== remote.family) throw new MalformedDocumentError(`${key} mixes address families`);
  const policy: IpsecPolicy = {
    uuid,
    name: fields.text('name'),
    scope: fields.has('svm') ? { kind: 'svm', svm: references.svm(fields.text('svm')) } : { kind: 'cluster' },
    ipspace: references.ipspace(fields.text('ipspace')),
    enabled: fields.boolean('enabled'),
    action: fields.oneOf('action', policyActions),
    selector: {
      family: local.family,
      local,
      remote,
      protocol: fields.integer('protocol'),
      localPort: fields.integer('localPort'),
      remotePort: fields.integer('remotePort'),
    },
    authentication: readAuthentication(uuid, fields, references, box),
    ...(fields.has('localIdentity') && { localIdentity: readIdentity(fields.object('localIdentity')) }),
    ...(fields.has('remoteIdentity') && { remoteIdentity: readIdentity(fields.object('remoteIdentity')) }),
    cipherSuite: fields.oneOf('cipherSuite', cipherSuites),
    lifetimes: {
      ikeSeconds: fields.integer('ikeSeconds'),
      ipsecSeconds: fields.integer('ipsecSeconds'),
      ipsecBytes: fields.integer('ipsecBytes'),
    },
    createdRevision,
  };
  fields.end();
  return policy;
}

function writeAuthentication(uuid: PolicyUuid, authentication: Authentication, box: SecretBox): object {
  switch (authentication.kind) {
    case 'none':
      return {};
    case 'pki':
      return { certificate: authentication.certificate.uuid, keepsSas: authentication.keepsSas };
    case 'psk': {
      const { psk, replaced, postquantumKey } = authentication;
      return {
        psk: box.seal(psk.reveal(), place(uuid, 'psk')),
        ...(replaced && {
          replaced: replaced.map((key) => ({
            psk: box.seal(key.psk.reveal(), place(uuid, 'replaced')),
            untilMs: key.untilMs,
          })),
        }),
        ...(postquantumKey && {
          postquantumKey: {
            identity: postquantumKey.identity,
            key: box.seal(postquantumKey.key.reveal(), place(uuid, 'postquantumKey')),
          },
        }),
      };
    }
  }
}

function readAuthentication(
  uuid: PolicyUuid,
  fields: Fields,
  references: References,
  box: SecretBox,
): Authentication {
  if (fields.has('certificate')) {
    const certificate = references.certificate(fields.text('certificate'));
    return { kind: 'pki', certificate, keepsSas: fields.boolean('keepsSas') };
  }
  if (!fields.has('psk')) return { kind: 'none' };
  const open = (sealed: string, field: SealedField) => box.secret(box.open(sealed, place(uuid, field)));
  const readReplaced = (key: Fields): ReplacedKey => {
    const psk = open(key.text('psk'), 'replaced');
    const untilMs = key.integer('untilMs');
    key.end();
    return { psk, untilMs };
  };
  const readPostquantumKey = (one: Fields): PostquantumKey => {
    const identity = one.text('identity');
    const key = open(one.text('key'), 'postquantumKey');
    one.end();
    return { identity, key };
  };
  return {
    kind: 'psk',
    psk: open(fields.text('psk'), 'psk'),
    ...(fields.has('replaced') && { replaced: fields.objects('replaced').map(readReplaced) }),
    ...(fields.has('postquantumKey') && {
      postquantumKey: readPostquantumKey(fields.object('postquantumKey')),
    }),
  };
}

type SealedField = 'psk' | 'replaced' | 'postquantumKey';

function place(uuid: PolicyUuid, field: SealedField): string {
  return `${keys.policy(uuid)} ${field}`;
}

function writeIdentity(identity: Identity): object {
  return identity.kind === 'any' ? {} : { text: identity.text };
}

function readIdentity(fields: Fields): Identity {
  const identity: Identity = fields.has('text') ? { kind: 'text', text: fields.text('text') } : anyIdentity;
  fields.end();
  return identity;
}
