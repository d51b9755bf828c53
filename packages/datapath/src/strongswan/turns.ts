/** Lets tasks with the same key run one after the other, in the order they came; others do not wait for them. */
export class Turns<Key> {
  readonly #last = new Map<Key, Promise<void>>();

  /** Runs the task when its turn comes; unless the signal has aborted by then, which rejects with its reason. */
  async run<T>(key: Key, task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last.get(key);
    const { promise: turn, resolve: end } = Promise.withResolvers<void>();
    this.#last.set(key, turn);
    try {
      await before;
      signal?.throwIfAborted();
      return await task();
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
      end();
    }
  }
}

/** Lends out at most so many things at once, made when they are first needed. */
export class Pool<T> {
  readonly #make: () => T;
  readonly #max: number;
  readonly #idle: T[] = [];
  readonly #all: T[] = [];
  readonly #waiting: ((thing: T) => void)[] = [];

  constructor(max: number, make: () => T) {
    this.#max = max;
    this.#make = make;
  }

  /** Everything made so far. */
  get all(): readonly T[] {
    return this.#all;
  }

  /** Runs the task with one of the things, as soon as one is free. */
  async use<R>(task: (thing: T) => Promise<R>): Promise<R> {
    const thing = this.#idle.pop() ?? this.#another() ?? (await this.#next());
    try {
      return await task(thing);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(thing);
      else next(thing);
    }
  }

  #another(): T | undefined {
    if (this.#all.length >= this.#max) return undefined;
    const thing = this.#make();
    this.#all.push(thing);
    return thing;
  }

  #next(): Promise<T> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
