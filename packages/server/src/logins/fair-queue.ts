import { FairLines, type Waiting } from './fair-lines.ts';

/** How much is done at once, and how much may wait for it. */
export interface FairQueueLimits {
  readonly concurrency: number;
  readonly mostWaiting: number;
}

/** Who asks for a task. */
export interface Asker extends Pick<Waiting, 'source' | 'network' | 'failures'> {
  /** Comes before all who have no such claim. */
  readonly isPreferred: boolean;
  /** Whether something good is known of the source: half the turns and places are kept for such. */
  readonly isFamiliar: boolean;
  /** Aborted when nobody waits for the task any more. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a few tasks at once. Those who wait have their turn by what their network got wrong, then source by source. When all places
 * are taken, one of those who would come last loses his; on a tie chance decides, so that places cannot be held for good.
 */
export class FairQueue {
  readonly #limits: FairQueueLimits;
  readonly #preferred = new Set<Waiting>();
  readonly #familiar: FairLines;
  readonly #strangers: FairLines;
  #isTurnOfFamiliar = true;
  #running = 0;

  constructor(limits: FairQueueLimits, random: () => number = Math.random) {
    this.#limits = limits;
    this.#familiar = new FairLines(random);
    this.#strangers = new FairLines(random);
  }

  /** What the task gives; undefined when it was turned away, or nobody waits for it any more. */
  async run<T>(asker: Asker, task: () => Promise<T>): Promise<T | undefined> {
    if (this.#running < this.#limits.concurrency) this.#running += 1;
    else if (!(await this.#admission(asker))) return undefined;
    try {
      return await task();
    } finally {
      this.#next();
    }
  }

  async #admission(asker: Asker): Promise<boolean> {
    const { source, network, failures, isPreferred, isFamiliar, signal } = asker;
    if (signal?.aborted === true) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiting: Waiting = {
      source,
      network,
      failures,
      start: () => resolve(true),
      turnAway: () => resolve(false),
    };
    const line = isPreferred ? this.#preferred : isFamiliar ? this.#familiar : this.#strangers;
    line.add(waiting);
    const leave = (): void => {
      if (line.delete(waiting)) waiting.turnAway();
    };
    signal?.addEventListener('abort', leave, { once: true });
    const { mostWaiting } = this.#limits;
    if (this.#preferred.size + this.#familiar.size + this.#strangers.size > mostWaiting) {
      const isTooFamiliar = this.#strangers.size === 0 || this.#familiar.size > mostWaiting / 2;
      const loser = (isTooFamiliar ? this.#familiar : this.#strangers).takeOneOfLast();
      if (loser === undefined) leave();
      else loser.turnAway();
    }
    return promise;
  }

  #next(): void {
    const next = this.#nextPreferred() ?? this.#nextInTurn();
    if (next === undefined) this.#running -= 1;
    else next.start();
  }

  #nextPreferred(): Waiting | undefined {
    const [first] = this.#preferred;
    if (first !== undefined) this.#preferred.delete(first);
    return first;
  }

  #nextInTurn(): Waiting | undefined {
    const [one, other] = this.#isTurnOfFamiliar
      ? [this.#familiar, this.#strangers]
      : [this.#strangers, this.#familiar];
    this.#isTurnOfFamiliar = !this.#isTurnOfFamiliar;
    return one.takeFirst() ?? other.takeFirst();
  }
}
