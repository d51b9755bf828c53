import type { ObservedSa } from '@esplanade/datapath';
import type { PolicyUuid } from '@esplanade/domain';
import type { Clock } from './clock.ts';
import type { PolicyTroubles } from './policy-troubles.ts';

/** A negotiation that failed, as a datapath tells it. `remote` is the remote's address, where that is known. */
export interface FailedNegotiation {
  readonly reason: string;
  readonly remote?: string | undefined;
}

interface Failure extends FailedNegotiation {
  /** SAs of the policy that were up before it, which say nothing about it. */
  readonly before: ReadonlySet<string>;
  /** The policy has been changed since, so that it may have failed for a reason that is gone. */
  readonly isOutdated: boolean;
}

/** Remotes of a policy whose failures are remembered: anybody may fail from any address, so the oldest are forgotten. */
const rememberedRemotes = 8;
/** A remote that is refused at the end of a reauthentication has a new SA for a moment, make before break. */
const lastingMs = 2_000;

/**
 * Why SAs of policies did not come up, remote by remote. A failure is over when an SA of the policy with that remote
 * (with any, where the remote is not known) is seen that was not there before, and is still up two seconds later:
 * others that are up say nothing about it.
 */
export class FailedNegotiations {
  readonly #troubles: PolicyTroubles;
  readonly #clock: Clock;
  /** Failures that an SA will have disproved if it lasts. */
  readonly #awaited = new WeakSet<Failure>();
  /** The latest last. Never holds an empty list. */
  readonly #failures = new Map<PolicyUuid, readonly Failure[]>();
  #rows: readonly ObservedSa[] = [];
  /** Of `#rows`; made when somebody needs it. */
  #up: ReadonlyMap<PolicyUuid | undefined, readonly ObservedSa[]> | undefined;

  /** `troubles` hears of policies with failures, and when the last of a policy's is over. */
  constructor(troubles: PolicyTroubles, clock: Clock) {
    this.#troubles = troubles;
    this.#clock = clock;
  }

  /** Why remotes have no SA of the policy, as it is desired now: the latest first, a sentence or more of each. */
  reasonOf(uuid: PolicyUuid): string | undefined {
    const current = this.#failures.get(uuid)?.filter(({ isOutdated }) => !isOutdated) ?? [];
    return current.length === 0 ? undefined : [...new Set(current.map(reasonIn).reverse())].join(' ');
  }

  /** A negotiation of the policy failed. */
  happened(uuid: PolicyUuid, { reason, remote }: FailedNegotiation): void {
    const others = this.#failures.get(uuid)?.filter((failure) => failure.remote !== remote) ?? [];
    const before = new Set(this.#upOf(uuid).map((sa) => sa.uuid));
    const failures = [...others, { reason, remote, before, isOutdated: false }];
    this.#failures.set(uuid, failures.slice(-rememberedRemotes));
    this.#troubles.has(uuid, reason);
  }

  /** All SAs there are by now. */
  observed(rows: readonly ObservedSa[]): void {
    this.#rows = rows;
    this.#up = undefined;
    for (const [uuid, failures] of this.#failures)
      for (const failure of failures) this.#awaitOne(uuid, failure);
  }

  /** Something else is desired of the policy; whether that fails is not known yet. */
  isChanged(uuid: PolicyUuid): void {
    const failures = this.#failures.get(uuid);
    if (failures === undefined) return;
    this.#failures.set(
      uuid,
      failures.map((failure) => ({ ...failure, isOutdated: true })),
    );
  }

  /** The policy is gone. */
  forget(uuid: PolicyUuid): void {
    this.#failures.delete(uuid);
    this.#troubles.forget(uuid);
  }

  /** One of the SAs that disprove a failure is enough, however many there are; when it does not last, the next. */
  #awaitOne(uuid: PolicyUuid, failure: Failure): void {
    if (this.#awaited.has(failure)) return;
    const candidate = this.#upOf(uuid).find((sa) => disproves(sa, failure));
    if (candidate === undefined) return;
    this.#awaited.add(failure);
    this.#clock.after(lastingMs, () => {
      this.#awaited.delete(failure);
      if (this.#upOf(uuid).some((sa) => sa.uuid === candidate.uuid)) this.#isOver(uuid, failure);
      else if (this.#failures.get(uuid)?.includes(failure)) this.#awaitOne(uuid, failure);
    });
  }

  #isOver(uuid: PolicyUuid, failure: Failure): void {
    const failures = this.#failures.get(uuid);
    if (failures?.includes(failure) !== true) return;
    const left = failures.filter((one) => one !== failure);
    if (left.length > 0) this.#failures.set(uuid, left);
    else {
      this.#failures.delete(uuid);
      this.#troubles.isOver(uuid);
    }
  }

  #upOf(uuid: PolicyUuid): readonly ObservedSa[] {
    this.#up ??= Map.groupBy(this.#rows.filter(isUp), ({ policyUuid }) => policyUuid);
    return this.#up.get(uuid) ?? [];
  }
}

function isUp(sa: ObservedSa): boolean {
  return sa.kind === 'ipsec' && sa.state === 'installed';
}

function disproves(sa: ObservedSa, { remote, before }: Failure): boolean {
  return !before.has(sa.uuid) && (remote === undefined || sa.remoteAddress === remote);
}

function reasonIn({ reason }: Failure): string {
  return reason;
}
