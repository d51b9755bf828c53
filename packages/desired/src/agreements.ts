import {
  acceptedKeys,
  effectiveIdentities,
  type IpsecPolicy,
  identityKey,
  type PolicyScope,
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
  const values = [ownerValue(policy.scope), ...fingerprints.map((one) => `key ${one}`)];
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

/** What all policies of one owner accept, and no others. */
export function ownerValue(scope: PolicyScope): string {
  return `owner ${scopeKey(scope)}`;
}

/**
 * The policies that have a part in one agreement. How many accept a value is counted as they come and go, so that one
 * more policy is not held against each of the others.
 */
export class Party {
  /** What each of them accepts. */
  readonly #members = new Map<PolicyUuid, ReadonlySet<string>>();
  readonly #acceptors = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** Takes a policy, and what it accepts, in place of what it was. */
  put(uuid: PolicyUuid, values: readonly string[]): void {
    this.delete(uuid);
    const distinct = new Set(values);
    this.#members.set(uuid, distinct);
    this.#count(distinct, 1);
  }

  delete(uuid: PolicyUuid): void {
    this.#count(this.#members.get(uuid) ?? [], -1);
    this.#members.delete(uuid);
  }

  /** Whether every policy but that one accepts the value. */
  accepts(value: string, except: PolicyUuid): boolean {
    const own = this.#members.get(except);
    const others = this.#members.size - (own === undefined ? 0 : 1);
    const acceptors = (this.#acceptors.get(value) ?? 0) - (own?.has(value) ? 1 : 0);
    return acceptors === others;
  }

  /** One of those, but for that one, which do not accept the value. Walks through them. */
  refuserOf(value: string, except: PolicyUuid): PolicyUuid | undefined {
    for (const [uuid, values] of this.#members) if (uuid !== except && !values.has(value)) return uuid;
    return undefined;
  }

  #count(values: Iterable<string>, change: 1 | -1): void {
    for (const value of values) {
      const count = (this.#acceptors.get(value) ?? 0) + change;
      if (count === 0) this.#acceptors.delete(value);
      else this.#acceptors.set(value, count);
    }
  }
}

const nobody = new Party();

/** Which policies have a part in which agreement. */
export class PoliciesByAgreement {
  readonly #byKey = new Map<string, Party>();

  /** Those of the agreement of that key; they change with the policies. */
  party(key: string): Pick<Party, 'accepts' | 'refuserOf'> {
    return this.#byKey.get(key) ?? nobody;
  }

  /** Takes a policy as it is in place of what it was; either may be missing. */
  replace(before: IpsecPolicy | undefined, after: IpsecPolicy | undefined): void {
    if (before !== undefined) {
      for (const { key } of agreementsOf(before)) {
        const party = this.#byKey.get(key);
        party?.delete(before.uuid);
        if (party?.isEmpty) this.#byKey.delete(key);
      }
    }
    if (after === undefined) return;
    for (const { key, values } of agreementsOf(after)) {
      const party = this.#byKey.get(key) ?? new Party();
      this.#byKey.set(key, party);
      party.put(after.uuid, [...values, ownerValue(after.scope)]);
    }
  }
}
