import { SeededRandom } from '../../robustness/seeded-random.ts';
import type { BlockCoverage } from './block-coverage.ts';
import { mutatedBytes } from './byte-mutations.ts';
import { corpusOf } from './corpus.ts';
import type { Fault, FuzzTarget } from './fuzz-target.ts';
import { StallWatch } from './stall-watch.ts';
import { TimeAllowance } from './time-allowance.ts';

/** How a target is tried. */
export interface GuidedOptions {
  readonly seed: number;
  /** It is over when either is reached, not before `mutated` inputs that are not kept ones, or after ten faults. */
  readonly limits: { readonly executions: number; readonly seconds: number; readonly mutated: number };
  /** Keeps what reaches new code and goes on from there; without it every input is made of a good one. */
  readonly coverage?: BlockCoverage;
}

/** What came of trying a target. */
export interface GuidedReport {
  readonly target: string;
  readonly executions: number;
  readonly seconds: number;
  /** How often each word of `FuzzTarget.run` came back. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly faults: readonly Fault[];
  /** Longest time that one input took, beside what it was allowed. */
  readonly slowest: { readonly ms: number; readonly bytes: number; readonly allowedMs: number };
  /** Inputs that reached blocks, or came to outcomes, that nothing had before, and blocks reached in all; with coverage only. */
  readonly reached?: { readonly inputs: readonly Uint8Array[]; readonly blocks: number };
}

const mostFaults = 10;
/** Inputs between two looks at the coverage. */
const batchSize = 64;
/** Inputs between two calls of `tidy`. */
const tidyEvery = 2_000;

/** Replays the corpus of a target and then tries mutated inputs. */
export async function tryTarget(target: FuzzTarget, options: GuidedOptions): Promise<GuidedReport> {
  const { seed, limits, coverage } = options;
  const random = new SeededRandom(seed);
  let startedAt = performance.now();
  const outcomes = new Map<string, number>();
  const faults: Fault[] = [];
  const reached: Uint8Array[] = [];
  let slowest = { ms: 0, bytes: 0, allowedMs: 0 };
  let executions = 0;

  const kept = corpusOf(target.name).map(({ bytes }) => bytes);
  const pool = [...target.seeds, ...kept];
  let isReplay = true;
  const stray = new StrayErrors();
  const watch = new StallWatch();
  let allowance: TimeAllowance | undefined;

  const execute = async (input: Uint8Array): Promise<void> => {
    executions += 1;
    watch.begins(input);
    const began = performance.now();
    let why: string | undefined;
    try {
      const outcome = target.run(input);
      const word = typeof outcome === 'string' ? outcome : await outcome;
      // All that is seen of a reader in another process.
      if (coverage !== undefined && !isReplay && !outcomes.has(word)) keep(input);
      outcomes.set(word, (outcomes.get(word) ?? 0) + 1);
    } catch (error) {
      why = error instanceof Error ? (error.stack ?? error.message) : `thrown: ${String(error)}`;
    }
    const ms = performance.now() - began;
    if (ms > slowest.ms) slowest = { ms, bytes: input.length, allowedMs: allowance?.of(input.length) ?? 0 };
    why ??= stray.take() ?? (await allowance?.excess(input, ms));
    watch.ends();
    if (why !== undefined) faults.push({ target: target.name, why, input });
    if (executions % tidyEvery === 0) await target.tidy?.();
  };
  const keep = (input: Uint8Array): void => {
    if (reached.includes(input)) return;
    pool.push(input);
    reached.push(input);
  };
  const isOver = (): boolean =>
    executions >= limits.executions ||
    (performance.now() - startedAt > limits.seconds * 1000 && executions >= pool.length + limits.mutated) ||
    faults.length >= mostFaults;
  const next = (): Uint8Array => {
    const base = random.pick(pool);
    if (target.mutate !== undefined && random.below(4) > 0)
      return target.mutate(base, random).subarray(0, target.mostBytes);
    // Two inputs in one, from time to time.
    const crossed =
      random.below(10) === 0
        ? Buffer.concat([base.subarray(0, random.below(base.length + 1)), random.pick(pool)])
        : base;
    return mutatedBytes(crossed, random, target.words, target.mostBytes);
  };

  /** Finds the inputs of a batch that reach something new, by halves. */
  const search = async (batch: readonly Uint8Array[], told: BlockCoverage): Promise<void> => {
    for (const input of batch) await execute(input);
    const [first, ...others] = batch;
    if (first === undefined || (await told.collect(others.length === 0)) === 0) return;
    if (others.length === 0) {
      keep(first);
      return;
    }
    const half = batch.length >> 1;
    await search(batch.slice(0, half), told);
    await search(batch.slice(half), told);
  };

  try {
    allowance = await TimeAllowance.measure(target);
    await target.tidy?.();
    startedAt = performance.now();
    for (const input of pool) await execute(input);
    isReplay = false;
    await coverage?.collect(true);
    while (!isOver()) {
      const batch: Uint8Array[] = [];
      while (batch.length < batchSize && !isOver()) {
        const input = next();
        batch.push(input);
        await execute(input);
      }
      if (coverage !== undefined && (await coverage.collect(false)) > 0) await search(batch, coverage);
    }
    // What goes wrong behind an answer may come a turn later.
    await new Promise((resolve) => setImmediate(resolve));
    const late = stray.take();
    if (late !== undefined) faults.push({ target: target.name, why: late, input: new Uint8Array() });
  } finally {
    stray.close();
    await watch.close();
  }
  return {
    target: target.name,
    executions,
    seconds: (performance.now() - startedAt) / 1000,
    outcomes,
    faults,
    slowest,
    ...(coverage !== undefined && { reached: { inputs: reached, blocks: coverage.blocks } }),
  };
}

/** Errors that nobody caught. */
class StrayErrors {
  readonly #found: unknown[] = [];
  readonly #listen = (error: unknown): void => void this.#found.push(error);

  constructor() {
    process.on('unhandledRejection', this.#listen).on('uncaughtException', this.#listen);
  }

  take(): string | undefined {
    const error = this.#found.shift();
    if (error === undefined) return undefined;
    return `nobody caught: ${error instanceof Error ? error.stack : String(error)}`;
  }

  close(): void {
    process.off('unhandledRejection', this.#listen).off('uncaughtException', this.#listen);
  }
}

/** The report in one line, and a few for each fault. */
export function guidedText(report: GuidedReport, seed: number): string {
  const { target, executions, seconds, outcomes, faults, slowest, reached } = report;
  const counted = [...outcomes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([word, count]) => `${word} ${count}`);
  const { ms, bytes, allowedMs } = slowest;
  const blocks =
    reached === undefined ? '' : `; ${reached.blocks} blocks, ${reached.inputs.length} new inputs`;
  return [
    `fuzz ${target}: ${executions} executions in ${seconds.toFixed(1)} s, ${faults.length} faults; ${counted.join(', ')}; slowest ${ms.toFixed(1)} ms (${bytes} bytes, allowed ${allowedMs.toFixed(1)})${blocks}; seed ${seed}`,
    ...faults.map(
      ({ why, input }) =>
        `  ${why}\n  ${JSON.stringify(Buffer.from(input).toString('latin1').slice(0, 4_000))}`,
    ),
  ].join('\n');
}
