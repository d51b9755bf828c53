import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { LoadStage } from './load-stage.ts';
import { type Slowness, slownesses } from './slow-clients.ts';

const isFull = process.env['ESPLANADE_CAMPAIGN'] === 'full';
const { connections, writers, slowEach, seconds } = isFull
  ? { connections: 2_000, writers: 64, slowEach: 100, seconds: 10 }
  : { connections: 200, writers: 32, slowEach: 40, seconds: 2 };

/** What is let go of within the seconds that a request's headers may take; the others take half a minute and more. */
const quick: readonly Slowness[] = ['asks nothing', 'trickles headers'];

let stage: LoadStage;
beforeAll(async () => {
  stage = await LoadStage.open();
});
afterAll(() => stage.close());

it('a reader is served beside slow clients, kept connections and a flood of writes, and the memory comes back', {
  timeout: 400_000,
}, async () => {
  // What is made once, by whoever comes first, is not what grows.
  const rehearsal = stage.flood(writers);
  await stage.read(1);
  await rehearsal.stop();
  const before = await stage.memory();
  const idle = await stage.read(seconds);

  const slowSinceMs = performance.now();
  const slow = stage.slowClients(slowEach);
  const besideSlow = await stage.read(seconds);

  const kept = await stage.keepAlive(connections);
  const during = await stage.memory();
  const besideKept = await stage.read(seconds);
  const flood = stage.flood(writers);
  const besideFlood = await stage.read(seconds);
  const writes = await flood.stop();
  kept.close();

  for (const kind of quick)
    await eventually(`nobody who ${kind} is held`, () => slow.left(kind) === 0, {
      deadlineMilliseconds: 30_000,
      intervalMilliseconds: 100,
    });
  if (isFull)
    await eventually('nobody is held', async () => (await stage.heldConnections()) === 0, {
      deadlineMilliseconds: 240_000,
      intervalMilliseconds: 1_000,
    });
  const heldSeconds = (performance.now() - slowSinceMs) / 1_000;
  slow.close();
  const after = await eventually(
    'the memory is back',
    async () => {
      const memory = await stage.memory();
      // Writes leave the history that followers may ask for: some half a MiB for each thousand, up to its limit.
      return memory.heapMebibytes < before.heapMebibytes + 24 ? memory : false;
    },
    { deadlineMilliseconds: 30_000, intervalMilliseconds: 500 },
  );

  const ratio = (p99Ms: number): string => `${p99Ms.toFixed(2)} ms, ${(p99Ms / idle.p99Ms).toFixed(1)}×`;
  const held = quick.map((kind) => `who ${kind} ${slow.longestSeconds(kind).toFixed(1)} s`).join(', ');
  const mebibytes = (of: 'heapMebibytes' | 'residentMebibytes'): string =>
    [before, during, after].map((memory) => memory[of].toFixed(0)).join(', ');
  console.info(
    `load: a reader's p99 is ${idle.p99Ms.toFixed(2)} ms idle; beside ${slowEach * slownesses.length} slow clients ${ratio(besideSlow.p99Ms)}; ` +
      `with ${connections} kept connections ${ratio(besideKept.p99Ms)}; with ${writers} writers besides (${writes} writes) ${ratio(besideFlood.p99Ms)}. ` +
      `Held at most: ${held}, ${isFull ? `everybody ${heldSeconds.toFixed(0)} s` : 'the others longer'}. MiB before, with all connections, after: heap ${mebibytes('heapMebibytes')}; resident ${mebibytes('residentMebibytes')}`,
  );
  expect(writes).toBeGreaterThan(writers);
  // Slow clients wait, and what waits costs nothing; on a machine that others use a single pause is a p99.
  expect(besideSlow.p50Ms / idle.p50Ms).toBeLessThan(3);
  expect(besideFlood.p99Ms / idle.p99Ms).toBeLessThan(200);
  for (const kind of quick) expect(slow.longestSeconds(kind)).toBeGreaterThan(5);
});
