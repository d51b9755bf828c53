/** Charon says it before it answers the command, on another connection: either may arrive first, rarely late. */
const patienceMs = 30_000;

interface Expected {
  count: number;
  readonly untilMs: number;
}

/**
 * Tells connections that somebody else has loaded from those that we have: charon says of each connection in a
 * `load-conn` that it was loaded, once, even if that changed nothing.
 */
export class OwnLoads {
  readonly #nowMs: () => number;
  /** By name, the oldest first. What charon refused it may never mention. */
  readonly #expected = new Map<string, Expected>();

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** We are about to load these. */
  expect(names: readonly string[]): void {
    const nowMs = this.#nowMs();
    for (const [name, { untilMs }] of this.#expected) {
      if (untilMs > nowMs) break;
      this.#expected.delete(name);
    }
    for (const name of names) {
      const count = this.#countOf(name, nowMs) + 1;
      this.#expected.delete(name);
      this.#expected.set(name, { count, untilMs: nowMs + patienceMs });
    }
  }

  /** Takes in that a connection was loaded. Whether a load of ours accounts for it; each does so once. */
  accountFor(name: string): boolean {
    const count = this.#countOf(name, this.#nowMs());
    const expected = this.#expected.get(name);
    if (count <= 1) this.#expected.delete(name);
    else if (expected !== undefined) expected.count -= 1;
    return count > 0;
  }

  #countOf(name: string, nowMs: number): number {
    const expected = this.#expected.get(name);
    return expected === undefined || expected.untilMs <= nowMs ? 0 : expected.count;
  }
}
