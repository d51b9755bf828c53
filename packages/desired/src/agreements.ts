import { acceptedKeys, type IpsecPolicy, identityKey, type PolicyUuid, peerKey } from '@esplanade/domain';
import type { NewPolicy } from './desired-state.ts';

/** Something that policies must agree on because IKE, or what carries it out, cannot tell them apart there. */
export interface Agreement {
  /** On the keys of one peer, or on the post-quantum key behind one identity. */
  readonly on: 'peer' | 'postquantum identity';
  /** Equal for policies that must agree. */
  readonly key: string;
  /** Each of them will do for the policy, its own first. Never empty. */
  readonly values: readonly string[];
}

/** What a policy must agree on with others; nothing if it has no keys, or is disabled. */
export function agreementsOf(policy: NewPolicy): readonly Agreement[] {
  const { enabled, authentication, ipspace } = policy;
  if (!enabled || authentication.kind !== 'psk') return [];
  const keys = acceptedKeys(authentication).map(({ fingerprint }) => fingerprint);
  const ofPeer = { on: 'peer', key: peerKey(policy) } as const;
  if (authentication.postquantumKey === undefined) return [{ ...ofPeer, values: keys }];
  const { identity, key } = authentication.postquantumKey;
  const form = JSON.stringify(identityKey({ kind: 'text', text: identity }));
  return [
    { ...ofPeer, values: keys.map((fingerprint) => `${fingerprint} ${key.fingerprint} ${form}`) },
    {
      on: 'postquantum identity',
      key: JSON.stringify(['postquantum identity', ipspace.uuid, form]),
      values: [key.fingerprint],
    },
  ];
}

/** Whether the policy accepts a value of an agreement, or has no part in it. */
export function agreesTo(policy: NewPolicy, { key }: Agreement, value: string): boolean {
  return (
    agreementsOf(policy)
      .find((one) => one.key === key)
      ?.values.includes(value) ?? true
  );
}

/** Which policies have a part in which agreement. */
export class PoliciesByAgreement {
  readonly #byKey = new Map<string, Map<PolicyUuid, IpsecPolicy>>();

  policies(key: string): readonly IpsecPolicy[] {
    return [...(this.#byKey.get(key)?.values() ?? [])];
  }

  replace(before: IpsecPolicy | undefined, after: IpsecPolicy | undefined): void {
    if (before !== undefined) {
      for (const { key } of agreementsOf(before)) {
        const policies = this.#byKey.get(key);
        policies?.delete(before.uuid);
        if (policies?.size === 0) this.#byKey.delete(key);
      }
    }
    if (after === undefined) return;
    for (const { key } of agreementsOf(after)) {
      const policies = this.#byKey.get(key) ?? new Map<PolicyUuid, IpsecPolicy>();
      this.#byKey.set(key, policies.set(after.uuid, after));
    }
  }
}
