import type { ObservedSa } from '@esplanade/datapath';
import type { PolicyUuid } from '@esplanade/domain';
import type { PolicyTraffic, TrafficCount } from './reconciler.ts';

interface Both {
  readonly inbound: TrafficCount;
  readonly outbound: TrafficCount;
}

const nothing: Both = { inbound: { bytes: 0n, packets: 0n }, outbound: { bytes: 0n, packets: 0n } };

/**
 * What each policy's ESP SAs have carried, over all that came and went: an SA's counters begin at zero with each rekey,
 * these never go back. What an SA carried after it was last observed is not in them.
 */
export class PolicyTotals {
  /** The highest counters seen of each SA that is there, by its uuid. */
  #live: ReadonlyMap<string, Both> = new Map();
  readonly #totals = new Map<PolicyUuid, Both>();
  #sinceMs: number | undefined;

  /** Takes in a complete listing. SAs of policies that are not `counted` are passed over. */
  observe(rows: Iterable<ObservedSa>, observedAtMs: number, isCounted: (uuid: PolicyUuid) => boolean): void {
    this.#sinceMs ??= observedAtMs;
    const live = new Map<string, Both>();
    for (const sa of rows) {
      if (sa.kind !== 'ipsec' || sa.policyUuid === undefined || !isCounted(sa.policyUuid)) continue;
      const before = this.#live.get(sa.uuid) ?? nothing;
      const grown = combined(before, sa, growth);
      live.set(sa.uuid, combined(before, grown, sum));
      this.#totals.set(sa.policyUuid, combined(this.#totals.get(sa.policyUuid) ?? nothing, grown, sum));
    }
    this.#live = live;
  }

  /** Undefined as long as nothing was observed. */
  of(uuid: PolicyUuid): PolicyTraffic | undefined {
    if (this.#sinceMs === undefined) return undefined;
    return { ...(this.#totals.get(uuid) ?? nothing), sinceMs: this.#sinceMs };
  }

  /** The policy is gone. */
  forget(uuid: PolicyUuid): void {
    this.#totals.delete(uuid);
  }
}

/** A counter that seems to fall was not read right: it counts again from where it stood. */
function growth(before: bigint, now: bigint): bigint {
  return now > before ? now - before : 0n;
}

function sum(a: bigint, b: bigint): bigint {
  return a + b;
}

function combined(a: Both, b: Both, combine: (a: bigint, b: bigint) => bigint): Both {
  const count = (one: TrafficCount, other: TrafficCount): TrafficCount => ({
    bytes: combine(one.bytes, other.bytes),
    packets: combine(one.packets, other.packets),
  });
  return { inbound: count(a.inbound, b.inbound), outbound: count(a.outbound, b.outbound) };
}
