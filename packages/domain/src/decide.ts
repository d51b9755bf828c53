import { type ImpliedEntry, impliedEntries, impliedMismatch } from './implied-entry.ts';
import { type IpsecPolicy, isProtecting, type PolicyUuid } from './policy.ts';
import type { Spd } from './spd.ts';
import type { Standing } from './spd-tier.ts';
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
 * What happens to a packet, and by whom. `protect` means ESP or nothing; `no-policy` means that IPsec has no say and
 * the packet passes in clear.
 */
export type Decision =
  | { readonly verdict: 'no-policy' }
  | { readonly verdict: 'protect' | 'bypass' | 'discard'; readonly by: Decider };

/** What of the cluster's settings has a say in every decision. */
export interface DecisionSettings {
  readonly ipsecEnabled: boolean;
}

/**
 * Decides for one packet as the kernel does: the first entry by priority that matches (RFC 4301 5.1, 5.2). Addresses
 * and ports are by role, so one answer is for both directions.
 */
export function decide(spd: Spd, packet: Packet, { ipsecEnabled }: DecisionSettings): Decision {
  if (!ipsecEnabled) return { verdict: 'no-policy' };
  const implied = impliedEntries.find((entry) => impliedMismatch(entry, packet) === undefined);
  if (implied !== undefined) return { verdict: 'bypass', by: impliedDecider(implied) };
  for (const entry of spd.matching(packet)) {
    const by = { kind: 'policy', ...entry } as const;
    return { verdict: verdictOf(by), by };
  }
  return { verdict: 'no-policy' };
}

/**
 * Everything that is asked about a packet on the way to its decision, in order, and everything behind that: each with
 * the reason why it does or does not decide. Made as it is read, from the SPD as it is at that moment.
 */
export function* consider(
  spd: Spd,
  packet: Packet,
  settings: DecisionSettings,
): Generator<Considered, undefined> {
  const decision = decide(spd, packet, settings);
  const by = decision.verdict === 'no-policy' ? undefined : decision.by;
  const matched: Outcome = { kind: 'outranked' };
  if (settings.ipsecEnabled) {
    for (const entry of impliedEntries) {
      const isBy = by?.kind === 'implied' && by.entry === entry;
      const against = noMatch(impliedMismatch(entry, packet)) ?? matched;
      yield { decider: impliedDecider(entry), outcome: isBy ? { kind: 'decides' } : against };
    }
  }
  for (const standing of spd.standings()) {
    const { policy, priority } = standing;
    const isBy = by?.kind === 'policy' && by.policy === policy;
    const against = reasonAgainst(standing, packet, settings) ?? matched;
    yield { decider: { kind: 'policy', policy, priority }, outcome: isBy ? { kind: 'decides' } : against };
  }
}

function reasonAgainst(
  { policy, place }: Standing,
  packet: Packet,
  { ipsecEnabled }: DecisionSettings,
): Outcome | undefined {
  if (!ipsecEnabled) return { kind: 'disabled', what: 'ipsec' };
  if (place === 'disabled') return { kind: 'disabled', what: 'policy' };
  if (place !== 'loaded') return { kind: 'shadowed', by: place.shadowedBy };
  return noMatch(mismatchedField(policy.selector, packet));
}

function noMatch(field: SelectorField | undefined): Outcome | undefined {
  return field === undefined ? undefined : { kind: 'no-match', field };
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
