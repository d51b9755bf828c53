/**
 * When a daemon last answered anything, on whichever session: one that does is not hung, however late its other answers
 * are.
 */
export class SignOfLife {
  #lastMs = Number.NEGATIVE_INFINITY;

  /** It has answered just now. */
  noted(): void {
    this.#lastMs = performance.now();
  }

  /** Whether it has answered since this moment of `performance.now()`. */
  isSince(ms: number): boolean {
    return this.#lastMs >= ms;
  }
}
