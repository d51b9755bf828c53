import type { ObservedSa } from '@esplanade/datapath';
import { parseSeed } from '@esplanade/datapath/simulated';
import { expect, test } from 'vitest';
import { FakeClock } from './fake-clock.fixture.ts';
import type { SadSnapshot } from './reconciler.ts';
import { defaultSadTiming, Sad } from './sad.ts';

const beingListed = 'the security associations have been asked for, and have not come yet';
const rows = parseSeed('{"security_associations":[{"uuid":"a","type":"ike"},{"uuid":"b","type":"ipsec"}]}');

test('before the first listing nothing is known, and reading asks for one', async () => {
  const { sad, clock, listings } = harness();
  expect(sad.read()).toMatchObject({ kind: 'unavailable' });
  await clock.advance(0);
  expect(listings.count).toBe(1);
  expect(sad.read()).toMatchObject({ kind: 'current', snapshot: { rows, observedAtMs: clock.nowMs() } });
});

test('no reading is older than two seconds while somebody reads', async () => {
  const { sad, clock } = harness();
  sad.read();
  for (let elapsedMs = 0; elapsedMs < 60_000; elapsedMs += 700) {
    await clock.advance(700);
    const reading = sad.read();
    if (reading.kind === 'unavailable') throw new Error('nothing was listed');
    expect(clock.nowMs() - reading.snapshot.observedAtMs).toBeLessThanOrEqual(2_000);
  }
});

test('the same rows again are no news but newer, and others are', async () => {
  const { sad, clock, listings, snapshots } = harness();
  sad.read();
  await clock.advance(0);
  const first = sad.read();
  await clock.advance(2_000);
  const second = sad.read();
  if (first.kind !== 'current' || second.kind !== 'current') throw new Error('nothing was listed');
  expect(listings.count).toBe(2);
  expect(snapshots).toHaveLength(1);
  expect(second.snapshot.rows).toBe(first.snapshot.rows);
  expect(second.snapshot.observedAtMs).toBeGreaterThan(first.snapshot.observedAtMs);
  listings.hold().resolve([...rows]);
  await clock.advance(2_000);
  expect(snapshots).toHaveLength(2);
});

test('listings become rare when nobody reads any more', async () => {
  const { sad, clock, listings } = harness();
  sad.read();
  await clock.advance(12_000);
  listings.count = 0;
  await clock.advance(60_000);
  expect(listings.count).toBeLessThanOrEqual(2);
  expect(listings.count).toBeGreaterThan(0);
});

test('who only peeks has nothing listed for it', async () => {
  const { sad, clock, listings } = harness();
  sad.hint();
  await clock.advance(100);
  expect(sad.peek()).toMatchObject({ kind: 'current', snapshot: { rows } });
  listings.count = 0;
  for (let elapsedMs = 0; elapsedMs < 50_000; elapsedMs += 1_000) {
    sad.peek();
    await clock.advance(1_000);
  }
  expect(listings.count).toBe(0);
});

test('a reading after a long pause has the old snapshot listed anew', async () => {
  const { sad, clock, listings } = harness();
  sad.read();
  await clock.advance(20_000);
  listings.count = 0;
  sad.read();
  await clock.advance(0);
  expect(listings.count).toBe(1);
});

test('a swarm of hints makes one listing, soon', async () => {
  const { sad, clock, listings } = harness();
  for (let hint = 0; hint < 100; hint += 1) sad.hint();
  await clock.advance(100);
  expect(listings.count).toBe(1);
});

test('at most one listing is under way, and a hint during it makes another', async () => {
  const { sad, clock, listings } = harness();
  const answer = listings.hold();
  sad.hint();
  await clock.advance(100);
  sad.hint();
  sad.read();
  await clock.advance(20_000);
  expect(listings.count).toBe(1);
  answer.resolve(rows);
  await clock.advance(defaultSadTiming.activeMs);
  expect(listings.count).toBe(2);
});

test('hints that do not end have no more than a quarter of the time spent on listing', async () => {
  const { sad, clock, listings } = harness();
  listings.takesMs = 200;
  for (let elapsedMs = 0; elapsedMs < 60_000; elapsedMs += 25) {
    sad.hint();
    await clock.advance(25);
  }
  expect(listings.count).toBeLessThanOrEqual(60_000 / (4 * listings.takesMs) + 1);
  expect(listings.count).toBeGreaterThan(60_000 / (5 * listings.takesMs));
});

test('who was silent for long is listed at once when it is back', async () => {
  const { sad, clock, listings } = harness();
  listings.takesMs = 10_000;
  listings.failure = new Error('charon does not answer in time');
  sad.hint();
  await clock.advance(10_100);
  expect(sad.peek()).toMatchObject({ kind: 'unavailable' });
  listings.takesMs = 0;
  listings.failure = undefined;
  sad.connected();
  await clock.advance(defaultSadTiming.hintMs);
  expect(sad.peek()).toMatchObject({ kind: 'current' });
});

test('hints with what is known have no more either, and neither wait longer than a reader would', async () => {
  const { sad, clock, snapshots } = harness();
  sad.read();
  await clock.advance(0);
  let looks = 0;
  const known = () => {
    looks += 1;
    clock.beBusy(1_000);
    return [...rows];
  };
  const endMs = clock.steadyMs() + 60_000;
  while (clock.steadyMs() < endMs) {
    sad.hint(known);
    await clock.advance(100);
  }
  expect(looks).toBeLessThanOrEqual(60_000 / (1_000 + defaultSadTiming.activeMs) + 2);
  expect(looks).toBeGreaterThan(60_000 / (1_000 + defaultSadTiming.activeMs + 200));
  expect(snapshots.length).toBeGreaterThanOrEqual(looks);
});

test('a snapshot whose listing begins long before it ends is as old as its beginning', async () => {
  const { sad, clock, listings } = harness();
  const beganMs = clock.nowMs();
  const answer = listings.hold();
  sad.read();
  await clock.advance(3_000);
  answer.resolve(rows);
  await clock.advance(0);
  expect(sad.read()).toMatchObject({ kind: 'current', snapshot: { observedAtMs: beganMs } });
});

test('past a bound without an answer the last snapshot is stale, and current again with the next answer', async () => {
  const { sad, clock, listings } = harness();
  sad.read();
  await clock.advance(0);
  listings.failure = new Error('no answer');
  await clock.advance(3_000);
  expect(sad.read().kind).toBe('current');
  await clock.advance(6_000);
  expect(sad.read()).toMatchObject({ kind: 'stale', snapshot: { rows }, reason: 'no answer' });
  listings.failure = undefined;
  await clock.advance(2_000);
  expect(sad.read().kind).toBe('current');
});

test('a listing that hangs makes the last snapshot stale too', async () => {
  const { sad, clock, listings } = harness();
  sad.read();
  await clock.advance(0);
  listings.hold();
  await clock.advance(2_000);
  expect(sad.read().kind).toBe('current');
  await clock.advance(6_000);
  expect(sad.read().kind).toBe('stale');
});

test('a datapath known to be lost makes it stale without a listing', async () => {
  const { sad, clock, listings } = harness();
  sad.read();
  await clock.advance(0);
  listings.hold();
  sad.lost('the daemon is down');
  await clock.advance(5_001);
  expect(sad.read()).toMatchObject({ kind: 'stale', reason: 'the daemon is down' });
});

test('why there was no answer once is not told of a later listing that hangs', async () => {
  const { sad, clock, listings } = harness();
  sad.read();
  await clock.advance(0);
  sad.lost('the daemon is down');
  await clock.advance(5_001);
  expect(sad.read().kind).toBe('current');
  listings.hold();
  await clock.advance(10_000);
  expect(sad.read()).toMatchObject({ kind: 'stale', reason: beingListed });
});

test('why the datapath was lost is not told of the listing after its return, should that hang', async () => {
  const { sad, clock, listings } = harness();
  sad.read();
  await clock.advance(0);
  sad.lost('the daemon is down');
  listings.hold();
  sad.connected();
  await clock.advance(10_000);
  expect(sad.read()).toMatchObject({ kind: 'stale', reason: beingListed });
});

test('reading in vain does not ask a failing datapath more often', async () => {
  const { sad, clock, listings } = harness();
  listings.failure = new Error('no answer');
  for (let read = 0; read < 100; read += 1) {
    sad.read();
    await clock.advance(10);
  }
  expect(listings.count).toBe(1);
  expect(sad.read()).toEqual({ kind: 'unavailable', reason: 'no answer' });
});

test('what is known without a listing is shown soon, as old as the last listing', async () => {
  const { sad, clock, listings } = harness();
  sad.read();
  await clock.advance(0);
  const listedMs = clock.nowMs();
  await clock.advance(15_000);
  listings.count = 0;
  const [first] = rows;
  sad.hint(() => (first === undefined ? [] : [first]));
  await clock.advance(100);
  expect(listings.count).toBe(0);
  const reading = sad.read();
  if (reading.kind !== 'current') throw new Error('nothing was listed');
  expect(reading.snapshot.rows).toEqual([first]);
  expect(reading.snapshot.observedAtMs).toBeGreaterThanOrEqual(listedMs);
  expect(reading.snapshot.observedAtMs).toBeLessThanOrEqual(listedMs + 12_000);
});

test.each([
  ['does not tell the SAs', (sad: Sad) => sad.hint(() => undefined)],
  ['comes beside one that does not', (sad: Sad) => [sad.hint(), sad.hint(() => rows)]],
])('a hint that %s makes a listing', async (_what, hint) => {
  const { sad, clock, listings } = harness();
  sad.read();
  await clock.advance(15_000);
  listings.count = 0;
  hint(sad);
  await clock.advance(100);
  expect(listings.count).toBe(1);
});

test('a row is found by uuid', async () => {
  const { sad, clock } = harness();
  sad.read();
  await clock.advance(0);
  const reading = sad.read();
  if (reading.kind !== 'current') throw new Error('nothing was listed');
  expect(reading.snapshot.find('b')).toBe(rows[1]);
  expect(reading.snapshot.find('c')).toBeUndefined();
});

test('a closed SAD lists no more', async () => {
  const { sad, clock, listings } = harness();
  sad.read();
  sad.close();
  sad.hint();
  await clock.advance(60_000);
  expect(listings.count).toBe(0);
});

function harness() {
  const clock = new FakeClock();
  const snapshots: SadSnapshot[] = [];
  const listings = {
    count: 0,
    takesMs: 0,
    failure: undefined as Error | undefined,
    held: undefined as Promise<readonly ObservedSa[]> | undefined,
    /** The next listings wait for this. */
    hold() {
      const answer = Promise.withResolvers<readonly ObservedSa[]>();
      this.held = answer.promise;
      return answer;
    },
  };
  const sad = new Sad({
    list: async () => {
      listings.count += 1;
      if (listings.takesMs > 0)
        await new Promise<void>((resolve) => void clock.after(listings.takesMs, resolve));
      if (listings.failure !== undefined) throw listings.failure;
      return listings.held ?? rows;
    },
    onSnapshot: (snapshot) => snapshots.push(snapshot),
    clock,
    timing: defaultSadTiming,
  });
  return { sad, clock, listings, snapshots };
}

test('readings stay young, and failing is told, when somebody sets the clock a day back or forward', async () => {
  for (const setMs of [-86_400_000, 86_400_000]) {
    const { sad, clock, listings } = harness();
    sad.read();
    // Nobody reads any more, and the next listing is far away.
    await clock.advance(90_000);
    clock.set(setMs);
    for (let elapsedMs = 0; elapsedMs < 30_000; elapsedMs += 700) {
      sad.read();
      await clock.advance(700);
      expect(sad.peek()).toMatchObject({ kind: 'current' });
    }
    const { snapshot } = sad.peek() as { snapshot: SadSnapshot };
    expect(Math.abs(clock.nowMs() - snapshot.observedAtMs)).toBeLessThanOrEqual(2_000);
    listings.hold();
    await clock.advance(2_000);
    clock.set(-setMs);
    await clock.advance(6_000);
    expect(sad.peek()).toMatchObject({ kind: 'stale' });
  }
});
