import { expect, test } from 'vitest';
import { turn } from './fake-clock.fixture.ts';
import { selector, uuid } from './policy.fixture.ts';
import {
  allSettled,
  create,
  expectedForms,
  installedForms,
  openDesired,
  openReadyWorld,
  openWorld,
  update,
} from './reconciler.fixture.ts';
import { defaultTiming } from './timing.ts';

test('a change that comes while an older form is being installed is not taken for carried out', async () => {
  const world = await openReadyWorld();
  let revision = 0;
  world.datapath.onChange = async () => {
    world.datapath.onChange = async () => undefined;
    revision = await update(world, uuid(1), { selector: selector(443) });
    world.simulator.inject({ kind: 'hang' });
  };
  await create(world, 1);
  await expect.poll(() => revision).not.toBe(0);
  const settled = world.reconciler.settled(uuid(1), revision, 1_000);
  await world.clock.advance(1_000);
  expect(await settled).toBe(false);
  world.simulator.clearFaults();
  await allSettled(world);
  expect(await installedForms(world)).toEqual(expectedForms(world));
});

test('a policy that changes while everything is compared is no drift', async () => {
  const world = await openReadyWorld();
  await create(world, 1);
  await allSettled(world);
  const listed = Promise.withResolvers<void>();
  world.datapath.onListed = () => listed.promise;
  await world.clock.advance(defaultTiming.compareMs);
  await update(world, uuid(1), { selector: selector(443) });
  await create(world, 2);
  await allSettled(world);
  world.datapath.operations.length = 0;
  listed.resolve();
  await turn();
  expect(world.reconciler.drift()).toMatchObject({ missing: 0, strangers: 0 });
  expect(world.datapath.operations).toEqual([]);
});

test('a daemon that goes down at the end of a round over everything leaves everything in doubt', async () => {
  const given = await openDesired();
  await create(given, 1);
  const world = openWorld(given);
  world.datapath.onListed = async () => {
    world.datapath.onListed = async () => undefined;
    world.simulator.inject({ kind: 'daemon-down' });
    await turn();
  };
  await world.clock.advance(100);
  expect(world.reconciler.policyState(uuid(1))).toMatchObject({ kind: 'pending' });
});

test('until everything has been compared nothing is done one by one', async () => {
  const world = openWorld(await openDesired());
  world.simulator.inject({ kind: 'hang' });
  await create(world, 1);
  await world.clock.advance(60_000);
  expect(new Set(world.datapath.operations)).toEqual(new Set(['install all 0', 'install all 1']));
});

test('while the daemon is known to be down it is not asked for every policy', async () => {
  const world = await openReadyWorld();
  world.simulator.inject({ kind: 'daemon-down' });
  await turn();
  world.datapath.operations.length = 0;
  await create(world, 1);
  await world.clock.advance(60_000);
  expect(world.datapath.operations).toEqual([]);
});
