/**
 * Has tasks begin one in each turn of the event loop: when many arrive in the same moment, whatever else has arrived meanwhile
 * comes between them.
 */
export class SingleFile {
  readonly #waiting: (() => void)[] = [];
  #isMoving = false;

  /** Begins the task soon; who came before begins before. */
  add(task: () => void): void {
    this.#waiting.push(task);
    if (!this.#isMoving) this.#move();
  }

  #move(): void {
    this.#isMoving = true;
    setImmediate(() => {
      const next = this.#waiting.shift();
      this.#isMoving = this.#waiting.length > 0;
      if (this.#isMoving) this.#move();
      next?.();
    });
  }
}
