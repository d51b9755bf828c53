import type { Capabilities, Datapath } from '@esplanade/datapath';
import type { DesiredSnapshot, DesiredState, Ipspace } from '@esplanade/desired';
import type { Reconciler } from '@esplanade/reconciler';
import type { Carrier, Carriers } from './resources/resource-parts.ts';

/** The two things that carry one IPspace. */
export interface CarrierParts {
  readonly datapath: Datapath;
  readonly reconciler: Reconciler;
  guard(): 'present' | 'absent' | 'simulated';
  /** Whether it should be made anew, because something has appeared that it was made without. */
  isOutdated(): boolean;
}

/** One carrier for each IPspace of the desired state, as IPspaces come and go. */
export class IpspaceCarriers implements Carriers {
  readonly #make: (ipspace: Ipspace) => CarrierParts;
  readonly #onCloseFailed: (error: unknown) => void;
  readonly #carriers = new Map<string, Carrier & CarrierParts>();
  readonly #closing = new Set<Promise<void>>();
  readonly #unsubscribe: () => void;
  readonly #desired: DesiredState;
  #isClosed = false;

  constructor(
    desired: DesiredState,
    make: (ipspace: Ipspace) => CarrierParts,
    onCloseFailed: (error: unknown) => void,
  ) {
    this.#desired = desired;
    this.#make = make;
    this.#onCloseFailed = onCloseFailed;
    this.#unsubscribe = desired.subscribe((snapshot) => this.#follow(snapshot));
    this.#follow(desired.snapshot());
  }

  of(ipspaceUuid: string): Carrier | undefined {
    return this.#carriers.get(ipspaceUuid);
  }

  all(): Iterable<Carrier> {
    return this.#carriers.values();
  }

  /** Makes those anew that are outdated; until then their policies are pending. */
  async renew(): Promise<void> {
    const outdated = [...this.#carriers].filter(([, carrier]) => carrier.isOutdated());
    for (const [uuid] of outdated) this.#drop(uuid);
    if (outdated.length === 0) return;
    // Two reconcilers on one datapath would undo each other's work.
    await Promise.all(this.#closing);
    if (!this.#isClosed) this.#follow(this.#desired.snapshot());
  }

  /** What the datapaths of this process can carry out: all are of one kind. */
  capabilities(): Capabilities {
    for (const { datapath } of this.#carriers.values()) return datapath.capabilities;
    throw new Error('there is no IPspace, not even Default');
  }

  /** Stops following and closes all; what is installed stays installed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unsubscribe();
    for (const uuid of this.#carriers.keys()) this.#drop(uuid);
    await Promise.all(this.#closing);
  }

  #follow({ ipspaces }: DesiredSnapshot): void {
    for (const uuid of this.#carriers.keys()) if (!ipspaces.has(uuid)) this.#drop(uuid);
    for (const [uuid, { value }] of ipspaces) {
      if (this.#carriers.has(uuid)) continue;
      const parts = this.#make(value);
      const { datapath } = parts;
      this.#carriers.set(uuid, {
        ...parts,
        ipspace: value,
        describe: () => datapath.describe(),
        foreignConnections: () => [...new Set(datapath.foreignConnections().map(({ name }) => name))],
        daemonRequests: () => datapath.daemonRequests(),
        kernelReport: () => datapath.kernelReport(),
      });
    }
  }

  #drop(uuid: string): void {
    const carrier = this.#carriers.get(uuid);
    if (carrier === undefined) return;
    this.#carriers.delete(uuid);
    const closing = closeBoth(carrier)
      .catch(this.#onCloseFailed)
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

async function closeBoth({ reconciler, datapath }: CarrierParts): Promise<void> {
  try {
    await reconciler.close();
  } finally {
    await datapath.close();
  }
}
