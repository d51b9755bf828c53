import type { FuzzTarget } from './fuzz-target.ts';

/** So many times what a good input of the same length takes. */
const factor = 50;
/** Below it clocks and collections of garbage are what is measured, and nothing is held up. */
const floorMs = 5;
const tries = 4;

/** How long a target may take for an input, as a function of its length: in proportion to what good ones take. */
export class TimeAllowance {
  readonly #target: FuzzTarget;
  readonly #medianMs: number;
  readonly #msPerByte: number;

  /** Measures the target with its seeds. */
  static async measure(target: FuzzTarget): Promise<TimeAllowance> {
    const measured: { readonly ms: number; readonly bytes: number }[] = [];
    for (const seed of target.seeds)
      measured.push({ ms: await leastMs(target, seed), bytes: Math.max(seed.length, 1) });
    const longest = Math.max(...measured.map(({ bytes }) => bytes));
    // What a run costs whatever it reads weighs least where it reads much.
    const long = measured.filter(({ bytes }) => bytes >= longest / 4);
    const msPerByte = Math.max(...long.map(({ ms, bytes }) => ms / bytes));
    const medianMs = measured.map(({ ms }) => ms).sort((one, other) => one - other)[measured.length >> 1];
    if (medianMs === undefined) throw new Error(`${target.name} has no seeds`);
    return new TimeAllowance(target, medianMs, msPerByte);
  }

  private constructor(target: FuzzTarget, medianMs: number, msPerByte: number) {
    this.#target = target;
    this.#medianMs = medianMs;
    this.#msPerByte = msPerByte;
  }

  /** Milliseconds for so many bytes. */
  of(bytes: number): number {
    return Math.max(floorMs, factor * (this.#medianMs + this.#msPerByte * bytes));
  }

  /** What is wrong with an input that took `ms`; it is run again where that was too long, alone. */
  async excess(input: Uint8Array, ms: number): Promise<string | undefined> {
    const allowed = this.of(input.length);
    if (ms <= allowed) return undefined;
    const least = await leastMs(this.#target, input);
    if (least <= allowed) return undefined;
    return `takes ${least.toFixed(1)} ms for ${input.length} bytes, allowed are ${allowed.toFixed(1)}`;
  }
}

/** The machine has other work as well: the quickest of some runs says what the input itself costs. */
async function leastMs(target: FuzzTarget, input: Uint8Array): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let count = 0; count < tries; count += 1) {
    const startedAt = performance.now();
    await target.run(input);
    least = Math.min(least, performance.now() - startedAt);
  }
  return least;
}
