import { beforeEach, describe, expect, it } from 'vitest';
import { OwnLoads } from './own-loads.ts';

let nowMs: number;
let loads: OwnLoads;

beforeEach(() => {
  nowMs = 0;
  loads = new OwnLoads(() => nowMs);
});

describe('a connection that was loaded', () => {
  it('was loaded by us as often as we have loaded it, and by somebody else beyond', () => {
    loads.expect(['one', 'two']);
    loads.expect(['one']);
    expect(['one', 'one', 'one'].map((name) => loads.accountFor(name))).toEqual([true, true, false]);
    expect(['two', 'two', 'theirs'].map((name) => loads.accountFor(name))).toEqual([true, false, false]);
  });

  it('was not loaded by us when what we sent was long ago, as charon may have refused it', () => {
    loads.expect(['refused']);
    nowMs = 60_000;
    expect(loads.accountFor('refused')).toBe(false);
    loads.expect(['refused']);
    expect([loads.accountFor('refused'), loads.accountFor('refused')]).toEqual([true, false]);
  });
});
