import type { Capabilities, Datapath, Simulator } from '@esplanade/datapath';
import type { DesiredSnapshot, DesiredState, Ipspace } from '@esplanade/desired';
import type { Reconciler } from '@esplanade/reconciler';
import type { Carrier, Carriers } from './resources/resource-parts.ts';

/** The two things that carry one IPspace. */
export interface CarrierParts {
  readonly datapath: Datapath;
  readonly reconciler: Reconciler;
  readonly simulator?: Simulator;
  guard(): 'present' | 'absent' | 'simulated';
  /** Takes what is ours out of the datapath of an IPspace that is gone, when both are closed. Never rejects. */
  leave(signal: AbortSignal): Promise<void>;
  /** Whether it should be made anew, because something has appeared that it was made without. */
  isOutdated(): boolean;
}

/**
 * One carrier for each IPspace of the desired state, as IPspaces come and go. An IPspace whose name another one had waits
 * until that one has left the datapath.
 */
export class IpspaceCarriers implements Carriers {
  readonly #make: (ipspace: Ipspace) => CarrierParts;
  readonly #onCloseFailed: (error: unknown) => void;
  readonly #carriers = new Map<string, Carrier & CarrierParts>();
  /** By the names of their IPspaces. */
  readonly #closing = new Map<string, Promise<void>>();
  readonly #unsubscribe: () => void;
  readonly #desired: DesiredState;
  readonly #end = new AbortController();

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
    if (outdated.length > 0) await Promise.all(this.#closing.values());
  }

  /** What the datapaths of this process can carry out: all are of one kind. */
  capabilities(): Capabilities {
    for (const { datapath } of this.#carriers.values()) return datapath.capabilities;
    throw new Error('there is no IPspace, not even Default');
  }

  /** Stops following and closes all; what is installed stays installed. */
  async close(): Promise<void> {
    this.#end.abort(new Error('the server is closing'));
    this.#unsubscribe();
    for (const uuid of this.#carriers.keys()) this.#drop(uuid);
    await Promise.all(this.#closing.values());
  }

  #follow({ ipspaces }: DesiredSnapshot): void {
    for (const uuid of this.#carriers.keys()) if (!ipspaces.has(uuid)) this.#drop(uuid);
    for (const [uuid, { value }] of ipspaces) {
      // Two reconcilers on one datapath would undo each other's work.
      if (this.#carriers.has(uuid) || this.#closing.has(value.name)) continue;
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
    const { name } = carrier.ipspace;
    const closing = this.#close(carrier, uuid).finally(() => {
      this.#closing.delete(name);
      if (!this.#end.signal.aborted) this.#follow(this.#desired.snapshot());
    });
    this.#closing.set(name, closing);
  }

  async #close(parts: CarrierParts, uuid: string): Promise<void> {
    await closeBoth(parts).catch(this.#onCloseFailed);
    const { signal } = this.#end;
    // What is made anew, or stopped, stays in force.
    if (!signal.aborted && !this.#desired.snapshot().ipspaces.has(uuid)) await parts.leave(signal);
  }
}

async function closeBoth({ reconciler, datapath }: CarrierParts): Promise<void> {
  try {
    await reconciler.close();
  } finally {
    await datapath.close();
  }
}
