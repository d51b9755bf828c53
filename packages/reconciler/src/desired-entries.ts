import type { DatapathEntry, DatapathSettings } from '@esplanade/datapath';
import type { DesiredChange, DesiredSnapshot } from '@esplanade/desired';
import { type PolicyUuid, Spd, selectorKey } from '@esplanade/domain';
import { PolicyCredentials } from './policy-credentials.ts';
import type { Target } from './state-of.ts';

/** What a change of the desired state means for one IPspace. */
export type Consequence =
  /** Only these policies need a look. */
  | { readonly kind: 'some'; readonly policies: ReadonlySet<PolicyUuid> }
  /** Anything may be different. */
  | { readonly kind: 'everything' };

/** The part of the desired state that concerns one IPspace, kept up with it change by change. */
export class DesiredEntries {
  readonly #ipspaceUuid: string;
  #snapshot: DesiredSnapshot;
  #credentials: PolicyCredentials;
  #spd = new Spd();
  /** Which policy is loaded on each selector. */
  readonly #loaded = new Map<string, PolicyUuid>();

  constructor(ipspaceUuid: string, snapshot: DesiredSnapshot) {
    this.#ipspaceUuid = ipspaceUuid;
    this.#snapshot = snapshot;
    this.#credentials = new PolicyCredentials(snapshot);
    this.#rebuild();
  }

  get revision(): number {
    return this.#snapshot.revision;
  }

  get settings(): DatapathSettings {
    return { replayWindow: this.#snapshot.ipsec.value.replayWindow };
  }

  /** All policies of this IPspace. */
  *policies(): IterableIterator<PolicyUuid> {
    for (const [uuid, { value }] of this.#snapshot.policies)
      if (value.ipspace.uuid === this.#ipspaceUuid) yield uuid;
  }

  /** How to call a policy in a sentence: by name and UUID, or by its UUID alone when it is no longer there. */
  callOf(uuid: PolicyUuid): string {
    const policy = this.#snapshot.policies.get(uuid)?.value;
    return policy === undefined ? `policy ${uuid}` : `policy "${policy.name}" (${uuid})`;
  }

  /** Everything that must be installed, in the order in which it decides. */
  entries(): readonly DatapathEntry[] {
    if (!this.#snapshot.ipsec.value.enabled) return [];
    return Array.from(this.#spd.entries(), (entry) => this.#credentials.complete(entry));
  }

  targetOf(uuid: PolicyUuid): Target {
    const place = this.#spd.placeOf(uuid);
    if (place.kind === 'absent') return place;
    if (!this.#snapshot.ipsec.value.enabled)
      return { kind: 'disabled', reason: 'IPsec is disabled on the cluster' };
    if (place.kind === 'disabled') return { kind: 'disabled', reason: 'the policy is disabled' };
    if (place.kind === 'shadowed') return place;
    return { kind: 'loaded', entry: this.#credentials.complete(place.entry) };
  }

  /** The entry that must be installed for the policy, if any. */
  entryOf(uuid: PolicyUuid): DatapathEntry | undefined {
    const target = this.targetOf(uuid);
    return target.kind === 'loaded' ? target.entry : undefined;
  }

  /** The entry that must be installed on a selector, if any. */
  entryOn(key: string): DatapathEntry | undefined {
    const uuid = this.#loaded.get(key);
    return uuid === undefined ? undefined : this.entryOf(uuid);
  }

  /** Moves on to a newer snapshot and says what must be looked at. */
  follow(snapshot: DesiredSnapshot, change: DesiredChange): Consequence {
    const before = this.#snapshot.ipsec.value;
    this.#snapshot = snapshot;
    this.#credentials = new PolicyCredentials(snapshot, this.#credentials);
    if (change.kind === 'everything') {
      this.#rebuild();
      return { kind: 'everything' };
    }
    const affected = new Set([...change.policies].flatMap((uuid) => [...this.#update(uuid)]));
    const { enabled, replayWindow } = snapshot.ipsec.value;
    const isSwitched = enabled !== before.enabled || replayWindow !== before.replayWindow;
    return isSwitched ? { kind: 'everything' } : { kind: 'some', policies: affected };
  }

  #rebuild(): void {
    this.#spd = new Spd();
    this.#loaded.clear();
    for (const uuid of this.policies()) this.#update(uuid);
  }

  #update(uuid: PolicyUuid): ReadonlySet<PolicyUuid> {
    const policy = this.#snapshot.policies.get(uuid)?.value;
    const left = this.#spd.placeOf(uuid);
    if (left.kind === 'loaded') this.#loaded.delete(selectorKey(left.entry.policy.selector));
    const affected =
      policy?.ipspace.uuid === this.#ipspaceUuid ? this.#spd.put(policy) : this.#spd.remove(uuid);
    for (const other of affected) {
      const place = this.#spd.placeOf(other);
      if (place.kind === 'loaded') this.#loaded.set(selectorKey(place.entry.policy.selector), other);
    }
    return affected;
  }
}
