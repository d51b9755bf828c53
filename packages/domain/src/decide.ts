import { type ImpliedEntry, impliedEntries, impliedMismatch } from './implied-entry.ts';
import { type IpsecPolicy, isProtecting, type PolicyUuid } from './policy.ts';
import { priorityOf } from './priority.ts';
import { compareAge, type Spd } from './spd.ts';
import { mismatchedField, type Packet, type SelectorField } from './traffic-selector.ts';

/** Something that may decide for a packet. */
export type Decider =
  | { readonly kind: 'policy'; readonly policy: IpsecPolicy; readonly priority: number }
  | { readonly kind: 'implied'; readonly entry: ImpliedEntry; readonly priority: number };

/** What came of asking one decider. */
export type Outcome =
  | { readonly kind: 'decides' }
  /** It matches, but an earlier one has decided. */
  | { readonly kind: 'outranked' }
  | { readonly kind: 'no-match'; readonly field: SelectorField }
  /** It is not loaded: an older policy has the identical selector. */
  | { readonly kind: 'shadowed'; readonly by: PolicyUuid }
  /** It is not loaded: the policy, or IPsec on the whole cluster, is disabled. */
  | { readonly kind: 'disabled'; readonly what: 'policy' | 'ipsec' };

export interface Considered {
  readonly decider: Decider;
  readonly outcome: Outcome;
}

/**
 * What happens to a packet, by whom, and everything that was asked on the way, in order. `protect` means ESP or
 * nothing; `no-policy` means that IPsec has no say and the packet passes in clear.
 */
export type Decision =
  | { readonly verdict: 'no-policy'; readonly considered: readonly Considered[] }
  | {
      readonly verdict: 'protect' | 'bypass' | 'discard';
      readonly by: Decider;
      readonly considered: readonly Considered[];
    };

/**
 * Decides for one packet as the kernel does: the first entry by priority that matches (RFC 4301 5.1, 5.2). Lists every
 * policy with the reason why it does or does not decide.
 */
export function decide(spd: Spd, packet: Packet, settings: { readonly ipsecEnabled: boolean }): Decision {
  const deciders = [
    ...(settings.ipsecEnabled ? impliedEntries.map(impliedDecider) : []),
    ...policyDeciders(spd),
  ];
  let by: Decider | undefined;
  const considered = deciders.map((decider): Considered => {
    const reason = reasonAgainst(decider, spd, packet, settings.ipsecEnabled);
    if (reason !== undefined) return { decider, outcome: reason };
    if (by !== undefined) return { decider, outcome: { kind: 'outranked' } };
    by = decider;
    return { decider, outcome: { kind: 'decides' } };
  });
  return by === undefined ? { verdict: 'no-policy', considered } : { verdict: verdictOf(by), by, considered };
}

function reasonAgainst(
  decider: Decider,
  spd: Spd,
  packet: Packet,
  ipsecEnabled: boolean,
): Outcome | undefined {
  if (decider.kind === 'implied') return noMatch(impliedMismatch(decider.entry, packet));
  const { policy } = decider;
  if (!ipsecEnabled) return { kind: 'disabled', what: 'ipsec' };
  if (!policy.enabled) return { kind: 'disabled', what: 'policy' };
  const by = spd.shadowed.get(policy.uuid);
  if (by !== undefined) return { kind: 'shadowed', by };
  return noMatch(mismatchedField(policy.selector, packet));
}

function noMatch(field: SelectorField | undefined): Outcome | undefined {
  return field === undefined ? undefined : { kind: 'no-match', field };
}

function policyDeciders(spd: Spd): readonly Extract<Decider, { kind: 'policy' }>[] {
  const policies = [...spd.entries.map((entry) => entry.policy), ...spd.unloaded];
  return policies
    .map((policy) => ({ kind: 'policy' as const, policy, priority: priorityOf(policy.selector) }))
    .sort((a, b) => a.priority - b.priority || compareAge(a.policy, b.policy));
}

function impliedDecider(entry: ImpliedEntry): Decider {
  return { kind: 'implied', entry, priority: entry.priority };
}

/** What the decider does with a packet it decides for. */
export function verdictOf(decider: Decider): 'protect' | 'bypass' | 'discard' {
  if (decider.kind === 'implied') return 'bypass';
  const { action } = decider.policy;
  return isProtecting(action) ? 'protect' : action;
}
