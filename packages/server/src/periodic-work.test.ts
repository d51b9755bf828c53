import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { doEvery } from './periodic-work.ts';

it('work is done again and again, and never twice at once, however long it takes', async () => {
  let atOnce = 0;
  let most = 0;
  let done = 0;
  const periodic = doEvery(1, async () => {
    most = Math.max(most, ++atOnce);
    await sleep(5);
    atOnce--;
    done++;
  });
  await expect.poll(() => done).toBeGreaterThan(3);
  await periodic.close();
  expect(most).toBe(1);
});

it('close begins nothing more, and waits for what runs', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let begun = 0;
  const periodic = doEvery(1, () => {
    begun++;
    return promise;
  });
  await expect.poll(() => begun).toBe(1);
  let isClosed = false;
  const closing = periodic.close().then(() => {
    isClosed = true;
  });
  await sleep(5);
  expect(isClosed).toBe(false);
  resolve();
  await closing;
  expect(begun).toBe(1);
});
