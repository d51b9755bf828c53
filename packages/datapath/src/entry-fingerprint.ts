import { createHash } from 'node:crypto';
import { type Identity, type SpdEntry, selectorKey } from '@esplanade/domain';
import type { DatapathSettings } from './datapath.ts';

const fingerprintDigits = 12;

/**
 * Twelve hex digits over everything that shapes the form in which an entry is installed: equal fingerprints of one
 * policy mean that there is nothing to do. What a form does not use does not count (a bypass has no lifetimes), nor do
 * host bits of prefixes, names and owners. The key enters as its own keyed fingerprint, so nothing can be learnt of it.
 */
export function entryFingerprint(entry: SpdEntry, settings: DatapathSettings): string {
  return digestOf(installedForm(entry, settings));
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

// Arrays, not objects: their JSON has one order.
function installedForm({ policy, priority }: SpdEntry, settings: DatapathSettings): readonly unknown[] {
  const place = [policy.action, selectorKey(policy.selector), priority];
  if (policy.action === 'bypass' || policy.action === 'discard') return place;
  const { authentication, lifetimes } = policy;
  return [
    ...place,
    identityKey(policy.localIdentity),
    identityKey(policy.remoteIdentity),
    authentication.kind,
    authentication.kind === 'psk' ? authentication.psk.fingerprint : '',
    policy.cipherSuite,
    lifetimes.ikeSeconds,
    lifetimes.ipsecSeconds,
    lifetimes.ipsecBytes,
    settings.replayWindow,
  ];
}
