import { expect, it } from 'vitest';
import { TokenBuckets } from './token-buckets.ts';

let nowMs = 1_000_000;
const buckets = () => new TokenBuckets({ burst: 3, refillMs: 100 }, () => nowMs);

it('a bucket gives its burst, then a token each time one has come back', () => {
  const bucket = buckets();
  for (let index = 0; index < 3; index += 1) {
    expect(bucket.waitMs('a')).toBe(0);
    bucket.take('a');
  }
  expect(bucket.waitMs('a')).toBe(100);
  expect(bucket.waitMs('b')).toBe(0);
  nowMs += 60;
  expect(bucket.waitMs('a')).toBe(40);
  nowMs += 40;
  expect(bucket.waitMs('a')).toBe(0);
  bucket.take('a');
  bucket.take('a');
  expect(bucket.waitMs('a')).toBe(200);
});

it('what is full again takes no memory, and what is not is bounded', () => {
  const bucket = buckets();
  for (let index = 0; index < 20_000; index += 1) bucket.take(`${index}`);
  expect(bucket.size).toBe(10_000);
  nowMs += 1_000;
  bucket.take('one more');
  expect(bucket.size).toBe(1);
});
