import type { Carriers } from './resources/resource-parts.ts';

/** Whether the server can do its work, as `/readyz` tells it to accounts of the cluster. */
export interface Health {
  readonly ready: boolean;
  readonly version: string;
  readonly node: string;
  readonly store: { readonly kind: 'embedded'; readonly ready: boolean; readonly reason?: string };
  /** Whether the last change and its audit record could be saved. What is there is served and carried out all the same. */
  readonly writes: PartHealth;
  readonly datapath: {
    /** Of all IPspaces that have to be (`isReady`). */
    readonly ready: boolean;
    readonly kind: 'strongswan' | 'simulated';
    /** Why this kind: chosen now, or recorded when the data directory was born. */
    readonly chosen: string;
    /** On strongSwan: whether the kernel has ESP, without which no SA comes up, and how that was found out. */
    readonly kernel_esp?: { readonly kind: 'yes' | 'no' | 'unknown'; readonly evidence: string };
    readonly ipspaces: readonly IpspaceHealth[];
  };
}

/** What anybody may know of it, load balancers above all: no names, no reasons that hold any, and no version to look holes up for. */
export interface PublicHealth {
  readonly ready: boolean;
  readonly store: PartHealth;
  readonly writes: PartHealth;
  readonly datapath: PartHealth;
}

/** Whether one part can do its work, and why not, a sentence. */
interface PartHealth {
  readonly ready: boolean;
  readonly reason?: string;
}

/** As much of the health as is for anybody. */
export function publicHealth({ ready, store, writes, datapath }: Health): PublicHealth {
  return {
    ready,
    store: { ready: store.ready, ...(!store.ready && { reason: `The store does not answer. ${whereMore}` }) },
    writes: {
      ready: writes.ready,
      ...(!writes.ready && { reason: `The last change could not be saved. ${whereMore}` }),
    },
    datapath: {
      ready: datapath.ready,
      ...(!datapath.ready && { reason: `An IPspace is without its datapath. ${whereMore}` }),
    },
  };
}

const whereMore = 'Accounts of the cluster are told more here.';

/** The health of writing, by what kept the last change from being saved. */
export function writeHealth(trouble: string | undefined): PartHealth {
  if (trouble === undefined) return { ready: true };
  const reason = `The last change could not be saved, nor recorded in the audit log: ${trouble}. Changes are refused with 503 until one can be; the next one tries.`;
  return { ready: false, reason };
}

/** The health of one IPspace's carrier. */
export interface IpspaceHealth {
  readonly ipspace: string;
  readonly ready: boolean;
  /** What carries the policies, with version and endpoint. */
  readonly carrier: string;
  /**
   * Where the block beneath protected selectors lives: in a guard it also covers an orderly restart of charon.
   * `simulated` where there are no packets.
   */
  readonly guard: 'present' | 'absent' | 'simulated';
  /** Why it is not ready, a sentence. */
  readonly reason?: string;
  /** Since when it is not, RFC 3339. */
  readonly since?: string;
}

/** The health of each IPspace's carrier. */
export function ipspaceHealth(carriers: Carriers): readonly IpspaceHealth[] {
  return [...carriers.all()].map((carrier) => {
    const { ready, reason, sinceMs } = carrier.reconciler.health();
    return {
      ipspace: carrier.ipspace.name,
      ready,
      carrier: carrier.describe(),
      guard: carrier.guard(),
      ...(reason !== undefined && { reason }),
      ...(sinceMs !== undefined && { since: new Date(sinceMs).toISOString() }),
    };
  });
}

/** An IPspace that carries nothing may be without charon; `Default` and those in `occupied` (UUIDs) may not. */
export function isReady(carriers: Carriers, occupied: ReadonlySet<string>): boolean {
  return [...carriers.all()].every(
    ({ ipspace, reconciler }) =>
      reconciler.health().ready || (ipspace.name !== 'Default' && !occupied.has(ipspace.uuid)),
  );
}
