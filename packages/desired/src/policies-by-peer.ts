import { acceptedKeys, type IpsecPolicy, type PolicyUuid, peerKey } from '@esplanade/domain';
import type { NewPolicy } from './desired-state.ts';

/** A peer that a policy holds to pre-shared keys. */
export interface HeldPeer {
  /** Which peer, as IKE can tell (`peerKey`). */
  readonly key: string;
  /** Of the keys that the policy accepts, its own first. Never empty. */
  readonly fingerprints: readonly string[];
}

/** The peer that a policy holds to its keys, if it does. */
export function heldPeer(policy: NewPolicy): HeldPeer | undefined {
  if (!policy.enabled || policy.authentication.kind !== 'psk') return undefined;
  const fingerprints = acceptedKeys(policy.authentication).map(({ fingerprint }) => fingerprint);
  return { key: peerKey(policy), fingerprints };
}

/** Which policies hold which peer. */
export class PoliciesByPeer {
  readonly #byKey = new Map<string, Map<PolicyUuid, IpsecPolicy>>();

  policies(key: string): readonly IpsecPolicy[] {
    return [...(this.#byKey.get(key)?.values() ?? [])];
  }

  replace(before: IpsecPolicy | undefined, after: IpsecPolicy | undefined): void {
    const left = before && heldPeer(before);
    if (before !== undefined && left !== undefined) {
      const policies = this.#byKey.get(left.key);
      policies?.delete(before.uuid);
      if (policies?.size === 0) this.#byKey.delete(left.key);
    }
    const held = after && heldPeer(after);
    if (after === undefined || held === undefined) return;
    const policies = this.#byKey.get(held.key) ?? new Map<PolicyUuid, IpsecPolicy>();
    this.#byKey.set(held.key, policies.set(after.uuid, after));
  }
}
