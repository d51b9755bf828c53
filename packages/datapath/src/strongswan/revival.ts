import { setTimeout as sleep } from 'node:timers/promises';
import type { CompiledEntry } from './connection-mapping.ts';
import type { SaControl } from './sa-control.ts';

const pollMs = 100;
/** How long an SA may take to go, or one that somebody else has begun to come. */
const boundMs = 4_000;
/** The next packet brings it back by itself where there is traffic. */
const headStartMs = 400;

/** Brings SAs back that somebody has ended, without waiting for a packet that needs them. */
export class Revival {
  readonly #sas: SaControl;
  readonly #entryOf: (childName: string) => CompiledEntry | undefined;
  readonly #under = new Set<string>();
  readonly #closing = new AbortController();

  /** `entryOf` gives the entry that SAs of a child are of, as long as it is to be in force. */
  constructor(sas: SaControl, entryOf: (childName: string) => CompiledEntry | undefined) {
    this.#sas = sas;
    this.#entryOf = entryOf;
  }

  /**
   * Initiates unless there is an SA of the child by then, or one is on its way: a packet or the remote was faster. Where
   * any of several remotes may be meant, only a packet can tell.
   */
  async revive(childName: string): Promise<void> {
    if (this.#under.has(childName)) return;
    this.#under.add(childName);
    try {
      await this.#revive(childName, this.#closing.signal);
    } finally {
      this.#under.delete(childName);
    }
  }

  close(): void {
    this.#closing.abort();
  }

  async #revive(childName: string, signal: AbortSignal): Promise<void> {
    const entry = this.#entryOf(childName);
    if (entry?.negotiation?.canInitiate !== true) return;
    // The SA may have come up in a form that this one has followed.
    const { connection, childName: current } = entry;
    const { name } = connection;
    const deadline = AbortSignal.timeout(boundMs);
    await sleep(headStartMs, undefined, { signal });
    for (;;) {
      const progress = await this.#sas.progressOf(name, current, signal);
      if (progress === 'up') return;
      if (progress === 'none' || deadline.aborted) break;
      await sleep(pollMs, undefined, { signal });
    }
    if (this.#entryOf(childName)?.childName === current) await this.#sas.initiate(name, current, signal);
  }
}
