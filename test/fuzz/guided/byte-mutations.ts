import type { SeededRandom } from '../../robustness/seeded-random.ts';

type Mutation = (input: Buffer, random: SeededRandom, words: readonly Uint8Array[]) => Uint8Array;

/** Where lengths and signs begin and end. */
const strangeBytes = [0, 1, 0x20, 0x7e, 0x7f, 0x80, 0x81, 0x84, 0xa0, 0xc0, 0xff];

const spliced = (input: Buffer, start: number, length: number, ...pieces: readonly Uint8Array[]): Buffer =>
  Buffer.concat([input.subarray(0, start), ...pieces, input.subarray(start + length)]);

const mutations: readonly Mutation[] = [
  // A bit.
  (input, random) => {
    const changed = Buffer.from(input);
    const place = random.below(input.length);
    changed[place] = (input[place] ?? 0) ^ (1 << random.below(8));
    return changed;
  },
  // A byte.
  (input, random) => {
    const changed = Buffer.from(input);
    changed[random.below(input.length)] =
      random.below(2) === 0 ? random.pick(strangeBytes) : random.below(256);
    return changed;
  },
  // Two or four bytes that may be a length.
  (input, random) => {
    const size = random.pick([2, 4]);
    const length = Buffer.alloc(size);
    length.writeUIntBE(
      random.pick([0, 1, 0x7f, 0xff, 0xffff, 2 ** (8 * size) - 1, input.length]) % 2 ** (8 * size),
      0,
      size,
    );
    return spliced(input, random.below(input.length), size, length);
  },
  (input, random) => input.subarray(0, random.below(input.length)),
  (input, random) => spliced(input, random.below(input.length), 1 + random.below(16)),
  (input, random) => {
    const start = random.below(input.length);
    return spliced(input, random.below(input.length), 0, input.subarray(start, start + 1 + random.below(64)));
  },
  // A piece again and again: what takes more than its share of time takes it now.
  (input, random) => {
    const start = random.below(input.length);
    const piece = input.subarray(start, start + 1 + random.below(random.pick([1, 4, 40])));
    const times = random.pick([3, 3, 3, 3, 30, 30, 30, 300, 300, 3_000, 60_000 / piece.length]);
    return spliced(input, start, 0, ...Array.from({ length: times }, () => piece));
  },
  (input, random, words) =>
    words.length === 0
      ? input
      : spliced(input, random.below(input.length + 1), random.pick([0, 0, 1, 4]), random.pick(words)),
  (input, random) =>
    spliced(
      input,
      random.below(input.length),
      0,
      Buffer.from(Array.from({ length: 1 + random.below(8) }, () => random.below(256))),
    ),
];

/** The input changed in one to four places, and no longer than `mostBytes`. */
export function mutatedBytes(
  input: Uint8Array,
  random: SeededRandom,
  words: readonly Uint8Array[],
  mostBytes: number,
): Uint8Array {
  let changed: Uint8Array = input;
  for (let count = random.pick([1, 1, 2, 4]); count > 0; count -= 1) {
    // Where there is nothing left to change, something is put.
    const ground = changed.length === 0 ? Buffer.of(random.below(256)) : Buffer.from(changed);
    changed = random.pick(mutations)(ground, random, words).subarray(0, mostBytes);
  }
  return changed;
}
