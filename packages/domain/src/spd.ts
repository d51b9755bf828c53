import type { IpsecPolicy, PolicyUuid } from './policy.ts';
import { priorityOf } from './priority.ts';
import { selectorKey } from './traffic-selector.ts';

/**
 * A policy with its place in the SPD (RFC 4301 4.4.1). `priority` is a pure function of the selector (docs/decisions);
 * lower numbers decide first, as in the kernel.
 */
export interface SpdEntry {
  readonly policy: IpsecPolicy;
  readonly priority: number;
}

/** All policies of one IPspace, sorted by whether and when they decide. */
export interface Spd {
  /** What is loaded, in the order in which it decides. Entries of equal priority do not overlap. */
  readonly entries: readonly SpdEntry[];
  /** Enabled policies kept out by an older one with the identical selector, and by which. */
  readonly shadowed: ReadonlyMap<PolicyUuid, PolicyUuid>;
  /** Policies that are not loaded: disabled or shadowed. */
  readonly unloaded: readonly IpsecPolicy[];
}

/** Where a policy stands. */
export type SpdPlace =
  | { readonly kind: 'loaded'; readonly entry: SpdEntry }
  | { readonly kind: 'shadowed'; readonly by: PolicyUuid }
  | { readonly kind: 'disabled' }
  | { readonly kind: 'absent' };

/** Older first: by creation revision, and by uuid among policies of one commit. */
export function compareAge(a: IpsecPolicy, b: IpsecPolicy): number {
  return a.createdRevision - b.createdRevision || compareText(a.uuid, b.uuid);
}

/** The SPD of all policies of one IPspace. */
export function spdOf(policies: Iterable<IpsecPolicy>): Spd {
  const all = [...policies];
  const groups = Map.groupBy(
    all.filter(({ enabled }) => enabled),
    ({ selector }) => selectorKey(selector),
  );
  return spdFrom(
    all,
    Array.from(groups.values(), (group) => group.sort(compareAge)),
  );
}

/** `groups` are the enabled policies by selector, the oldest first. */
function spdFrom(policies: Iterable<IpsecPolicy>, groups: Iterable<readonly IpsecPolicy[]>): Spd {
  const entries: SpdEntry[] = [];
  const shadowed = new Map<PolicyUuid, PolicyUuid>();
  for (const [oldest, ...newer] of groups) {
    if (oldest === undefined) continue;
    entries.push(entryOf(oldest));
    for (const policy of newer) shadowed.set(policy.uuid, oldest.uuid);
  }
  entries.sort((a, b) => a.priority - b.priority || compareAge(a.policy, b.policy));
  const unloaded = [...policies].filter(({ enabled, uuid }) => !enabled || shadowed.has(uuid));
  return { entries, shadowed, unloaded };
}

/**
 * The SPD of one IPspace under change: each change costs only a look at the policies with the same selector, so one
 * among thousands is cheap. The caller keeps IPspaces apart, one index each.
 */
export class SpdIndex {
  readonly #policies = new Map<PolicyUuid, IpsecPolicy>();
  /** Enabled policies by selector, the oldest (the loaded one) first. Never holds an empty group. */
  readonly #groups = new Map<string, readonly IpsecPolicy[]>();

  /** Adds or replaces a policy. Returns the policies to look at again: itself, and all whose place may have changed. */
  put(policy: IpsecPolicy): ReadonlySet<PolicyUuid> {
    const changed = new Set(this.remove(policy.uuid));
    this.#policies.set(policy.uuid, policy);
    if (policy.enabled) {
      const key = selectorKey(policy.selector);
      const before = this.#groups.get(key) ?? [];
      this.#replaceGroup(key, before, [...before, policy].sort(compareAge), changed);
    }
    return changed.add(policy.uuid);
  }

  /** Takes a policy out. Returns the policies to look at again: itself if it was there, and those whose place changed. */
  remove(uuid: PolicyUuid): ReadonlySet<PolicyUuid> {
    const changed = new Set<PolicyUuid>();
    const policy = this.#policies.get(uuid);
    if (policy === undefined) return changed;
    this.#policies.delete(uuid);
    if (policy.enabled) {
      const key = selectorKey(policy.selector);
      const before = this.#groups.get(key) ?? [];
      const after = before.filter((other) => other.uuid !== uuid);
      this.#replaceGroup(key, before, after, changed);
    }
    return changed.add(uuid);
  }

  /** Where a policy stands now. */
  placeOf(uuid: PolicyUuid): SpdPlace {
    const policy = this.#policies.get(uuid);
    if (policy === undefined) return { kind: 'absent' };
    if (!policy.enabled) return { kind: 'disabled' };
    const [oldest = policy] = this.#groups.get(selectorKey(policy.selector)) ?? [];
    if (oldest.uuid !== uuid) return { kind: 'shadowed', by: oldest.uuid };
    return { kind: 'loaded', entry: entryOf(policy) };
  }

  /** Everything loaded, in no particular order. */
  *entries(): IterableIterator<SpdEntry> {
    for (const [oldest] of this.#groups.values()) if (oldest !== undefined) yield entryOf(oldest);
  }

  /** The whole SPD at this moment, sorted; unlike the rest it costs a walk over all policies. */
  spd(): Spd {
    return spdFrom(this.#policies.values(), this.#groups.values());
  }

  #replaceGroup(
    key: string,
    before: readonly IpsecPolicy[],
    after: readonly IpsecPolicy[],
    changed: Set<PolicyUuid>,
  ): void {
    if (after.length === 0) this.#groups.delete(key);
    else this.#groups.set(key, after);
    // A new oldest changes the place of everyone behind it too: they are shadowed by another now.
    if (before[0]?.uuid !== after[0]?.uuid)
      for (const policy of [...before, ...after]) changed.add(policy.uuid);
  }
}

function entryOf(policy: IpsecPolicy): SpdEntry {
  return { policy, priority: priorityOf(policy.selector) };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
