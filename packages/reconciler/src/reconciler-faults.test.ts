import { entryFingerprint } from '@esplanade/datapath';
import { expect, test } from 'vitest';
import { turn } from './fake-clock.fixture.ts';
import { entry, uuid } from './policy.fixture.ts';
import {
  allSettled,
  create,
  expectedForms,
  installedForms,
  openDesired,
  openReadyWorld,
  openWorld,
  type World,
} from './reconciler.fixture.ts';
import { defaultTiming } from './timing.ts';

test('while the daemon is down policies are pending and say why, and are applied when it is back', async () => {
  const world = await openReadyWorld();
  await create(world, 1);
  await allSettled(world);
  world.simulator.inject({ kind: 'daemon-down' });
  await turn();
  await create(world, 2);
  for (const n of [1, 2])
    expect(world.reconciler.policyState(uuid(n))).toMatchObject({
      kind: 'pending',
      reason: 'the simulated daemon is down',
    });
  const sinceMs = world.clock.nowMs();
  expect(world.reconciler.health()).toEqual({
    ready: false,
    reason: 'the simulated daemon is down',
    sinceMs,
  });
  const settled = world.reconciler.settled(uuid(2), world.desired.snapshot().revision, 2_000);
  await world.clock.advance(2_000);
  expect(await settled).toBe(false);

  world.simulator.clearFaults('daemon-down');
  await turn();
  await allSettled(world);
  expect(await installedForms(world)).toEqual(expectedForms(world));
  expect(world.reconciler.policyState(uuid(2))).toMatchObject({ kind: 'applied' });
  expect(world.reconciler.health()).toEqual({ ready: true });
});

test('a daemon that is down from the start is heard of as soon as it is up', async () => {
  const world = await startedDown();
  expect(world.reconciler.health().ready).toBe(false);
  expect(world.reconciler.policyState(uuid(1))).toMatchObject({ kind: 'pending' });
  world.simulator.clearFaults();
  await turn();
  await allSettled(world);
  expect(await installedForms(world)).toEqual(expectedForms(world));
});

test('a hanging daemon is given up at the deadline, said so, and asked again', async () => {
  const world = await openReadyWorld();
  world.simulator.inject({ kind: 'hang' });
  await create(world, 1);
  expect(world.reconciler.policyState(uuid(1))).toMatchObject({
    kind: 'pending',
    reason: 'it is being installed',
  });
  await world.clock.advance(10_000);
  expect(world.reconciler.policyState(uuid(1))).toMatchObject({
    kind: 'pending',
    reason: expect.stringMatching(/^the simulated datapath.* does not answer in time$/),
  });
  expect(world.reconciler.health().ready).toBe(false);
  world.simulator.clearFaults('hang');
  await world.clock.advance(1_000);
  await allSettled(world);
  expect(await installedForms(world)).toEqual(expectedForms(world));
  expect(world.reconciler.health()).toEqual({ ready: true });
});

test('a daemon that hangs when it is first compared is compared when it goes on', async () => {
  const given = await openDesired();
  await create(given, 1);
  const world = openWorld(given);
  world.simulator.inject({ kind: 'hang' });
  await world.clock.advance(60_000);
  expect(world.reconciler.policyState(uuid(1))).toMatchObject({
    kind: 'pending',
    reason: expect.stringContaining('does not answer in time'),
  });
  world.simulator.clearFaults();
  await world.clock.advance(5_000);
  await allSettled(world);
  expect(await installedForms(world)).toEqual(expectedForms(world));
});

test('a refused policy has failed and says why, holds up no other, and is tried again by itself', async () => {
  const world = await openReadyWorld();
  world.simulator.inject({ kind: 'refuse', policyUuid: uuid(1) });
  const { name } = await create(world, 1);
  await create(world, 2);
  await allSettled(world);
  expect(world.reconciler.policyState(uuid(1))).toMatchObject({
    kind: 'failed',
    reason: 'the simulated daemon refuses this policy',
  });
  expect(world.reconciler.policyState(uuid(2))).toMatchObject({ kind: 'applied' });
  expect(world.told).toEqual([
    `trouble: policy "${name}" (${uuid(1)}) is refused: the simulated daemon refuses this policy`,
  ]);
  world.simulator.clearFaults();
  await world.clock.advance(30_000);
  expect(world.reconciler.policyState(uuid(1))).toMatchObject({ kind: 'applied' });
  expect(world.told.slice(1)).toEqual([`recovery: policy "${name}" (${uuid(1)}) is refused no more`]);
});

test('a refused policy is told from the others when all are installed at once', async () => {
  const world = await startedDown();
  await create(world, 2);
  world.simulator.inject({ kind: 'refuse', policyUuid: uuid(1) });
  world.simulator.clearFaults('daemon-down');
  await turn();
  await allSettled(world);
  expect(world.reconciler.policyState(uuid(1))).toMatchObject({ kind: 'failed' });
  expect(world.reconciler.policyState(uuid(2))).toMatchObject({ kind: 'applied' });
});

test('what vanishes is installed again, what nobody desires is removed, and both are counted', async () => {
  const world = await openReadyWorld();
  const { name } = await create(world, 1);
  await create(world, 2);
  await allSettled(world);
  await world.simulator.remove(uuid(1));
  const stranger = entry(99);
  await world.simulator.install(stranger, { replayWindow: 0 });
  expect(await installedForms(world)).toContain(
    `${uuid(99)} ${entryFingerprint(stranger, { replayWindow: 0 })}`,
  );

  await world.clock.advance(defaultTiming.compareMs);
  await allSettled(world);
  expect(await installedForms(world)).toEqual(expectedForms(world));
  expect(world.told).toEqual([
    `drift: policy "${name}" (${uuid(1)}) was not in force as it was made, and is put right`,
    `drift: something of policy ${uuid(99)} was in force that nobody desires, and is removed`,
  ]);
  expect(world.reconciler.drift()).toMatchObject({ missing: 1, strangers: 1 });
  expect(world.reconciler.lastDriftMs(uuid(1))).toBe(world.clock.nowMs());
  expect(world.reconciler.lastDriftMs(uuid(2))).toBeUndefined();
  await world.clock.advance(2 * defaultTiming.compareMs);
  expect(world.reconciler.drift()).toMatchObject({ missing: 1, strangers: 1 });
});

test('why a policy has no SA is told with its state until it has one', async () => {
  const world = await openReadyWorld();
  world.simulator.inject({ kind: 'authentication-failed' });
  await create(world, 1);
  await allSettled(world);
  await turn();
  expect(world.reconciler.policyState(uuid(1))).toMatchObject({
    kind: 'applied',
    lastFailure: expect.stringContaining('AUTHENTICATION_FAILED'),
  });
  world.simulator.clearFaults();
  await world.clock.advance(1_000 + 2_000);
  expect(world.reconciler.policyState(uuid(1))).not.toHaveProperty('lastFailure');
});

async function startedDown(): Promise<World> {
  const given = await openDesired();
  await create(given, 1);
  const world = openWorld(given);
  world.simulator.inject({ kind: 'daemon-down' });
  await turn();
  return world;
}
