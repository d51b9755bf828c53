import type { SeededRandom } from '../../robustness/seeded-random.ts';

/** A reader of bytes from outside that is tried with inputs, one after the other, in this process. */
export interface FuzzTarget {
  /** Also the name of its directory in the corpus. */
  readonly name: string;
  /** Good inputs, from which others are made. */
  readonly seeds: readonly Uint8Array[];
  /** Pieces that mean something to the reader. */
  readonly words: readonly Uint8Array[];
  /** No input is longer. */
  readonly mostBytes: number;
  /** Makes inputs that keep the form of this one's; by default only bytes are changed. */
  readonly mutate?: (input: Uint8Array, random: SeededRandom) => Uint8Array;
  /**
   * Reads one input; resolves to the word under which it is counted (`taken`, `refused`). Rejects for what is a fault:
   * any error but those that the reader promises, a broken promise, an answer of 500.
   */
  run(input: Uint8Array): string | Promise<string>;
  /** Called now and then, not timed: whatever a run leaves behind is removed. */
  readonly tidy?: () => Promise<void>;
  close?(): Promise<void>;
}

/** An input that something was wrong with. */
export interface Fault {
  readonly target: string;
  readonly why: string;
  readonly input: Uint8Array;
}
