import { type IpsecPolicy, type PolicyUuid, peerKey } from '@esplanade/domain';
import type { NewPolicy } from './desired-state.ts';

/** The peer key of a policy that holds its peer to one pre-shared key, and the fingerprint of that key. */
export function heldPeer(
  policy: NewPolicy,
): { readonly key: string; readonly fingerprint: string } | undefined {
  if (!policy.enabled || policy.authentication.kind !== 'psk') return undefined;
  return { key: peerKey(policy), fingerprint: policy.authentication.psk.fingerprint };
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
