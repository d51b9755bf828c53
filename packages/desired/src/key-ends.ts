import { endReplacedKeys, nextKeyEndMs, type PolicyUuid } from '@esplanade/domain';
import { UnavailableError } from '@esplanade/store';
import type { DesiredChange, DesiredState } from './desired-state.ts';
import type { DesiredSnapshot } from './model.ts';

/** There is a look in between, because the time of day may be set forward, and a timer counts what passes. */
const longestPauseMs = 60_000;
const retryMs = 5_000;

/**
 * Ends replaced keys when their time has come: takes them out of their policies' documents, so that the end is a change
 * of the desired state like any other and survives restarts. A key that another policy of the same peer still needs
 * cannot go; it is tried again whenever a policy changes.
 */
export class KeyEnds {
  readonly #desired: Pick<DesiredState, 'snapshot' | 'updatePolicy'>;
  readonly #unsubscribe: () => void;
  /** When each policy's next key ends. */
  readonly #endsMs = new Map<PolicyUuid, number>();
  /** Those whose key is over and still needed elsewhere. */
  readonly #held = new Set<PolicyUuid>();
  #timer: NodeJS.Timeout | undefined;
  #ending: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(desired: Pick<DesiredState, 'snapshot' | 'subscribe' | 'updatePolicy'>) {
    this.#desired = desired;
    this.#unsubscribe = desired.subscribe((snapshot, change) => this.#follow(snapshot, change));
    this.#follow(desired.snapshot(), { kind: 'everything' });
  }

  /**
   * Ends what is due now. A failure that is not the store's absence is a bug; asked for by the timer it is left
   * unhandled, as the follower's are.
   */
  endDue(): Promise<void> {
    this.#ending = this.#ending.then(() => this.#endAllDue());
    return this.#ending;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
    await this.#ending;
  }

  #follow({ policies }: DesiredSnapshot, change: DesiredChange): void {
    if (change.kind === 'everything') this.#endsMs.clear();
    const changed = change.kind === 'everything' ? policies.keys() : change.policies;
    for (const uuid of changed) {
      this.#held.clear();
      const policy = policies.get(uuid)?.value;
      const endMs = policy && nextKeyEndMs(policy.authentication);
      if (endMs === undefined) this.#endsMs.delete(uuid);
      else this.#endsMs.set(uuid, endMs);
    }
    this.#wakeAtNextEnd();
  }

  #wakeAtNextEnd(): void {
    const ends = [...this.#endsMs].flatMap(([uuid, endMs]) => (this.#held.has(uuid) ? [] : [endMs]));
    const nextMs = Math.min(...ends) - Date.now();
    if (ends.length === 0) clearTimeout(this.#timer);
    else this.#wakeAfter(Math.min(Math.max(0, nextMs), longestPauseMs));
  }

  #wakeAfter(pauseMs: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.endDue(), pauseMs).unref();
  }

  async #endAllDue(): Promise<void> {
    const nowMs = Date.now();
    for (const [uuid, endMs] of this.#endsMs) {
      if (this.#isClosed) return;
      if (endMs > nowMs || this.#held.has(uuid)) continue;
      try {
        await this.#end(uuid, nowMs);
      } catch (error) {
        this.#wakeAfter(retryMs);
        if (error instanceof UnavailableError) return;
        throw error;
      }
    }
    this.#wakeAtNextEnd();
  }

  async #end(uuid: PolicyUuid, nowMs: number): Promise<void> {
    const policy = this.#desired.snapshot().policies.get(uuid);
    if (policy === undefined) return;
    const authentication = endReplacedKeys(policy.value.authentication, nowMs);
    const result = await this.#desired.updatePolicy({ ...policy.value, authentication }, policy.modified);
    // Whoever was in the way of it has changed the policy, and so this is heard of again.
    if (result.kind === 'refused') this.#held.add(uuid);
  }
}
