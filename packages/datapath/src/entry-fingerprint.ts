import { createHash } from 'node:crypto';
import {
  type Authentication,
  acceptedKeys,
  type Identity,
  isProtecting,
  type PkiCredentials,
  selectorKey,
} from '@esplanade/domain';
import type { DatapathEntry, DatapathSettings } from './datapath.ts';

const fingerprintDigits = 12;

/**
 * Text over everything that shapes how an entry is installed: equal fingerprints of one policy mean that there is
 * nothing to do. The form comes first, then a digest of the pre-shared keys that are accepted, where there are any:
 * another key is not another form, but another post-quantum key is. Revocation lists count like those. Keys enter as
 * their own keyed fingerprints, so nothing can be learnt of them.
 */
export function entryFingerprint(entry: DatapathEntry, settings: DatapathSettings): string {
  const form = formFingerprint(entry, settings);
  const { action, authentication } = entry.policy;
  const keys = isProtecting(action) ? acceptedKeys(authentication) : [];
  const lists = entry.credentials?.trust.revocationLists ?? [];
  const loaded = [...keys.map(({ fingerprint }) => fingerprint), ...lists.map(({ sha256 }) => sha256)];
  return loaded.length === 0 ? form : `${form}-${digestOf(loaded)}`;
}

/**
 * The form in which an entry is installed: twelve hex digits, and after them the anti-replay window where it has one
 * (`-w64`), and by which certificates it authenticates where it does. What a form does not use does not count (a bypass
 * has no lifetimes), nor do keys, host bits of prefixes, names and owners. The window and the certificates can be read
 * because an SA is left those it came up with, and nothing else tells which.
 */
export function formFingerprint(entry: DatapathEntry, settings: DatapathSettings): string {
  const digest = digestOf(installedForm(entry));
  if (!isProtecting(entry.policy.action)) return digest;
  const suffix = entry.credentials === undefined ? '' : credentialsSuffix(entry.credentials);
  return `${digest}-w${settings.replayWindow}${suffix}`;
}

/** The same short digest for other values, which must have one JSON text: keys of objects in a fixed order. */
export function digestOf(form: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(form)).digest('hex').slice(0, fingerprintDigits);
}

/** Text of an identity in which `any`, absent and every text differ. */
function identityKey(identity: Identity | undefined): string {
  if (identity === undefined) return '';
  return identity.kind === 'any' ? 'any' : `=${identity.text}`;
}

/** What authenticates beyond its kind and makes another form when it is another; empty for a pre-shared key alone. */
function proofs(authentication: Authentication, credentials: PkiCredentials | undefined): readonly string[] {
  if (authentication.kind === 'pki')
    return credentials === undefined ? [authentication.certificate.uuid] : [credentials.trust.revocation];
  const postquantum = authentication.kind === 'psk' ? authentication.postquantumKey : undefined;
  return postquantum === undefined ? [] : [postquantum.identity, postquantum.key.fingerprint];
}

/** How much of a CA certificate's digest stands in the name of a form. */
export const anchorDigits = 8;
/** A name in charon has 255 characters at most. */
const mostAnchors = 16;

/**
 * `-c` and the digest of what we show, `-t` and the beginnings of the digests of whom we believe: an SA may outlive either,
 * and its name is all that tells with which it came up.
 */
function credentialsSuffix({ certificate, trust }: PkiCredentials): string {
  const shown = [certificate.content, ...certificate.intermediates].map(({ sha256 }) => sha256);
  const believed = trust.anchors.map(({ sha256 }) => sha256);
  const anchors =
    believed.length > mostAnchors
      ? digestOf(believed)
      : believed.map((sha256) => sha256.slice(0, anchorDigits)).join('.');
  return `-c${digestOf(shown)}-t${anchors}`;
}

// Arrays, not objects: their JSON has one order.
function installedForm({ policy, priority, credentials }: DatapathEntry): readonly unknown[] {
  const place = [policy.action, selectorKey(policy.selector), priority];
  if (policy.action === 'bypass' || policy.action === 'discard') return place;
  const { authentication, lifetimes } = policy;
  return [
    ...place,
    identityKey(policy.localIdentity),
    identityKey(policy.remoteIdentity),
    authentication.kind,
    policy.cipherSuite,
    lifetimes.ikeSeconds,
    lifetimes.ipsecSeconds,
    lifetimes.ipsecBytes,
    ...proofs(authentication, credentials),
  ];
}
