import type { DesiredSnapshot } from '@esplanade/desired';
import {
  type Considered,
  consider,
  type Decider,
  decide,
  formatDistinguishedName,
  type ImpliedEntry,
  type IpsecPolicy,
  mismatchedField,
  type Packet,
  type PolicyUuid,
  type Reference,
  type Spd,
  verdictOf,
} from '@esplanade/domain';
import type { Principal } from '@esplanade/ontap';
import { findPolicy, isVisible } from './visible-policies.ts';

/** What came of asking an entry, as the API words it. */
export const outcomes = ['decides', 'outranked', 'no_match', 'shadowed', 'disabled'] as const;
/** What an entry does with packets. */
export const verdicts = ['protect', 'bypass', 'discard', 'no_policy'] as const;
/** What an entry is. */
export const entryKinds = ['policy', 'ike', 'ipv4_to_oneself', 'ipv6_neighbour_discovery', 'none'] as const;

const impliedKinds = {
  ike: 'ike',
  'ipv4-to-oneself': 'ipv4_to_oneself',
  'ipv6-neighbour-discovery': 'ipv6_neighbour_discovery',
} as const satisfies Record<ImpliedEntry['name'], (typeof entryKinds)[number]>;

/** A question, and what it is answered from. */
export interface Question {
  readonly packet: Packet;
  readonly spd: Spd;
  readonly snapshot: DesiredSnapshot;
  readonly principal: Principal;
}

/**
 * One entry that was asked about a packet, and what came of it. Made anew for each of perhaps 100,000 entries, most of
 * which a filter passes over: what takes words is worked out when it is read.
 */
export class DecisionRow {
  /** From 1. */
  readonly position: number;
  readonly #considered: Considered | undefined;
  readonly #answer: Answer;

  /** Without `considered` it stands for "no entry matches". */
  constructor(position: number, considered: Considered | undefined, answer: Answer) {
    this.position = position;
    this.#considered = considered;
    this.#answer = answer;
  }

  get entry(): (typeof entryKinds)[number] {
    const decider = this.#considered?.decider;
    if (decider === undefined) return 'none';
    if (decider.kind === 'policy') return 'policy';
    return impliedKinds[decider.entry.name];
  }

  get outcome(): (typeof outcomes)[number] {
    if (this.#considered === undefined) return this.#answer.by === undefined ? 'decides' : 'outranked';
    const { kind } = this.#considered.outcome;
    return kind === 'no-match' ? 'no_match' : kind;
  }

  get verdict(): (typeof verdicts)[number] {
    return this.#considered === undefined ? 'no_policy' : verdictOf(this.#considered.decider);
  }

  /** What came of asking it, a sentence. */
  get reason(): string {
    const { winner } = this.#answer;
    if (this.#considered !== undefined) return reasonOf(this.#considered, this.#answer);
    return winner === undefined
      ? 'No entry matches: IPsec has no say, and the packet passes in clear.'
      : `It is for packets that nothing matches, and ${winner} does.`;
  }

  /** Absent for implied entries, and for another SVM's policy. */
  get policy(): IpsecPolicy | undefined {
    const decider = this.#considered?.decider;
    return decider?.kind === 'policy' && this.#answer.shows(decider) ? decider.policy : undefined;
  }

  /** The subject of the certificate by which the policy goes where it names no identity of ours. */
  get certificateSubject(): string | undefined {
    const { policy } = this;
    if (policy?.authentication.kind !== 'pki' || policy.localIdentity !== undefined) return undefined;
    return this.#answer.subjectOf(policy.authentication.certificate.uuid);
  }

  /** The first part that does not match, also of an entry that is not loaded. */
  get mismatch(): string | undefined {
    if (this.#considered === undefined) return undefined;
    const { decider, outcome } = this.#considered;
    const unmatched =
      decider.kind === 'policy' ? mismatchedField(decider.policy.selector, this.#answer.packet) : undefined;
    const field = outcome.kind === 'no-match' ? outcome.field : unmatched;
    return field?.replace(' ', '_');
  }

  get shadowedBy(): Reference | undefined {
    const outcome = this.#considered?.outcome;
    return outcome?.kind === 'shadowed' ? this.#answer.reference(outcome.by) : undefined;
  }

  /** The kernel's number; absent for `none`, and for another SVM's policy. */
  get priority(): number | undefined {
    const decider = this.#considered?.decider;
    return decider !== undefined && this.#answer.shows(decider) ? decider.priority : undefined;
  }

  /** The packet, where this is the policy that protects it and may be shown. */
  get protectedPacket(): Packet | undefined {
    const isProtected = this.outcome === 'decides' && this.verdict === 'protect';
    return isProtected && this.policy !== undefined ? this.#answer.packet : undefined;
  }
}

/**
 * A decision as rows in the order asked; the last stands for "no entry matches". Policies the principal may not see are
 * left out, except for one that decides, which is shown without its name.
 */
export function* decisionRows(question: Question): Generator<DecisionRow, undefined> {
  const { packet, spd, snapshot } = question;
  const settings = { ipsecEnabled: snapshot.ipsec.value.enabled };
  const decision = decide(spd, packet, settings);
  const answer = new Answer(question, decision.verdict === 'no-policy' ? undefined : decision.by);
  let position = 0;
  for (const considered of consider(spd, packet, settings)) {
    if (considered.outcome.kind !== 'decides' && !answer.shows(considered.decider)) continue;
    position += 1;
    yield new DecisionRow(position, considered, answer);
  }
  yield new DecisionRow(position + 1, undefined, answer);
}

/** What decides, and what one principal sees of it. */
class Answer {
  readonly packet: Packet;
  readonly by: Decider | undefined;
  readonly #snapshot: DesiredSnapshot;
  readonly #principal: Principal;

  constructor({ packet, snapshot, principal }: Question, by: Decider | undefined) {
    this.packet = packet;
    this.by = by;
    this.#snapshot = snapshot;
    this.#principal = principal;
  }

  /** How to call what decides. */
  get winner(): string | undefined {
    if (this.by?.kind === 'implied') return `the implied entry ${this.by.entry.name}`;
    return this.by === undefined ? undefined : this.nameOf(this.by.policy.uuid);
  }

  shows(decider: Decider): boolean {
    return decider.kind === 'implied' || isVisible({ value: decider.policy }, this.#principal);
  }

  /** The subject of a certificate, as people write it. */
  subjectOf(certificateUuid: string): string | undefined {
    const certificate = this.#snapshot.certificates.get(certificateUuid)?.value;
    return certificate && formatDistinguishedName(certificate.content.subject);
  }

  /** The policy's name and uuid, if the principal may know them. */
  reference(uuid: PolicyUuid): Reference | undefined {
    const row = findPolicy(this.#snapshot, uuid);
    return row !== undefined && isVisible(row, this.#principal) ? row.value : undefined;
  }

  nameOf(uuid: PolicyUuid): string {
    const reference = this.reference(uuid);
    return reference === undefined ? 'a policy of another SVM' : `policy "${reference.name}"`;
  }
}

const effects = {
  protect: 'the packet goes in ESP, or not at all',
  bypass: 'the packet passes in clear',
  discard: 'the packet is dropped',
} as const;

function reasonOf({ decider, outcome }: Considered, answer: Answer): string {
  switch (outcome.kind) {
    case 'decides':
      return `It is the first that matches: ${effects[verdictOf(decider)]}.`;
    case 'outranked':
      return `It matches, but ${answer.winner} comes first.`;
    case 'no-match':
      return `Its ${outcome.field} is not the packet's.`;
    case 'shadowed':
      return `It is not loaded: ${answer.nameOf(outcome.by)} is older and has the same selector.`;
    case 'disabled':
      return outcome.what === 'policy'
        ? 'It is not loaded: the policy is disabled.'
        : 'It is not loaded: IPsec is disabled on the whole cluster.';
  }
}
