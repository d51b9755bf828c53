import { type DatapathEntry, entryFingerprint } from '@esplanade/datapath';
import { type PolicyUuid, selectorKey } from '@esplanade/domain';
import type { AskedDatapath } from './asked-datapath.ts';
import type { DesiredEntries } from './desired-entries.ts';
import type { HeldEntries } from './held-entries.ts';
import { KeyedLock } from './keyed-lock.ts';
import { type Operation, plan, policyOf } from './plan.ts';

/** The way of a single policy into the datapath and out of it. */
export class PolicyWork {
  readonly #desired: DesiredEntries;
  readonly #held: HeldEntries;
  readonly #datapath: AskedDatapath;
  readonly #locks = new KeyedLock<PolicyUuid>();
  readonly #touched = new Set<PolicyUuid>();

  constructor(desired: DesiredEntries, held: HeldEntries, datapath: AskedDatapath) {
    this.#desired = desired;
    this.#held = held;
    this.#datapath = datapath;
  }

  /** Whether the datapath, as far as we believe, differs from what is desired of the policy. */
  isNeeded(uuid: PolicyUuid): boolean {
    return this.#operationsFor(uuid).length > 0;
  }

  /**
   * Does what is to be done for the policy, until nothing is: what is desired may change meanwhile. Rejects with the
   * first failure; what was done before it stays.
   */
  async carryOut(uuid: PolicyUuid): Promise<void> {
    for (let [next] = this.#operationsFor(uuid); next !== undefined; [next] = this.#operationsFor(uuid))
      await this.#carryOut(next);
  }

  /** Begins to note which policies are worked on. */
  watch(): void {
    this.#touched.clear();
  }

  /** Whether the policy was worked on since `watch`. */
  wasTouched(uuid: PolicyUuid): boolean {
    return this.#touched.has(uuid);
  }

  /**
   * If the policy leaves a selector that another has to take over, that one's install comes first, so that the selector
   * is never without an entry.
   */
  #operationsFor(uuid: PolicyUuid): readonly Operation[] {
    const own = this.#desired.entryOf(uuid);
    const heir = this.#heirOf(uuid, own);
    return plan({
      desired: [own, heir].filter((entry) => entry !== undefined),
      observed: this.#held.rowsOf(new Set([uuid, heir?.policy.uuid ?? uuid])),
      settings: this.#desired.settings,
      scope: new Set([uuid]),
    });
  }

  #heirOf(uuid: PolicyUuid, own: DatapathEntry | undefined): DatapathEntry | undefined {
    const left = this.#held.selectorOf(uuid);
    if (left === undefined || (own !== undefined && selectorKey(own.policy.selector) === left))
      return undefined;
    return this.#desired.entryOn(left);
  }

  /** Under a lock, because an heir is worked on for its own sake too. */
  #carryOut(operation: Operation): Promise<void> {
    const uuid = policyOf(operation);
    return this.#locks.run(uuid, async () => {
      const entry = this.#desired.entryOf(uuid);
      if (operation.kind === 'remove' && entry === undefined) await this.#remove(uuid);
      // Another form may be desired by now, and another order be due with it: then nothing is done here.
      if (operation.kind === 'install' && operation.entry.policy === entry?.policy)
        await this.#install(entry);
    });
  }

  async #install(entry: DatapathEntry): Promise<void> {
    const { uuid } = entry.policy;
    const { settings } = this.#desired;
    const fingerprint = entryFingerprint(entry, settings);
    if (this.#held.holds(uuid, fingerprint)) return;
    this.#touched.add(uuid);
    this.#held.doubt(uuid);
    await this.#datapath.install(entry, settings);
    this.#held.installed(entry, fingerprint);
  }

  async #remove(uuid: PolicyUuid): Promise<void> {
    this.#touched.add(uuid);
    this.#held.doubt(uuid);
    await this.#datapath.remove(uuid);
    this.#held.removed(uuid);
  }
}
