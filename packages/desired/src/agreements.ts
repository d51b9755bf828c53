import {
  acceptedKeys,
  effectiveIdentities,
  type IpsecPolicy,
  identityKey,
  type PolicyUuid,
  peerKey,
} from '@esplanade/domain';
import type { NewPolicy } from './desired-state.ts';
import { scopeKey } from './keys.ts';

/** Something that policies must agree on because IKE, or what carries it out, cannot tell them apart there. */
export interface Agreement {
  /**
   * On the keys of one peer, on whose one identity is or which pre-shared key is behind it, or on the post-quantum key
   * behind one identity.
   */
  readonly on: 'peer' | 'local identity' | 'remote identity' | 'postquantum identity';
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
  const ofIdentities = identityAgreements(policy, keys);
  if (authentication.postquantumKey === undefined) return [{ ...ofPeer, values: keys }, ...ofIdentities];
  const { identity, key } = authentication.postquantumKey;
  const form = JSON.stringify(identityKey({ kind: 'text', text: identity }));
  return [
    { ...ofPeer, values: keys.map((fingerprint) => `${fingerprint} ${key.fingerprint} ${form}`) },
    ...ofIdentities,
    {
      on: 'postquantum identity',
      key: JSON.stringify(['postquantum identity', ipspace.uuid, form]),
      values: [key.fingerprint],
    },
  ];
}

/**
 * A responder tries every key that either identity of the attempt owns, so a key counts for every policy that has one of
 * its identities: all of those are of one owner, or have a key in common. Addresses are not held to it: ours are given
 * to one SVM, and several may have one remote host.
 */
function identityAgreements(policy: NewPolicy, fingerprints: readonly string[]): readonly Agreement[] {
  const { local, remote } = effectiveIdentities(policy);
  const values = [`owner ${scopeKey(policy.scope)}`, ...fingerprints.map((one) => `key ${one}`)];
  const named = [
    { on: 'local identity', form: identityKey(local) },
    { on: 'remote identity', form: identityKey(remote) },
  ] as const;
  const agreements = named.flatMap(({ on, form }) =>
    form.type === 'any' || form.type === 'address'
      ? []
      : [{ on, key: JSON.stringify(['psk identity', policy.ipspace.uuid, form]), values }],
  );
  // Both sides may have one identity, which is agreed on once.
  return agreements.filter(({ key }, index) => agreements.findIndex((one) => one.key === key) === index);
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

  /** The policies that have a part in the agreement of that key, as they were given. */
  policies(key: string): readonly IpsecPolicy[] {
    return [...(this.#byKey.get(key)?.values() ?? [])];
  }

  /** Takes a policy as it is in place of what it was; either may be missing. */
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
