import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SortedMap } from './sorted-map.ts';

const key = fc.string({ maxLength: 2 });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('with' as const), key, value: fc.nat() }) },
  fc.record({ kind: fc.constant('without' as const), key }),
);

describe('SortedMap', () => {
  it('holds what a Map would, in order of keys', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 2_000, size: 'max' }), (steps) => {
        const model = new Map<string, number>();
        let map = SortedMap.empty<string, number>();
        for (const taken of steps) {
          if (taken.kind === 'with') model.set(taken.key, taken.value);
          else model.delete(taken.key);
          map = taken.kind === 'with' ? map.with(taken.key, taken.value) : map.without(taken.key);
        }
        const expected = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
        expect([...map]).toEqual(expected);
        expect([...map.keys()]).toEqual(expected.map(([name]) => name));
        expect([...map.values()]).toEqual(expected.map(([, value]) => value));
        expect(map.size).toBe(model.size);
        for (const { key: name } of steps) {
          expect(map.get(name)).toBe(model.get(name));
          expect(map.has(name)).toBe(model.has(name));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('leaves earlier maps as they were', () => {
    const versions = [SortedMap.empty<string, number>()];
    for (let index = 0; index < 3_000; index += 1) {
      const last = versions.at(-1) ?? SortedMap.empty();
      versions.push(index % 3 === 2 ? last.without(`${index - 1}`) : last.with(`${index}`, index));
    }
    const sizes = versions.map((version) => [...version].length);
    expect(sizes).toEqual(versions.map((version) => version.size));
    expect(versions[2]?.has('1')).toBe(true);
    expect(versions[3]?.has('1')).toBe(false);
  });

  it('visits every entry', () => {
    const seen: unknown[] = [];
    const map = SortedMap.empty<string, number>().with('b', 2).with('a', 1);
    map.forEach((value, name) => {
      seen.push([name, value]);
    });
    expect(seen).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });
});
