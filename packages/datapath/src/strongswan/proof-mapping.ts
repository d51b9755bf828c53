import {
  acceptedKeys,
  effectiveIdentities,
  type Identity,
  type IpsecPolicy,
  type PkiCredentials,
  type PostquantumKey,
  type Secret,
} from '@esplanade/domain';
import { digestOf } from '../entry-fingerprint.ts';
import { keyRingName, pkiConnectionName, postquantumRingName, sharedConnectionName } from './names.ts';
import type { ChildSettings } from './shunt-mapping.ts';

/** The pre-shared keys of a pair of identities. */
export interface KeyRing {
  readonly name: string;
  /** The identities that charon finds the keys by; without any they stand for every pair. */
  readonly owners: readonly string[];
  /** Every key that is accepted, the one that is meant to stay first. */
  readonly keys: readonly Secret[];
}

/** A post-quantum key (RFC 8784) as charon takes it. */
export interface LoadablePostquantumKey {
  readonly ringName: string;
  /** The PPK_ID: charon finds the key by nothing else. */
  readonly identity: string;
  readonly key: Secret;
}

/** How the two ends of a connection prove who they are, in charon's words, and what has to be loaded for it. */
export interface Proof {
  readonly local: ChildSettings;
  readonly remote: ChildSettings;
  /** What it adds to the connection beside the two ends. */
  readonly settings: ChildSettings;
  /** The connection's name, given all of its settings. */
  readonly nameFor: (settings: unknown) => string;
  readonly loadable: {
    readonly ring?: KeyRing;
    readonly postquantum?: LoadablePostquantumKey;
    readonly credentials?: PkiCredentials;
  };
}

/** By a pre-shared key, perhaps with a post-quantum one mixed in. */
export function proofByKey(
  policy: IpsecPolicy,
  authentication: Extract<IpsecPolicy['authentication'], { kind: 'psk' }>,
): Proof {
  const identities = effectiveIdentities(policy);
  const postquantum = loadablePostquantumKey(authentication.postquantumKey);
  const owners = [identities.local, identities.remote].flatMap((identity) =>
    identity.kind === 'any' ? [] : [identity.text],
  );
  const ring = { name: keyRingName(digestOf(owners)), owners, keys: acceptedKeys(authentication) };
  return {
    // Without an id charon claims the address the IKE SA runs on.
    local: { auth: 'psk', ...idOf(identities.local) },
    remote: { auth: 'psk', id: charonIdentity(identities.remote) },
    // Without it being required, charon would do without where the remote has none.
    settings: postquantum === undefined ? {} : { ppk_id: postquantum.identity, ppk_required: 'yes' },
    nameFor: (settings) =>
      sharedConnectionName(
        digestOf(postquantum === undefined ? [settings] : [settings, postquantum.key.fingerprint]),
      ),
    loadable: { ring, ...(postquantum && { postquantum }) },
  };
}

/**
 * By certificates. The CAs are named in the connection, because charon's store of those it trusts is one for all. Without
 * an identity of ours charon claims the subject of our certificate.
 */
export function proofByCertificate(policy: IpsecPolicy, credentials: PkiCredentials): Proof {
  const { certificate, trust } = credentials;
  return {
    local: {
      auth: 'pubkey',
      certs: [certificate.content.pem],
      ...(policy.localIdentity && idOf(policy.localIdentity)),
    },
    remote: {
      auth: 'pubkey',
      id: charonIdentity(effectiveIdentities(policy).remote),
      cacerts: trust.anchors.map(({ pem }) => pem),
      revocation: trust.revocation,
    },
    // Charon shows its certificate only to who asks for it, and Libreswan may begin without asking.
    settings: { send_cert: 'always' },
    nameFor: (settings) =>
      pkiConnectionName(digestOf([settings, ...certificate.intermediates.map(({ sha256 }) => sha256)])),
    loadable: { credentials },
  };
}

function idOf(identity: Identity): { readonly id?: string } {
  return identity.kind === 'any' ? {} : { id: identity.text };
}

function charonIdentity(identity: Identity): string {
  return identity.kind === 'any' ? '%any' : identity.text;
}

function loadablePostquantumKey(postquantum: PostquantumKey | undefined): LoadablePostquantumKey | undefined {
  if (postquantum === undefined) return undefined;
  const { identity, key } = postquantum;
  return { ringName: postquantumRingName(digestOf([identity])), identity, key };
}
