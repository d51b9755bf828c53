import { selectorKey } from '@esplanade/domain';
import { expect, test } from 'vitest';
import { turn } from './fake-clock.fixture.ts';
import { selector, uuid } from './policy.fixture.ts';
import {
  allSettled,
  configure,
  create,
  expectedForms,
  installedForms,
  openDesired,
  openReadyWorld,
  openWorld,
  update,
  written,
} from './reconciler.fixture.ts';

test('what is desired when the datapath appears is installed at once, in one go', async () => {
  const given = await openDesired();
  for (const n of [1, 2, 3]) await create(given, n);
  const world = openWorld(given);
  await allSettled(world);
  expect(await installedForms(world)).toEqual(expectedForms(world));
  expect(world.datapath.operations).toEqual(['install all 3']);
  expect(world.reconciler.policyState(uuid(2))).toMatchObject({ kind: 'applied' });
  expect(world.reconciler.health()).toEqual({ ready: true });
});

test('a policy that is written is carried out, and no other is touched', async () => {
  const world = await openReadyWorld();
  await create(world, 1);
  await create(world, 2);
  await allSettled(world);
  world.datapath.operations.length = 0;
  const revision = await update(world, uuid(1), { selector: selector(111) });
  expect(await world.reconciler.settled(uuid(1), revision, 2_000)).toBe(true);
  expect(world.datapath.operations).toEqual(['install policy-1']);
  expect(await installedForms(world)).toEqual(expectedForms(world));
  expect(world.reconciler.policyState(uuid(1))).toMatchObject({ kind: 'applied', appliedRevision: revision });
});

test('a change that does not show in the datapath is carried out without asking it anything', async () => {
  const world = await openReadyWorld();
  await create(world, 1);
  await allSettled(world);
  world.datapath.operations.length = 0;
  const revision = await update(world, uuid(1), { name: 'another' });
  expect(await world.reconciler.settled(uuid(1), revision, 0)).toBe(true);
  expect(world.datapath.operations).toEqual([]);
  expect(world.reconciler.policyState(uuid(1))).toMatchObject({ appliedRevision: revision });
});

test('a deleted policy is removed and has no state', async () => {
  const world = await openReadyWorld();
  await create(world, 1);
  await allSettled(world);
  const revision = written(await world.desired.deletePolicy(uuid(1)));
  expect(await world.reconciler.settled(uuid(1), revision, 2_000)).toBe(true);
  expect(await installedForms(world)).toEqual([]);
  expect(world.reconciler.policyState(uuid(1))).toBeUndefined();
});

test('a disabled policy is removed, and back when it is enabled', async () => {
  const world = await openReadyWorld();
  await create(world, 1);
  await update(world, uuid(1), { enabled: false });
  await allSettled(world);
  expect(await installedForms(world)).toEqual([]);
  expect(world.reconciler.policyState(uuid(1))).toMatchObject({
    kind: 'disabled',
    reason: 'the policy is disabled',
  });
  await update(world, uuid(1), { enabled: true });
  await allSettled(world);
  expect(await installedForms(world)).toEqual(expectedForms(world));
});

test('disabling IPsec takes everything out, discards too, and enabling brings all back', async () => {
  const world = await openReadyWorld();
  await create(world, 1);
  await create(world, 2, { action: 'discard', authentication: { kind: 'none' } });
  await allSettled(world);
  await configure(world.desired, { enabled: false });
  await allSettled(world);
  expect(await installedForms(world)).toEqual([]);
  expect(world.reconciler.policyState(uuid(2))).toMatchObject({
    kind: 'disabled',
    reason: 'IPsec is disabled on the cluster',
  });
  await configure(world.desired, { enabled: true });
  await allSettled(world);
  expect(await installedForms(world)).toEqual(expectedForms(world));
  expect(expectedForms(world)).toHaveLength(2);
});

test('another anti-replay window reaches every entry that it shapes', async () => {
  const world = await openReadyWorld();
  await create(world, 1);
  await allSettled(world);
  const before = await installedForms(world);
  await configure(world.desired, { replayWindow: 128 });
  await allSettled(world);
  expect(await installedForms(world)).toEqual(expectedForms(world));
  expect(await installedForms(world)).not.toEqual(before);
});

test('policies of another IPspace are none of our business', async () => {
  const world = await openReadyWorld();
  const other = { uuid: '0d5c9a0e-0000-4000-8000-000000000001', name: 'blue' };
  written(await world.desired.createIpspace(other));
  await create(world, 1, { ipspace: other });
  await allSettled(world);
  expect(await installedForms(world)).toEqual([]);
  expect(world.reconciler.policyState(uuid(1))).toBeUndefined();
});

test('the newer of two identical selectors is shadowed and takes over without a gap', async () => {
  const world = await openReadyWorld();
  await create(world, 1, { selector: selector(80) });
  await create(world, 2, { selector: selector(80) });
  await allSettled(world);
  expect(world.reconciler.policyState(uuid(2))).toMatchObject({ kind: 'shadowed', by: uuid(1) });
  expect(await world.simulator.installed()).toHaveLength(1);

  const counts: number[] = [];
  world.datapath.onChange = async () => {
    counts.push((await world.simulator.installed()).length);
  };
  world.datapath.operations.length = 0;
  await world.desired.deletePolicy(uuid(1));
  await allSettled(world);
  expect(world.datapath.operations).toEqual(['install policy-2', `remove ${uuid(1)}`]);
  expect(Math.min(...counts)).toBeGreaterThan(0);
  expect(world.reconciler.policyState(uuid(2))).toMatchObject({ kind: 'applied' });
});

test('an older policy that moves away waits until the newer one has its selector', async () => {
  const world = await openReadyWorld();
  await create(world, 1, { selector: selector(80) });
  await create(world, 2, { selector: selector(80) });
  await allSettled(world);
  world.datapath.operations.length = 0;
  world.simulator.inject({ kind: 'refuse', policyUuid: uuid(2) });
  await update(world, uuid(1), { selector: selector(443) });
  await turn();
  const before = await world.simulator.installed();
  expect(before.map((row) => row.policyUuid)).toEqual([uuid(1)]);
  expect(world.datapath.operations).not.toContain('install policy-1');
  world.simulator.clearFaults('refuse');
  await world.clock.advance(1_000);
  await allSettled(world);
  expect(await installedForms(world)).toEqual(expectedForms(world));
  expect(world.datapath.operations.slice(-2)).toEqual(['install policy-2', 'install policy-1']);
});

test('two policies that exchange their selectors both arrive', async () => {
  const world = await openReadyWorld();
  await create(world, 1, { selector: selector(80) });
  await create(world, 2, { selector: selector(443) });
  await allSettled(world);
  await Promise.all([
    update(world, uuid(1), { selector: selector(443) }),
    update(world, uuid(2), { selector: selector(80) }),
  ]);
  await allSettled(world);
  expect(await installedForms(world)).toEqual(expectedForms(world));
  const keys = [...world.desired.snapshot().policies.values()].map(({ value }) =>
    selectorKey(value.selector),
  );
  expect(new Set(keys).size).toBe(2);
});

test('a reconciler that starts anew leaves policies and SAs as they are and removes what went meanwhile', async () => {
  const world = await openReadyWorld();
  await create(world, 1);
  await create(world, 2);
  await allSettled(world);
  await world.reconciler.close();
  await world.desired.deletePolicy(uuid(2));
  const before = (await world.simulator.securityAssociations()).filter((sa) => sa.policyUuid === uuid(1));

  const again = openWorld(world, world.simulator);
  await allSettled(again);
  expect(again.datapath.operations).toEqual(['install all 1', `remove ${uuid(2)}`]);
  expect((await world.simulator.securityAssociations()).map((sa) => sa.uuid)).toEqual(
    before.map((sa) => sa.uuid),
  );
});

test('a closed reconciler answers those who still wait', async () => {
  const world = await openReadyWorld();
  world.simulator.inject({ kind: 'hang' });
  await create(world, 1);
  const settled = world.reconciler.settled(uuid(1), world.desired.snapshot().revision, 60_000);
  await world.reconciler.close();
  expect(await settled).toBe(false);
  expect(world.unexpected).toEqual([]);
});

test('a storm of a thousand changes converges', { timeout: 30_000 }, async () => {
  const world = await openReadyWorld();
  const creations = Array.from({ length: 500 }, (_, index) => create(world, index + 1));
  await Promise.all(creations);
  await Promise.all(
    Array.from({ length: 500 }, (_, index) => {
      const n = index + 1;
      if (n % 5 === 0) return world.desired.deletePolicy(uuid(n));
      return update(world, uuid(n), n % 3 === 0 ? { enabled: false } : { selector: selector(10_000 + n) });
    }),
  );
  await allSettled(world);
  expect(await installedForms(world)).toEqual(expectedForms(world));
  expect(expectedForms(world).length).toBeGreaterThan(200);
});
