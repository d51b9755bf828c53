import type { GivenFields } from '../datapath.ts';
import { type SeedFieldValue, seedFields } from './seed-fields.ts';

type Column = (SeedFieldValue | undefined)[];

/**
 * The fields of seed records, one column for each: 100,000 records take a fifth of what a map for each would, and a walk
 * over one field of all reads memory in order.
 */
export class SeedTable {
  readonly #columns: ReadonlyMap<string, Column>;
  /** Equal strings are kept once: thousands of records name the same few nodes, SVMs and policies. */
  readonly #texts = new Map<SeedFieldValue, SeedFieldValue>();

  /** For so many records. */
  constructor(size: number) {
    const leaves = [...seedFields].filter(([, field]) => field !== 'object');
    this.#columns = new Map(leaves.map(([name]) => [name, new Array<undefined>(size).fill(undefined)]));
  }

  /** Adds a field to the record of that place. */
  set(place: number, name: string, value: SeedFieldValue): void {
    const column = this.#columns.get(name);
    if (column !== undefined) column[place] = typeof value === 'string' ? this.#kept(value) : value;
  }

  /** The record of that place. */
  record(place: number): GivenFields {
    return new SeedRecord(this.#columns, place);
  }

  #kept(text: string): SeedFieldValue {
    const kept = this.#texts.get(text);
    if (kept === undefined) this.#texts.set(text, text);
    return kept ?? text;
  }
}

class SeedRecord implements GivenFields {
  readonly #columns: ReadonlyMap<string, Column>;
  readonly #place: number;

  constructor(columns: ReadonlyMap<string, Column>, place: number) {
    this.#columns = columns;
    this.#place = place;
  }

  get(name: string): SeedFieldValue | undefined {
    return this.#columns.get(name)?.[this.#place];
  }
}
