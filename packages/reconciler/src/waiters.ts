import type { Clock } from './clock.ts';

interface Waiter {
  readonly isMet: () => boolean;
  readonly answer: (isMet: boolean) => void;
}

/** Those who wait for something to become true of a key. */
export class Waiters<Key> {
  readonly #clock: Clock;
  readonly #waiters = new Map<Key, Set<Waiter>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves true when `isMet` holds, now or at a later `wake` of the key; false after the bound. */
  wait(key: Key, isMet: () => boolean, boundMs: number): Promise<boolean> {
    if (isMet()) return Promise.resolve(true);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const cancel = this.#clock.after(boundMs, () => waiter.answer(false));
    const waiter: Waiter = {
      isMet,
      answer: (answer) => {
        cancel();
        this.#remove(key, waiter);
        resolve(answer);
      },
    };
    const others = this.#waiters.get(key);
    if (others === undefined) this.#waiters.set(key, new Set([waiter]));
    else others.add(waiter);
    return promise;
  }

  /** Looks again at what the waiters of the key wait for. */
  wake(key: Key): void {
    for (const waiter of this.#waiters.get(key) ?? []) if (waiter.isMet()) waiter.answer(true);
  }

  wakeAll(): void {
    for (const key of this.#waiters.keys()) this.wake(key);
  }

  /** Answers false to everyone. */
  close(): void {
    for (const waiters of this.#waiters.values()) for (const waiter of waiters) waiter.answer(false);
  }

  #remove(key: Key, waiter: Waiter): void {
    const waiters = this.#waiters.get(key);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.#waiters.delete(key);
  }
}
