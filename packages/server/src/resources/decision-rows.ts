import type { DesiredSnapshot } from '@esplanade/desired';
import {
  type Considered,
  type Decider,
  type Decision,
  type Outcome,
  type PolicyUuid,
  type Reference,
  verdictOf,
} from '@esplanade/domain';
import type { Principal } from '@esplanade/ontap';
import { findPolicy, isVisible } from './visible-policies.ts';

/** What came of asking an entry, as the API words it. */
export const outcomes = ['decides', 'outranked', 'no_match', 'shadowed', 'disabled'] as const;
/** What an entry does with packets. */
export const verdicts = ['protect', 'bypass', 'discard', 'no_policy'] as const;
/** What an entry is. */
export const entryKinds = ['policy', 'ike', 'ipv6_neighbour_discovery', 'none'] as const;

/** One entry that was asked about a packet, and what came of it. */
export interface DecisionRow {
  readonly position: number;
  readonly entry: (typeof entryKinds)[number];
  readonly outcome: (typeof outcomes)[number];
  readonly verdict: (typeof verdicts)[number];
  /** A sentence. */
  readonly reason: string;
  /** Absent for implied entries, and for another SVM's policy. */
  readonly policy?: Reference;
  readonly mismatch?: string;
  readonly shadowedBy?: Reference;
  /** The kernel's number; absent for `none`, and for another SVM's policy. */
  readonly priority?: number;
}

/**
 * A decision as rows in the order asked; the last stands for "no entry matches". Policies the principal may not see are
 * left out, except for one that decides, which is shown without its name.
 */
export function decisionRows(
  decision: Decision,
  snapshot: DesiredSnapshot,
  principal: Principal,
): readonly DecisionRow[] {
  const view = new View(snapshot, principal);
  const winner = decision.verdict === 'no-policy' ? undefined : view.nameOf(decision.by);
  const asked = decision.considered.filter(
    ({ decider, outcome }) => outcome.kind === 'decides' || view.shows(decider),
  );
  const rows = asked.map((considered, index) => rowOf(considered, index + 1, winner, view));
  return [...rows, lastRow(rows.length + 1, winner)];
}

/** What one principal sees of the policies that were asked. */
class View {
  readonly #snapshot: DesiredSnapshot;
  readonly #principal: Principal;

  constructor(snapshot: DesiredSnapshot, principal: Principal) {
    this.#snapshot = snapshot;
    this.#principal = principal;
  }

  shows(decider: Decider): boolean {
    return decider.kind === 'implied' || this.reference(decider.policy.uuid) !== undefined;
  }

  /** The policy's name and uuid, if the principal may know them. */
  reference(uuid: PolicyUuid): Reference | undefined {
    const row = findPolicy(this.#snapshot, uuid);
    if (row === undefined || !isVisible(row, this.#principal)) return undefined;
    return { uuid, name: row.value.name };
  }

  nameOf(decider: Decider): string {
    if (decider.kind === 'implied') return `the implied entry ${decider.entry.name}`;
    return this.policyName(decider.policy.uuid);
  }

  policyName(uuid: PolicyUuid): string {
    const reference = this.reference(uuid);
    return reference === undefined ? 'a policy of another SVM' : `policy "${reference.name}"`;
  }
}

function rowOf(
  { decider, outcome }: Considered,
  position: number,
  winner: string | undefined,
  view: View,
): DecisionRow {
  const policy = decider.kind === 'policy' ? view.reference(decider.policy.uuid) : undefined;
  const shadowedBy = outcome.kind === 'shadowed' ? view.reference(outcome.by) : undefined;
  const verdict = verdictOf(decider);
  return {
    position,
    entry: entryOf(decider),
    outcome: outcome.kind === 'no-match' ? 'no_match' : outcome.kind,
    verdict,
    reason: reasonOf(outcome, verdict, winner, view),
    ...(view.shows(decider) && { priority: decider.priority }),
    ...(policy !== undefined && { policy }),
    ...(outcome.kind === 'no-match' && { mismatch: outcome.field.replace(' ', '_') }),
    ...(shadowedBy !== undefined && { shadowedBy }),
  };
}

function lastRow(position: number, winner: string | undefined): DecisionRow {
  const row = { position, entry: 'none', verdict: 'no_policy' } as const;
  return winner === undefined
    ? {
        ...row,
        outcome: 'decides',
        reason: 'No entry matches: IPsec has no say, and the packet passes in clear.',
      }
    : { ...row, outcome: 'outranked', reason: `It is for packets that nothing matches, and ${winner} does.` };
}

function entryOf(decider: Decider): DecisionRow['entry'] {
  if (decider.kind === 'policy') return 'policy';
  return decider.entry.name === 'ike' ? 'ike' : 'ipv6_neighbour_discovery';
}

const effects = {
  protect: 'the packet goes in ESP, or not at all',
  bypass: 'the packet passes in clear',
  discard: 'the packet is dropped',
} as const;

function reasonOf(
  outcome: Outcome,
  verdict: keyof typeof effects,
  winner: string | undefined,
  view: View,
): string {
  switch (outcome.kind) {
    case 'decides':
      return `It is the first that matches: ${effects[verdict]}.`;
    case 'outranked':
      return `It matches, but ${winner} comes first.`;
    case 'no-match':
      return `Its ${outcome.field} is not the packet's.`;
    case 'shadowed':
      return `It is not loaded: ${view.policyName(outcome.by)} is older and has the same selector.`;
    case 'disabled':
      return outcome.what === 'policy'
        ? 'It is not loaded: the policy is disabled.'
        : 'It is not loaded: IPsec is disabled on the whole cluster.';
  }
}
