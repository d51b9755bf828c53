import { createHash } from 'node:crypto';
import {
  type Authentication,
  acceptedKeys,
  type Identity,
  isProtecting,
  type Secret,
  type SpdEntry,
  selectorKey,
} from '@esplanade/domain';
import type { DatapathSettings } from './datapath.ts';

const fingerprintDigits = 12;

/**
 * Text over everything that shapes how an entry is installed: equal fingerprints of one policy mean that there is nothing
 * to do. The form comes first, then a digest of the keys that are accepted, where there are any: another key is not
 * another form. Keys enter as their own keyed fingerprints, so nothing can be learnt of them.
 */
export function entryFingerprint(entry: SpdEntry, settings: DatapathSettings): string {
  const form = formFingerprint(entry, settings);
  const { action, authentication } = entry.policy;
  const keys = isProtecting(action) ? keysOf(authentication) : [];
  return keys.length === 0 ? form : `${form}-${digestOf(keys.map(({ fingerprint }) => fingerprint))}`;
}

/**
 * The form in which an entry is installed: twelve hex digits, and after them the anti-replay window where it has one
 * (`-w64`). What a form does not use does not count (a bypass has no lifetimes), nor do keys, host bits of prefixes, names
 * and owners. The window can be read because an SA is left the one it came up with, and nothing else tells which.
 */
export function formFingerprint(entry: SpdEntry, settings: DatapathSettings): string {
  const digest = digestOf(installedForm(entry));
  return isProtecting(entry.policy.action) ? `${digest}-w${settings.replayWindow}` : digest;
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

function keysOf(authentication: Authentication): readonly Secret[] {
  const postquantum = authentication.kind === 'psk' ? authentication.postquantumKey : undefined;
  return [...acceptedKeys(authentication), ...(postquantum === undefined ? [] : [postquantum.key])];
}

/** What IKE shows the remote of an authentication beyond its kind; empty for a pre-shared key alone. */
function credentials(authentication: Authentication): readonly string[] {
  if (authentication.kind === 'pki') return [authentication.certificate.uuid];
  const postquantum = authentication.kind === 'psk' ? authentication.postquantumKey : undefined;
  return postquantum === undefined ? [] : [postquantum.identity];
}

// Arrays, not objects: their JSON has one order.
function installedForm({ policy, priority }: SpdEntry): readonly unknown[] {
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
    ...credentials(authentication),
  ];
}
