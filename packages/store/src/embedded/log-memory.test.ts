import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { temporaryDirectory } from './temporary-directory.fixture.ts';

const entries = 12_000;
const bytes = 2_500;

it('writes and verifies a log that is larger than all memory there is', { timeout: 60_000 }, async () => {
  const worker = new Worker(new URL('./log-memory.fixture.ts', import.meta.url), {
    workerData: { directory: await temporaryDirectory(), entries, bytes },
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 8 },
  });
  const [verdict] = await once(worker, 'message');
  expect(verdict).toMatchObject({ kind: 'whole', head: { first: 1, last: entries, bytes: entries * bytes } });
  await worker.terminate();
});
