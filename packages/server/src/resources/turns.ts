/** Lets tasks about the same thing run one after another, in the order in which they came; others are not held up. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs the task once all earlier ones about `key` have ended, however they ended; settles as the task does. */
  take<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const turn = before.then(task, task);
    this.#last.set(key, turn);
    const leave = (): void => {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    };
    turn.then(leave, leave);
    return turn;
  }
}
