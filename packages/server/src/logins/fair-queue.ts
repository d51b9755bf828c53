/** How much is done at once, and how much may wait for it. */
export interface FairQueueLimits {
  readonly concurrency: number;
  readonly mostWaiting: number;
}

/** Who asks for a task. */
export interface Asker {
  readonly source: string;
  /** Comes before all who have no such claim. */
  readonly isPreferred: boolean;
}

interface Waiting {
  readonly start: () => void;
  readonly turnAway: () => void;
}

/**
 * Runs a few tasks at once. Those who wait have their turn source by source, so that one with a thousand tasks holds up
 * another's first by one. When all places are taken, the longest line loses its last to a source with a shorter one.
 */
export class FairQueue {
  readonly #limits: FairQueueLimits;
  readonly #preferred: Waiting[] = [];
  /** In the order of their turns. */
  readonly #lines = new Map<string, Waiting[]>();
  #running = 0;
  #waiting = 0;

  constructor(limits: FairQueueLimits) {
    this.#limits = limits;
  }

  /** What the task gives; undefined when it was turned away. */
  async run<T>(asker: Asker, task: () => Promise<T>): Promise<T | undefined> {
    if (this.#running < this.#limits.concurrency) this.#running += 1;
    else if (!(await this.#admission(asker))) return undefined;
    try {
      return await task();
    } finally {
      this.#next();
    }
  }

  async #admission({ source, isPreferred }: Asker): Promise<boolean> {
    const line = isPreferred ? this.#preferred : (this.#lines.get(source) ?? []);
    if (this.#waiting >= this.#limits.mostWaiting && !this.#makeRoom(line)) return false;
    if (!isPreferred) this.#lines.set(source, line);
    this.#waiting += 1;
    return new Promise((resolve) => {
      line.push({ start: () => resolve(true), turnAway: () => resolve(false) });
    });
  }

  #makeRoom(newcomers: readonly Waiting[]): boolean {
    const longest = [...this.#lines].reduce<[string, Waiting[]] | undefined>(
      (most, each) => (most === undefined || each[1].length > most[1].length ? each : most),
      undefined,
    );
    if (longest === undefined) return false;
    const [source, line] = longest;
    if (newcomers !== this.#preferred && line.length <= newcomers.length + 1) return false;
    line.pop()?.turnAway();
    this.#waiting -= 1;
    if (line.length === 0) this.#lines.delete(source);
    return true;
  }

  #next(): void {
    const next = this.#preferred.shift() ?? this.#nextInTurn();
    if (next === undefined) {
      this.#running -= 1;
      return;
    }
    this.#waiting -= 1;
    next.start();
  }

  #nextInTurn(): Waiting | undefined {
    for (const [source, line] of this.#lines) {
      const next = line.shift();
      this.#lines.delete(source);
      if (line.length > 0) this.#lines.set(source, line);
      return next;
    }
    return undefined;
  }
}
