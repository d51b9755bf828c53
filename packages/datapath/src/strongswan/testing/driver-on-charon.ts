import { ViciClient } from '@esplanade/vici';
import type { IpspaceDaemons } from '../../../../../test/support/charon.ts';
import { Network } from '../../../../../test/support/network.ts';
import { type KernelPolicy, kernelPolicies } from '../../../../../test/support/xfrm.ts';
import type { Datapath, DatapathEvent } from '../../datapath.ts';
import { openDriver, startDaemons } from './conformance-harness.ts';

/** The kernel's number for the blocks beneath what must not leave in clear. */
export const blockPriority = 3_000_000_000;

/** A driver on a charon and its guard in a host without a remote, and somebody else's client of that charon. */
export class DriverOnCharon {
  readonly network: Network<'ours'>;
  readonly daemons: IpspaceDaemons;
  /** Somebody else's. */
  readonly vici: ViciClient;
  #datapath: Datapath;
  readonly #closing: AsyncDisposableStack;

  private constructor(network: Network<'ours'>, daemons: IpspaceDaemons, closing: AsyncDisposableStack) {
    this.network = network;
    this.daemons = daemons;
    this.vici = new ViciClient({ path: daemons.charon.socket });
    this.#datapath = openDriver(daemons, { answerDeadlineMs: 1_000 });
    this.#closing = closing;
    closing.defer(() => this.#datapath.close());
    closing.defer(() => this.vici.close());
  }

  /** Starts everything; nothing is installed. */
  static async start(): Promise<DriverOnCharon> {
    await using opened = new AsyncDisposableStack();
    const network = await Network.create(['ours']);
    opened.defer(() => network.close());
    const daemons = await startDaemons(network.hosts.ours);
    opened.defer(() => daemons.close());
    return new DriverOnCharon(network, daemons, opened.move());
  }

  get datapath(): Datapath {
    return this.#datapath;
  }

  /** Puts a driver in the place of the one so far that knows of no guard. */
  async forgetGuard(): Promise<void> {
    await this.#datapath.close();
    this.#datapath = openDriver({ ...this.daemons, guard: undefined });
  }

  /** The kernel's policies of a direction, but for neighbour discovery. */
  async policies(direction: KernelPolicy['direction'] = 'out'): Promise<readonly KernelPolicy[]> {
    const all = await kernelPolicies(this.network.hosts.ours);
    return all.filter((policy) => policy.direction === direction && policy.priority !== 1);
  }

  /** The first event of that kind, after something was done once the datapath was heard of. */
  async firstEvent(kind: DatapathEvent['kind'], provoke?: () => Promise<void>): Promise<DatapathEvent> {
    const stop = new AbortController();
    for await (const event of this.#datapath.events(stop.signal)) {
      if (event.kind === kind) return event;
      if (event.kind === 'connected') await provoke?.();
    }
    throw new Error(`no event ${kind}`);
  }

  /** Ends everything, the last started first. */
  async stop(): Promise<void> {
    await this.#closing.disposeAsync();
  }
}

/** What decides of a kernel's policy, on one line. */
export const summary = ({ source, destination, selector, priority, action, isProtect, mark }: KernelPolicy) =>
  [
    source,
    destination,
    selector,
    priority,
    isProtect ? 'protect' : action,
    mark === undefined ? '' : 'marked',
  ]
    .join(' ')
    .replaceAll(/ +/g, ' ')
    .trim();
