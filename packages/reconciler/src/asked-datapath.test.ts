import { SimulatedDatapath } from '@esplanade/datapath/simulated';
import { expect, test } from 'vitest';
import { AskedDatapath } from './asked-datapath.ts';
import { FakeClock } from './fake-clock.fixture.ts';
import { entry } from './policy.fixture.ts';
import { defaultTiming } from './timing.ts';

const guardIsAway = 'charon at Default.guard.sock gives no answer';

function ask() {
  const simulator = new SimulatedDatapath({ place: { nodeUuid: 'node-1', ipspaceUuid: 'ipspace-1' } });
  const clock = new FakeClock();
  const { signal } = new AbortController();
  const asked = new AskedDatapath({ datapath: simulator, clock, timing: defaultTiming, signal });
  return { simulator, clock, asked };
}

test('what the datapath says it lost counts until it says that it has it again, whatever else it answers', async () => {
  const { asked, clock } = ask();
  const sinceMs = clock.nowMs();
  asked.lost(guardIsAway);
  await clock.advance(1_000);
  await asked.securityAssociations();
  expect(asked.silence).toEqual({ reason: guardIsAway, sinceMs });
  asked.connected();
  expect(asked.silence).toBeUndefined();
});

test('what the datapath says it lost tells more than that something was not answered in time', async () => {
  const { asked, clock, simulator } = ask();
  const sinceMs = clock.nowMs();
  simulator.inject({ kind: 'hang' });
  const install = asked.install(entry(1), { replayWindow: 0 }).catch((error: unknown) => error);
  asked.lost(guardIsAway);
  await clock.advance(defaultTiming.operationMs);
  expect(await install).toBeInstanceOf(Error);
  expect(asked.silence).toEqual({ reason: guardIsAway, sinceMs });
});

test('what has had no answer is said until the next thing that is asked has one', async () => {
  const { asked, simulator } = ask();
  simulator.inject({ kind: 'daemon-down' });
  await expect(asked.securityAssociations()).rejects.toThrow('the simulated daemon is down');
  expect(asked.silence?.reason).toBe('the simulated daemon is down');
  simulator.clearFaults();
  await asked.securityAssociations();
  expect(asked.silence).toBeUndefined();
});
