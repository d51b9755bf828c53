/** Time as the reconciler needs it; tests pass a fake. */
export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number;
  /** Calls `action` once after `delayMs`; the result cancels it. */
  after(delayMs: number, action: () => void): () => void;
}

/** A clock that also measures: whoever sets the time, what lies between two readings of `steadyMs` has passed. */
export interface SteadyClock extends Clock {
  /** Milliseconds since some moment. Never set. */
  steadyMs(): number;
}

/** The machine's clock. Its timers do not keep the process alive. */
export const systemClock: SteadyClock = {
  nowMs: () => Date.now(),
  steadyMs: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after the delay, or at once when the signal aborts. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(delayMs, resolve);
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise.finally(cancel);
}
