import { compareAge, type IpsecPolicy, type PolicyUuid } from './policy.ts';
import { priorityOf } from './priority.ts';
import { loadedOf, SpdTier, type Standing } from './spd-tier.ts';
import type { Packet, TrafficSelector } from './traffic-selector.ts';

/**
 * A policy with its place in the SPD (RFC 4301 4.4.1). `priority` is a pure function of the selector (docs/decisions);
 * lower numbers decide first, as in the kernel.
 */
export interface SpdEntry {
  readonly policy: IpsecPolicy;
  readonly priority: number;
}

/** Where a policy stands. */
export type SpdPlace =
  | { readonly kind: 'loaded'; readonly entry: SpdEntry }
  | { readonly kind: 'shadowed'; readonly by: PolicyUuid }
  | { readonly kind: 'disabled' }
  | { readonly kind: 'absent' };

/** The SPD of all policies of one IPspace. */
export function spdOf(policies: Iterable<IpsecPolicy>): Spd {
  const spd = new Spd();
  for (const policy of policies) spd.put(policy);
  return spd;
}

/**
 * The SPD of one IPspace (RFC 4301 4.4.1): what is loaded, what is not and why. Among thousands, a change costs only a
 * look at the policies with the same selector, and a packet only one at each priority that is in use. The caller keeps
 * IPspaces apart, one SPD each.
 */
export class Spd {
  readonly #policies = new Map<PolicyUuid, IpsecPolicy>();
  /** By priority. Never holds an empty tier. */
  readonly #tiers = new Map<number, SpdTier>();
  /** Who is loaded instead of each policy that is shadowed: where all policies stand is asked far oftener than changed. */
  readonly #shadowedBy = new Map<PolicyUuid, PolicyUuid>();

  /** Adds or replaces a policy. Returns the policies to look at again: itself, and all whose place may have changed. */
  put(policy: IpsecPolicy): ReadonlySet<PolicyUuid> {
    const changed = new Set(this.remove(policy.uuid));
    this.#policies.set(policy.uuid, policy);
    const before = this.#group(policy.selector);
    this.#replaceGroup(policy.selector, before, [...before, policy].sort(compareAge), changed);
    return changed.add(policy.uuid);
  }

  /** Takes a policy out. Returns the policies to look at again: itself if it was there, and those whose place changed. */
  remove(uuid: PolicyUuid): ReadonlySet<PolicyUuid> {
    const changed = new Set<PolicyUuid>();
    const policy = this.#policies.get(uuid);
    if (policy === undefined) return changed;
    this.#policies.delete(uuid);
    const before = this.#group(policy.selector);
    const after = before.filter((other) => other.uuid !== uuid);
    this.#replaceGroup(policy.selector, before, after, changed);
    return changed.add(uuid);
  }

  /** Where a policy stands now. */
  placeOf(uuid: PolicyUuid): SpdPlace {
    const policy = this.#policies.get(uuid);
    if (policy === undefined) return { kind: 'absent' };
    if (!policy.enabled) return { kind: 'disabled' };
    const by = this.#shadowedBy.get(uuid);
    return by === undefined
      ? { kind: 'loaded', entry: { policy, priority: priorityOf(policy.selector) } }
      : { kind: 'shadowed', by };
  }

  /** Everything loaded, in the order in which it decides. Entries of equal priority do not overlap. */
  *entries(): Generator<SpdEntry, undefined> {
    for (const { policy, priority, place } of this.standings())
      if (place === 'loaded') yield { policy, priority };
  }

  /** The loaded policies that match the packet, first the one that decides. */
  *matching(packet: Packet): Generator<SpdEntry, undefined> {
    for (const tier of this.#inOrder()) {
      const policy = tier.match(packet);
      if (policy !== undefined) yield { policy, priority: tier.priority };
    }
  }

  /** All policies in the order in which they would be asked if they were loaded, and whether they are. */
  *standings(): Generator<Standing & { readonly priority: number }, undefined> {
    for (const tier of this.#inOrder())
      for (const { policy, place } of tier.inOrder()) yield { policy, place, priority: tier.priority };
  }

  #inOrder(): readonly SpdTier[] {
    return [...this.#tiers.values()].sort((a, b) => a.priority - b.priority);
  }

  #group(selector: TrafficSelector): readonly IpsecPolicy[] {
    return this.#tiers.get(priorityOf(selector))?.group(selector) ?? [];
  }

  #replaceGroup(
    selector: TrafficSelector,
    before: readonly IpsecPolicy[],
    after: readonly IpsecPolicy[],
    changed: Set<PolicyUuid>,
  ): void {
    const priority = priorityOf(selector);
    const tier = this.#tiers.get(priority) ?? new SpdTier(selector);
    tier.replaceGroup(selector, after);
    if (tier.isEmpty) this.#tiers.delete(priority);
    else this.#tiers.set(priority, tier);
    const loaded = loadedOf(after);
    for (const { uuid } of before) this.#shadowedBy.delete(uuid);
    for (const { uuid, enabled } of after)
      if (enabled && loaded !== undefined && uuid !== loaded.uuid) this.#shadowedBy.set(uuid, loaded.uuid);
    if (loadedOf(before)?.uuid === loaded?.uuid) return;
    // Whoever is loaded now shadows everyone else who is enabled.
    for (const { uuid, enabled } of [...before, ...after]) if (enabled) changed.add(uuid);
  }
}
