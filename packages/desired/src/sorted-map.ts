type Entry<K, V> = readonly [K, V];
type Chunk<K, V> = readonly Entry<K, V>[];

/** A change copies one chunk and the list of chunks: about the square root of the whole. */
const longestChunk = 512;

/**
 * An immutable map ordered by key (code units). `with` and `without` give a new map that shares all but one chunk with
 * the old one, so that a snapshot per write stays cheap at 100,000 entries; `get` is a binary search.
 */
export class SortedMap<K extends string, V> implements ReadonlyMap<K, V> {
  /** No chunk is empty. */
  readonly #chunks: readonly Chunk<K, V>[];
  readonly size: number;

  private constructor(chunks: readonly Chunk<K, V>[], size: number) {
    this.#chunks = chunks;
    this.size = size;
  }

  static empty<K extends string, V>(): SortedMap<K, V> {
    return new SortedMap<K, V>([], 0);
  }

  with(key: K, value: V): SortedMap<K, V> {
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at] ?? [];
    const position = lowerBound(chunk, key);
    const isNew = chunk[position]?.[0] !== key;
    const changed = chunk.toSpliced(position, isNew ? 0 : 1, [key, value]);
    const half = changed.length >>> 1;
    const replacement =
      changed.length > longestChunk ? [changed.slice(0, half), changed.slice(half)] : [changed];
    return new SortedMap(this.#chunks.toSpliced(at, 1, ...replacement), this.size + (isNew ? 1 : 0));
  }

  without(key: K): SortedMap<K, V> {
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at] ?? [];
    const position = lowerBound(chunk, key);
    if (chunk[position]?.[0] !== key) return this;
    const replacement = chunk.length > 1 ? [chunk.toSpliced(position, 1)] : [];
    return new SortedMap(this.#chunks.toSpliced(at, 1, ...replacement), this.size - 1);
  }

  /** The same keys with other values. What `change` gives back as it is shares its place with this map. */
  map(change: (value: V) => V): SortedMap<K, V> {
    const chunks = this.#chunks.map((chunk) => {
      const entries = chunk.map((entry): Entry<K, V> => {
        const value = change(entry[1]);
        return value === entry[1] ? entry : [entry[0], value];
      });
      return entries.some((entry, at) => entry !== chunk[at]) ? entries : chunk;
    });
    return new SortedMap(chunks, this.size);
  }

  get(key: K): V | undefined {
    return this.#find(key)?.[1];
  }

  has(key: K): boolean {
    return this.#find(key) !== undefined;
  }

  forEach(visit: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this) visit(value, key, this);
  }

  *entries(): Generator<[K, V], undefined> {
    for (const chunk of this.#chunks) for (const [key, value] of chunk) yield [key, value];
  }

  *keys(): Generator<K, undefined> {
    for (const chunk of this.#chunks) for (const [key] of chunk) yield key;
  }

  *values(): Generator<V, undefined> {
    for (const chunk of this.#chunks) for (const [, value] of chunk) yield value;
  }

  [Symbol.iterator](): Generator<[K, V], undefined> {
    return this.entries();
  }

  #find(key: K): Entry<K, V> | undefined {
    const chunk = this.#chunks[this.#chunkOf(key)] ?? [];
    const entry = chunk[lowerBound(chunk, key)];
    return entry?.[0] === key ? entry : undefined;
  }

  /** The chunk that holds the key if any does: the last that begins at or before it, or the first. */
  #chunkOf(key: K): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const first = this.#chunks[middle]?.[0]?.[0];
      if (first !== undefined && first <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(low - 1, 0);
  }
}

/** The position of the first entry whose key is not below `key`. */
function lowerBound<K extends string, V>(chunk: Chunk<K, V>, key: K): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = chunk[middle]?.[0];
    if (found !== undefined && found < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
