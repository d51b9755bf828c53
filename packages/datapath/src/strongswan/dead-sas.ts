import type { PolicyUuid } from '@esplanade/domain';
import type { KernelState } from '../kernel/xfrm-text.ts';
import type { EntriesInForce } from './entries-in-force.ts';
import { type DeadSa, deadSas } from './kernel-expectations.ts';
import { parseChildName } from './names.ts';
import type { SaControl } from './sa-control.ts';
import type { SaObserver } from './sa-observer.ts';

/** An SA is dead when it was on two looks so far apart: charon installs and removes the halves one after the other. */
const secondLookMs = 500;
/** How long a rekey may take to bring an SA back. */
const cureMs = 3_000;

/** What the cure works on. */
export interface DeadSasOptions {
  readonly inForce: EntriesInForce;
  readonly observer: SaObserver;
  readonly sas: SaControl;
  /** An SA of the policy was not in the kernel any more. Told once. */
  readonly onDead: (policyUuid: PolicyUuid) => void;
}

/** Brings back the SAs that charon lists and of which the kernel lacks a half. */
export class DeadSas {
  readonly #options: DeadSasOptions;
  /** By id, and when they were first seen so; a cure was tried where a time is set. */
  #suspects = new Map<string, { readonly sinceMs: number; readonly curedMs?: number }>();

  constructor(options: DeadSasOptions) {
    this.#options = options;
  }

  /**
   * Compares what charon lists with what the kernel holds at a time (monotonic milliseconds). Resolves to how many SAs
   * are dead for sure, and after how many milliseconds another look is due; undefined when there is nothing to come
   * back to.
   */
  async lookAt(
    states: readonly KernelState[],
    nowMs: number,
  ): Promise<{ readonly dead: number; readonly againMs: number | undefined }> {
    const { observer } = this.#options;
    const seen = deadSas(observer.rows(), states);
    const before = this.#suspects;
    this.#suspects = new Map(
      seen.map(({ childId }) => [childId, before.get(childId) ?? { sinceMs: nowMs }] as const),
    );
    const isOld = ({ childId }: DeadSa): boolean =>
      nowMs - (before.get(childId)?.sinceMs ?? nowMs) >= secondLookMs / 2;
    const old = new Set(seen.filter(isOld).map(({ childId }) => childId));
    if (old.size > 0) {
      await observer.list();
      for (const sa of deadSas(observer.rows(), states)) if (old.has(sa.childId)) await this.#cure(sa, nowMs);
    }
    return { dead: old.size, againMs: seen.length > 0 ? secondLookMs : undefined };
  }

  /** A rekey puts whole SAs in the place of a dead one, whoever may begin; one that comes to nothing is ended. */
  async #cure({ childId, childName, hasLivingSibling }: DeadSa, nowMs: number): Promise<void> {
    const { sas, inForce, onDead } = this.#options;
    const suspect = this.#suspects.get(childId);
    const policyUuid = parseChildName(childName)?.policyUuid;
    if (suspect === undefined || policyUuid === undefined) return;
    if (suspect.curedMs === undefined && !hasLivingSibling) {
      await sas.rekeyChild({ 'child-id': childId });
      this.#suspects.set(childId, { ...suspect, curedMs: nowMs });
    } else if (hasLivingSibling || nowMs - (suspect.curedMs ?? nowMs) >= cureMs) {
      await sas.endChild(childId);
      const entry = inForce.ofChild(childName);
      if (!hasLivingSibling && entry?.negotiation?.canInitiate)
        await sas.initiate(entry.connection.name, entry.childName);
    } else return;
    if (suspect.curedMs === undefined) onDead(policyUuid);
  }
}
