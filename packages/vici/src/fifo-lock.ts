/** Lets one holder in at a time, in the order of asking. */
export class FifoLock {
  readonly #waiting = new Set<() => void>();
  #holder: string | undefined;

  /** Who is inside, for error messages. */
  get holder(): string | undefined {
    return this.#holder;
  }

  /** Waits for the turn; the result ends it and must be called exactly once. Rejects with the signal's reason. */
  async acquire(holder: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#holder !== undefined) await this.#turn(signal);
    this.#holder = holder;
    return () => this.#release();
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        this.#waiting.delete(enter);
        reject(signal.reason);
      };
      this.#waiting.add(enter);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #release(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#holder = undefined;
      return;
    }
    // The holder stays set until the next one has entered, so that nobody slips in between.
    this.#waiting.delete(next);
    next();
  }
}
