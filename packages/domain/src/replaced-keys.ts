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
  if (authentication.kind !== 'psk') return [];
  return [authentication.psk, ...(authentication.replaced ?? []).map(({ psk }) => psk)];
}

/**
 * What a policy's authentication becomes when `after` is written over it: the key that goes is accepted for the
 * overlap, those replaced earlier until their own ends. Post-quantum keys have no overlap: a peer names the one it
 * means. The same key again changes nothing, and a key that comes back is no longer among the replaced.
 */
export function replaceKey(
  before: Authentication,
  after: Authentication,
  { nowMs, overlapMs }: KeyOverlap,
): Authentication {
  if (before.kind !== 'psk' || after.kind !== 'psk') return after;
  const { replaced: earlier = [] } = before;
  if (before.psk.fingerprint === after.psk.fingerprint) {
    return endReplacedKeys({ ...after, replaced: earlier }, nowMs);
  }
  if (overlapMs === 0) return after;
  const replaced = [{ psk: before.psk, untilMs: nowMs + overlapMs }, ...earlier].filter(
    ({ psk }) => psk.fingerprint !== after.psk.fingerprint,
  );
  return endReplacedKeys({ ...after, replaced }, nowMs);
}

/** The authentication without the replaced keys whose time has come. */
export function endReplacedKeys(authentication: Authentication, nowMs: number): Authentication {
  if (authentication.kind !== 'psk' || authentication.replaced === undefined) return authentication;
  const { replaced, ...others } = authentication;
  const accepted = replaced.filter(({ untilMs }) => untilMs > nowMs).slice(0, mostReplacedKeys);
  return { ...others, ...(accepted.length > 0 && { replaced: accepted }) };
}

/** When the next replaced key ends, in epoch milliseconds; undefined when there is none. */
export function nextKeyEndMs(authentication: Authentication): number | undefined {
  if (authentication.kind !== 'psk' || authentication.replaced === undefined) return undefined;
  const ends = authentication.replaced.map(({ untilMs }) => untilMs);
  return ends.length === 0 ? undefined : Math.min(...ends);
}
