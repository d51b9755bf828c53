import { beforeEach, expect, test } from 'vitest';
import { FakeClock } from './fake-clock.fixture.ts';
import { uuid } from './policy.fixture.ts';
import { failedNegotiation, PolicyTroubles } from './policy-troubles.ts';

let clock: FakeClock;
let told: string[];
let troubles: PolicyTroubles;
beforeEach(() => {
  clock = new FakeClock();
  told = [];
  const callOf = (): string => 'policy "nfs"';
  const tell = ({ kind, sentence }: { kind: string; sentence: string }) => told.push(`${kind}: ${sentence}`);
  troubles = new PolicyTroubles(failedNegotiation, { clock, callOf, tell });
});

const silent = 'trouble: an SA of policy "nfs" did not come up: nobody answers';
const refused = 'trouble: an SA of policy "nfs" did not come up: the key is wrong';
const over = 'recovery: an SA of policy "nfs" has come up since';

test('a trouble is told once, however often it is reported, and so is its end', async () => {
  for (let minute = 0; minute < 60; minute += 1) {
    troubles.has(uuid(1), 'nobody answers');
    await clock.advance(60_000);
  }
  troubles.isOver(uuid(1));
  troubles.isOver(uuid(1));
  expect(told).toEqual([silent, over]);
});

test('a policy that fails and recovers all the time is told of every five minutes', async () => {
  for (let second = 0; second < 600; second += 1) {
    troubles.has(uuid(1), second % 3 === 0 ? 'nobody answers' : 'the key is wrong');
    troubles.isOver(uuid(1));
    await clock.advance(1_000);
  }
  expect(told).toEqual([silent, over, silent, over]);
});

test('another reason is told, after a while', async () => {
  troubles.has(uuid(1), 'nobody answers');
  troubles.has(uuid(1), 'the key is wrong');
  expect(told).toEqual([silent]);
  await clock.advance(300_000);
  troubles.has(uuid(1), 'the key is wrong');
  expect(told).toEqual([silent, refused]);
});

test('of a policy that is gone nothing more is told', () => {
  troubles.has(uuid(1), 'nobody answers');
  troubles.forget(uuid(1));
  troubles.isOver(uuid(1));
  expect(told).toEqual([silent]);
});
