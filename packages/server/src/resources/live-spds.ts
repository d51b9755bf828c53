import type { DesiredState } from '@esplanade/desired';
import { Spd } from '@esplanade/domain';

/** The SPD of each IPspace as it is desired, kept up change by change: asking it walks no policies. */
export class LiveSpds {
  readonly #spds = new Map<string, Spd>();

  constructor(desired: DesiredState) {
    for (const { value } of desired.snapshot().policies.values()) this.of(value.ipspace.uuid).put(value);
    desired.subscribe(({ policies }, change) => {
      if (change.kind === 'everything') {
        this.#spds.clear();
        for (const { value } of policies.values()) this.of(value.ipspace.uuid).put(value);
        return;
      }
      for (const uuid of change.policies) {
        const policy = policies.get(uuid)?.value;
        // A policy never moves to another IPspace; of one that is gone we no longer know which it was in.
        if (policy !== undefined) this.of(policy.ipspace.uuid).put(policy);
        else for (const spd of this.#spds.values()) spd.remove(uuid);
      }
    });
  }

  /** The SPD of an IPspace, as `desired.snapshot()` is at this moment; without policies, an empty one. */
  of(ipspaceUuid: string): Spd {
    const known = this.#spds.get(ipspaceUuid);
    if (known !== undefined) return known;
    const spd = new Spd();
    this.#spds.set(ipspaceUuid, spd);
    return spd;
  }
}
