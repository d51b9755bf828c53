import { randomUUID } from 'node:crypto';
import type { PolicyUuid } from '@esplanade/domain';
import { DatapathRefusedError, DatapathUnavailableError } from '../errors.ts';
import { type Fault, type FaultInForce, faultReasons, type PeerFault } from '../simulator.ts';

/** The faults in force. */
export class Faults {
  #inForce: readonly FaultInForce[] = [];
  #hangEnds = Promise.withResolvers<void>();

  /** The oldest first. */
  get inForce(): readonly FaultInForce[] {
    return this.#inForce;
  }

  /** Returns the fault's uuid. */
  inject(fault: Fault): string {
    const uuid = randomUUID();
    this.#inForce = [...this.#inForce, { uuid, fault }];
    return uuid;
  }

  /** Ends the faults that `isEnded` picks, or all. */
  clear(isEnded: (one: FaultInForce) => boolean = () => true): void {
    this.#inForce = this.#inForce.filter((one) => !isEnded(one));
    if (this.#has('hang')) return;
    this.#hangEnds.resolve();
    this.#hangEnds = Promise.withResolvers();
  }

  get isDaemonDown(): boolean {
    return this.#has('daemon-down');
  }

  /** Why the daemon does nothing now. */
  get daemonFault(): 'daemon-down' | 'hang' | undefined {
    if (this.isDaemonDown) return 'daemon-down';
    return this.#has('hang') ? 'hang' : undefined;
  }

  /** The fault of the peer at this address; the last one injected when there are several. */
  peerFault(remoteAddress: string): PeerFault | undefined {
    for (const { fault } of this.#inForce.toReversed()) {
      if (fault.kind === 'daemon-down' || fault.kind === 'hang' || fault.kind === 'refuse') continue;
      if (fault.remoteAddress === undefined || fault.remoteAddress === remoteAddress) return fault.kind;
    }
    return undefined;
  }

  /** Why the daemon would not install this policy. */
  refusal(policyUuid: PolicyUuid): DatapathRefusedError | undefined {
    const isRefused = this.#inForce.some(
      ({ fault }) =>
        fault.kind === 'refuse' && (fault.policyUuid === undefined || fault.policyUuid === policyUuid),
    );
    return isRefused ? new DatapathRefusedError('the simulated daemon refuses this policy') : undefined;
  }

  /**
   * Every operation begins here: goes on when the daemon answers. Throws DatapathUnavailableError when it is down; while
   * it hangs, waits for the end of that or for the signal, whose reason it throws.
   */
  async daemonAnswers(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    while (this.#has('hang')) await untilAborted(this.#hangEnds.promise, signal);
    if (this.isDaemonDown) throw new DatapathUnavailableError(faultReasons['daemon-down']);
  }

  #has(kind: Fault['kind']): boolean {
    return this.#inForce.some(({ fault }) => fault.kind === kind);
  }
}

async function untilAborted(event: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return event;
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([event, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
