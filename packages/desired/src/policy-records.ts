import type { IpsecPolicy, PolicyScope, PolicyUuid, Reference } from '@esplanade/domain';
import { PoliciesByAgreement } from './agreements.ts';
import { scopeKey } from './keys.ts';
import type { DesiredSnapshot, Versioned } from './model.ts';
import { SortedMap } from './sorted-map.ts';
import { withSvmName } from './svm-name.ts';

/** The policies, and what is counted of them as they come and go. */
export class PolicyRecords {
  #policies = SortedMap.empty<PolicyUuid, Versioned<IpsecPolicy>>();
  readonly #byAgreement = new PoliciesByAgreement();
  readonly #counts = new Map<string, number>();

  /** As they are now; immutable. */
  snapshot(): Pick<DesiredSnapshot, 'policies'> {
    return { policies: this.#policies };
  }

  get(uuid: PolicyUuid): Versioned<IpsecPolicy> | undefined {
    return this.#policies.get(uuid);
  }

  /** Takes a policy in place of what it was; undefined where it is gone. */
  replace(uuid: PolicyUuid, next: Versioned<IpsecPolicy> | undefined): void {
    const before = this.#policies.get(uuid)?.value;
    this.#byAgreement.replace(before, next?.value);
    for (const [policy, change] of [[before, -1] as const, [next?.value, 1] as const])
      if (policy !== undefined) this.#counts.set(scopeKey(policy.scope), this.count(policy.scope) + change);
    this.#policies = next === undefined ? this.#policies.without(uuid) : this.#policies.with(uuid, next);
  }

  /** How many there are of that SVM, or of the cluster scope. */
  count(scope: PolicyScope): number {
    return this.#counts.get(scopeKey(scope)) ?? 0;
  }

  /** Those that have a part in an agreement. */
  partyTo(key: string): ReturnType<PoliciesByAgreement['party']> {
    return this.#byAgreement.party(key);
  }

  /** Those of these owners (`scopeKey`) that authenticate by certificates. */
  *byCertificate(owners: ReadonlySet<string>): IterableIterator<PolicyUuid> {
    for (const [uuid, { value }] of this.#policies)
      if (value.authentication.kind === 'pki' && owners.has(scopeKey(value.scope))) yield uuid;
  }

  /** Gives those of an SVM its new name. None changes by that: what carries them out knows SVMs by their uuids. */
  showSvm(svm: Reference): void {
    this.#policies = this.#policies.map((row) => withSvmName(row, svm));
  }
}
