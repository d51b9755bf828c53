import type { PolicyUuid } from '@esplanade/domain';
import type { Clock } from './clock.ts';

/** That something is wrong with a policy, or no longer: a sentence for whoever reads logs. */
export interface PolicyNews {
  readonly kind: 'trouble' | 'recovery';
  readonly sentence: string;
}

/** How a kind of trouble is put into words. `policy` is how to call the policy. */
export interface TroubleWords {
  trouble(policy: string, reason: string): string;
  recovery(policy: string): string;
}

/** What a troubled policy needs of others. */
export interface TroubleContext {
  readonly clock: Clock;
  readonly callOf: (uuid: PolicyUuid) => string;
  readonly tell: (news: PolicyNews) => void;
}

interface Told {
  readonly reason: string;
  readonly atMs: number;
  readonly isOpen: boolean;
}

/** However often a policy fails and recovers, its troubles are told this far apart. */
const quietMs = 300_000;

/**
 * Troubles of one kind that policies have, told when they begin, when their reason changes, and when they are over.
 * Whoever reports them goes on doing so while they last, so what is not told for the sake of quiet is told later.
 */
export class PolicyTroubles {
  readonly #words: TroubleWords;
  readonly #context: TroubleContext;
  readonly #told = new Map<PolicyUuid, Told>();

  constructor(words: TroubleWords, context: TroubleContext) {
    this.#words = words;
    this.#context = context;
  }

  /** The policy has trouble, still or again. */
  has(uuid: PolicyUuid, reason: string): void {
    const last = this.#told.get(uuid);
    const atMs = this.#context.clock.nowMs();
    if (last !== undefined && (atMs - last.atMs < quietMs || (last.isOpen && last.reason === reason))) return;
    this.#told.set(uuid, { reason, atMs, isOpen: true });
    const sentence = this.#words.trouble(this.#context.callOf(uuid), reason);
    this.#context.tell({ kind: 'trouble', sentence });
  }

  /** All is well with the policy. */
  isOver(uuid: PolicyUuid): void {
    const last = this.#told.get(uuid);
    if (last?.isOpen !== true) return;
    this.#told.set(uuid, { ...last, isOpen: false });
    const sentence = this.#words.recovery(this.#context.callOf(uuid));
    this.#context.tell({ kind: 'recovery', sentence });
  }

  /** The policy is gone. */
  forget(uuid: PolicyUuid): void {
    this.#told.delete(uuid);
  }
}

/** The datapath refuses to carry a policy out. */
export const refusal: TroubleWords = {
  trouble: (policy, reason) => `${policy} is refused: ${reason}`,
  recovery: (policy) => `${policy} is refused no more`,
};

/** An SA of a policy did not come up, whether or not it has others. */
export const failedNegotiation: TroubleWords = {
  trouble: (policy, reason) => `an SA of ${policy} did not come up: ${reason}`,
  recovery: (policy) => `an SA of ${policy} has come up since`,
};
