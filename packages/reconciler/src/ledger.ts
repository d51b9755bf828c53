import { DatapathRefusedError } from '@esplanade/datapath';
import type { PolicyUuid } from '@esplanade/domain';
import type { Clock } from './clock.ts';
import type { PolicyTroubles } from './policy-troubles.ts';
import type { Progress } from './state-of.ts';

/** How far we are with each policy, and how many are still to be carried out. */
export class Ledger {
  readonly #clock: Clock;
  readonly #refusals: PolicyTroubles;
  readonly #progress = new Map<PolicyUuid, Progress>();
  readonly #unsettled = new Set<PolicyUuid>();

  /** `refusals` hears which policies are refused, and no more. */
  constructor(clock: Clock, refusals: PolicyTroubles) {
    this.#clock = clock;
    this.#refusals = refusals;
  }

  progressOf(uuid: PolicyUuid): Progress | undefined {
    return this.#progress.get(uuid);
  }

  /** Whether an attempt is owed. True of a refused policy too: it is tried again. */
  isOutstanding(uuid: PolicyUuid): boolean {
    return this.#progress.get(uuid)?.kind === 'outstanding';
  }

  /** Whether we have neither carried it out nor been refused. */
  isUnsettled(uuid: PolicyUuid): boolean {
    return this.#unsettled.has(uuid);
  }

  get unsettledCount(): number {
    return this.#unsettled.size;
  }

  /** What is desired of the policy differs from what was last carried out. */
  changed(uuid: PolicyUuid): void {
    this.#unsettled.add(uuid);
    this.#progress.set(uuid, { kind: 'outstanding', sinceMs: this.#clock.nowMs(), ...this.#applied(uuid) });
  }

  /** An attempt failed. */
  failed(uuid: PolicyUuid, error: unknown): void {
    const isRefusal = error instanceof DatapathRefusedError;
    const reason = error instanceof Error ? error.message : String(error);
    const before = this.#progress.get(uuid);
    const isSameTrouble = before?.kind === 'outstanding' && before.trouble?.isRefusal === isRefusal;
    this.#progress.set(uuid, {
      kind: 'outstanding',
      sinceMs: isSameTrouble ? before.sinceMs : this.#clock.nowMs(),
      ...this.#applied(uuid),
      trouble: { isRefusal, reason },
    });
    if (isRefusal) {
      this.#unsettled.delete(uuid);
      this.#refusals.has(uuid, reason);
    } else this.#unsettled.add(uuid);
  }

  /** The datapath holds what was desired at `revision`. */
  carriedOut(uuid: PolicyUuid, revision: number): void {
    const before = this.#progress.get(uuid);
    const sinceMs = before?.kind === 'carried-out' ? before.sinceMs : this.#clock.nowMs();
    this.#progress.set(uuid, { kind: 'carried-out', revision, sinceMs });
    this.#unsettled.delete(uuid);
    this.#refusals.isOver(uuid);
  }

  /** The policy is neither desired nor installed any more. */
  forget(uuid: PolicyUuid): void {
    this.#progress.delete(uuid);
    this.#unsettled.delete(uuid);
    this.#refusals.forget(uuid);
  }

  #applied(uuid: PolicyUuid): { readonly appliedRevision?: number } {
    const before = this.#progress.get(uuid);
    const revision = before?.kind === 'carried-out' ? before.revision : before?.appliedRevision;
    return revision === undefined ? {} : { appliedRevision: revision };
  }
}
