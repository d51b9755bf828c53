import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeClock } from './fake-clock.fixture.ts';
import { backoffDelayMs, Retries } from './retries.ts';

const backoff = { firstMs: 100, maxMs: 1_000 };

test('delays double up to the longest and lie in the upper half of that', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, drawn) => {
        const ceiling = Math.min(1_000, 100 * 2 ** (failures - 1));
        const delayMs = backoffDelayMs(failures, backoff, () => drawn);
        expect(delayMs).toBeGreaterThanOrEqual(ceiling / 2);
        expect(delayMs).toBeLessThanOrEqual(ceiling);
      },
    ),
  );
});

test('each failure in a row waits longer, and one that was forgotten begins again', async () => {
  const clock = new FakeClock();
  const retries = new Retries<string>(backoff, clock, () => 0);
  const delays: (number | undefined)[] = [];
  for (let failure = 0; failure < 6; failure += 1) {
    retries.failed('a', () => undefined);
    delays.push(clock.nextMs);
    await clock.advance(clock.nextMs ?? 0);
  }
  expect(delays).toEqual([50, 100, 200, 400, 500, 500]);
  retries.forget('a');
  retries.failed('a', () => undefined);
  expect(clock.nextMs).toBe(50);
});

test('what was forgotten is not called', async () => {
  const clock = new FakeClock();
  const retries = new Retries<string>(backoff, clock, () => 0);
  const due: string[] = [];
  retries.failed('a', () => due.push('a'));
  retries.failed('b', () => due.push('b'));
  retries.forget('a');
  await clock.advance(10_000);
  expect(due).toEqual(['b']);
});
