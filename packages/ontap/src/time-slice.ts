import { setImmediate as letOthersRun } from 'node:timers/promises';

/** Longest stretch of work in which no other request is looked at. */
const sliceMs = 10;

/** Splits long work into slices between which the event loop turns; work that fits one slice is never interrupted. */
export class TimeSlice {
  readonly #request: { readonly signal: AbortSignal };
  #endsAt = performance.now() + sliceMs;

  /** The signal of the request ends the work between two slices. */
  constructor(request: { readonly signal: AbortSignal }) {
    this.#request = request;
  }

  /** Whether it is time to call {@link next}. */
  isOver(): boolean {
    return performance.now() >= this.#endsAt;
  }

  /** Lets everything run that waits, then begins the next slice. Rejects with the signal's reason once it is aborted. */
  async next(): Promise<void> {
    await letOthersRun();
    this.#request.signal.throwIfAborted();
    this.#endsAt = performance.now() + sliceMs;
  }
}
