import type { Authentication } from './policy.ts';
import type { Secret } from './secret.ts';

/** How long the key that is replaced stays acceptable, and from when. */
export interface KeyOverlap {
  readonly nowMs: number;
  /** 0: the old key, and any replaced before it, ends at once. */
  readonly overlapMs: number;
}

/** IKE tries every key it accepts, so there must be an end to how many there are; the oldest go first. */
const mostReplacedKeys = 8;

/** Every pre-shared key that the remote may use, the one that is meant to stay first. Empty without one. */
export function acceptedKeys(authentication: Authentication): readonly Secret[] {
  if (authentication.kind === 'none') return [];
  return [authentication.psk, ...(authentication.replaced ?? []).map(({ psk }) => psk)];
}

/**
 * What a policy's authentication becomes when `after` is written over it: the key that goes is accepted for the overlap,
 * those replaced earlier until their own ends. The same key again changes nothing, and a key that comes back is no longer
 * among the replaced.
 */
export function replaceKey(
  before: Authentication,
  after: Authentication,
  { nowMs, overlapMs }: KeyOverlap,
): Authentication {
  if (before.kind === 'none' || after.kind === 'none') return after;
  if (before.psk.fingerprint === after.psk.fingerprint) return endReplacedKeys(before, nowMs);
  if (overlapMs === 0) return { kind: 'psk', psk: after.psk };
  const replaced = [{ psk: before.psk, untilMs: nowMs + overlapMs }, ...(before.replaced ?? [])].filter(
    ({ psk }) => psk.fingerprint !== after.psk.fingerprint,
  );
  return endReplacedKeys({ kind: 'psk', psk: after.psk, replaced }, nowMs);
}

/** The authentication without the replaced keys whose time has come. */
export function endReplacedKeys(authentication: Authentication, nowMs: number): Authentication {
  if (authentication.kind === 'none' || authentication.replaced === undefined) return authentication;
  const replaced = authentication.replaced
    .filter(({ untilMs }) => untilMs > nowMs)
    .slice(0, mostReplacedKeys);
  return { kind: 'psk', psk: authentication.psk, ...(replaced.length > 0 && { replaced }) };
}

/** When the next replaced key ends, in epoch milliseconds; undefined when there is none. */
export function nextKeyEndMs(authentication: Authentication): number | undefined {
  if (authentication.kind === 'none' || authentication.replaced === undefined) return undefined;
  const ends = authentication.replaced.map(({ untilMs }) => untilMs);
  return ends.length === 0 ? undefined : Math.min(...ends);
}
