import { describe, expect, it } from 'vitest';
import { Reqids } from './reqids.ts';
import { uuid } from './testing/entries.ts';

/** Two policies whose uuids want the same number, found by trying. */
const [one, other] = [uuid(5_445), uuid(25_312)];

describe("a policy's reqid", () => {
  it('follows from its uuid, and is none that charon counts up to', () => {
    const reqids = new Reqids();
    const reqid = reqids.of(uuid(1));
    expect(reqids.of(uuid(1))).toBe(reqid);
    expect(new Reqids().of(uuid(1))).toBe(reqid);
    expect(reqid).toBeGreaterThanOrEqual(0x4000_0000);
    expect(reqid).toBeLessThan(0x8000_0000);
  });

  it('is its own, also where another policy wants the same', () => {
    const reqids = new Reqids();
    expect(new Reqids().of(other)).toBe(new Reqids().of(one));
    expect(reqids.of(other)).not.toBe(reqids.of(one));
  });

  it('is for others once it is gone', () => {
    const reqids = new Reqids();
    const reqid = reqids.of(one);
    reqids.release(one);
    reqids.release(one);
    expect(reqids.of(other)).toBe(reqid);
  });
});
