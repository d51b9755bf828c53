import type { PolicyUuid } from '@esplanade/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { DatapathRefusedError } from '../errors.ts';
import { PutBackAttempts } from './put-back-attempts.ts';

const policyUuid = '5b1e8f6a-0000-4000-8000-000000000001' as PolicyUuid;
const otherUuid = '5b1e8f6a-0000-4000-8000-000000000002' as PolicyUuid;
let attempts: PutBackAttempts;

beforeEach(() => {
  attempts = new PutBackAttempts();
});

describe('what is put back into the kernel again and again', () => {
  it('may be put back at once, and then after 1, 2, 4, … and at most 60 s', () => {
    const pauses: number[] = [];
    let nowMs = 5_000;
    for (let round = 0; round < 8; round += 1) {
      const sinceMs = nowMs;
      while (!attempts.isDue('trap', nowMs)) nowMs += 500;
      pauses.push(nowMs - sinceMs);
      attempts.made('trap', policyUuid, nowMs);
    }
    expect(pauses).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]);
  });

  it('fails its policy, and no other, after the third attempt', () => {
    attempts.made('other trap', otherUuid, 0);
    for (const nowMs of [0, 1_000]) attempts.made('trap', policyUuid, nowMs);
    expect(() => attempts.throwIfInVain(policyUuid)).not.toThrow();
    attempts.made('trap', policyUuid, 3_000);
    expect(() => attempts.throwIfInVain(policyUuid)).toThrow(DatapathRefusedError);
    expect(() => attempts.throwIfInVain(policyUuid)).toThrow(/^after 3 attempts .* network namespace\?$/);
    expect(() => attempts.throwIfInVain(otherUuid)).not.toThrow();
  });

  it('starts afresh once it was there', () => {
    for (const nowMs of [0, 1_000, 3_000])
      for (const childKey of ['trap', 'block']) attempts.made(childKey, policyUuid, nowMs);
    attempts.stillMissing(new Set(['block']));
    expect(attempts.isDue('trap', 3_000)).toBe(true);
    expect(attempts.isDue('block', 3_000)).toBe(false);
    expect(() => attempts.throwIfInVain(policyUuid)).toThrow(DatapathRefusedError);
    attempts.stillMissing(new Set());
    expect(() => attempts.throwIfInVain(policyUuid)).not.toThrow();
  });
});
