import { selectorKey } from '@esplanade/domain';
import { expect, test } from 'vitest';
import { DesiredEntries } from './desired-entries.ts';
import { selector, uuid } from './policy.fixture.ts';
import { configure, create, openDesired, update } from './reconciler.fixture.ts';

const http = selectorKey(selector(80));
const https = selectorKey(selector(443));

test('who is loaded on a selector is known through moves, takeovers and deletions', async () => {
  const { entries, world } = await followed();
  await create(world, 1, { selector: selector(80) });
  await create(world, 2, { selector: selector(80) });
  expect(entries.entryOn(http)?.policy.uuid).toBe(uuid(1));
  await update(world, uuid(1), { selector: selector(443) });
  expect(entries.entryOn(http)?.policy.uuid).toBe(uuid(2));
  expect(entries.entryOn(https)?.policy.uuid).toBe(uuid(1));
  await world.desired.deletePolicy(uuid(2));
  expect(entries.entryOn(http)).toBeUndefined();
  await update(world, uuid(1), { selector: selector(80) });
  expect(entries.entryOn(https)).toBeUndefined();
});

test('nothing must be installed while IPsec is disabled, and each policy says so', async () => {
  const { entries, world } = await followed();
  await create(world, 1);
  await configure(world.desired, { enabled: false });
  expect(entries.entries()).toEqual([]);
  expect(entries.entryOf(uuid(1))).toBeUndefined();
  expect(entries.targetOf(uuid(1))).toEqual({
    kind: 'disabled',
    reason: 'IPsec is disabled on the cluster',
  });
  expect(entries.targetOf(uuid(9))).toEqual({ kind: 'absent' });
});

test('a change concerns the policies whose place it changes, a switch all of them', async () => {
  const { world, consequences } = await followed();
  await create(world, 1, { selector: selector(80) });
  await create(world, 2, { selector: selector(443) });
  await create(world, 3, { selector: selector(80) });
  await world.desired.deletePolicy(uuid(1));
  await configure(world.desired, { replayWindow: 64 });
  expect(consequences).toEqual([
    { kind: 'some', policies: new Set([uuid(1)]) },
    { kind: 'some', policies: new Set([uuid(2)]) },
    { kind: 'some', policies: new Set([uuid(3)]) },
    { kind: 'some', policies: new Set([uuid(1), uuid(3)]) },
    { kind: 'everything' },
  ]);
});

async function followed() {
  const world = await openDesired();
  const entries = new DesiredEntries(world.ipspace.uuid, world.desired.snapshot());
  const consequences: unknown[] = [];
  world.desired.subscribe((snapshot, change) => consequences.push(entries.follow(snapshot, change)));
  return { entries, world, consequences };
}
