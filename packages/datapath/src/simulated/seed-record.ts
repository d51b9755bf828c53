import type { GivenFields } from '../datapath.ts';
import { type SeedFieldValue, seedFields, shownName } from './seed-fields.ts';

const leaves = [...seedFields].flatMap(([name, field]) =>
  field === 'object' || shownName(name) !== name ? [] : [name],
);
const places: ReadonlyMap<string, number> = new Map(leaves.map((name, place) => [name, place]));

/** A seed record as flat API fields: a row of values, because a map for each of 100,000 records would take five times as much. */
export class SeedRecord implements GivenFields {
  readonly #values = new Array<SeedFieldValue | undefined>(leaves.length).fill(undefined);

  get(name: string): SeedFieldValue | undefined {
    const place = places.get(name);
    return place === undefined ? undefined : this.#values[place];
  }

  set(name: string, value: SeedFieldValue): void {
    const place = places.get(name);
    if (place !== undefined) this.#values[place] = value;
  }
}
