import { expect, test } from 'vitest';
import { FakeClock, turn } from './fake-clock.fixture.ts';
import { type Outcome, WorkQueue } from './queue.ts';

test('a key that waits already is not queued twice', async () => {
  const { queue, started } = harness({ concurrency: 1 });
  queue.add('a');
  queue.add('b');
  queue.add('b');
  await finish(started, 'a');
  await finish(started, 'b');
  expect(started.log).toEqual(['a', 'b']);
});

test('a key runs once at a time, and again when it was added meanwhile', async () => {
  const { queue, started } = harness({ concurrency: 4 });
  queue.add('a');
  queue.add('a');
  queue.add('a');
  await turn();
  expect(started.log).toEqual(['a']);
  await finish(started, 'a');
  expect(started.log).toEqual(['a', 'a']);
  await finish(started, 'a');
  expect(started.log).toEqual(['a', 'a']);
});

test('no more keys run at once than allowed', async () => {
  const { queue, started } = harness({ concurrency: 2 });
  for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
  await turn();
  expect(started.log).toEqual(['a', 'b']);
  await finish(started, 'b');
  expect(started.log).toEqual(['a', 'b', 'c']);
});

test('a failing key comes back later and later, and others are not held up', async () => {
  const { queue, started, clock } = harness({ concurrency: 1 });
  queue.add('a');
  queue.add('b');
  await finish(started, 'a', 'retry');
  await finish(started, 'b');
  expect(clock.nextMs).toBe(50);
  await clock.advance(50);
  await finish(started, 'a', 'retry');
  expect(clock.nextMs).toBe(100);
  await clock.advance(100);
  await finish(started, 'a');
  expect(started.log).toEqual(['a', 'b', 'a', 'a']);
  expect(clock.nextMs).toBeUndefined();
});

test('adding a failing key runs it at once and starts its backoff afresh', async () => {
  const { queue, started, clock } = harness({ concurrency: 1 });
  queue.add('a');
  await finish(started, 'a', 'retry');
  await clock.advance(50);
  await finish(started, 'a', 'retry');
  queue.add('a');
  await finish(started, 'a', 'retry');
  expect(clock.nextMs).toBe(50);
});

test('a run that throws is reported and retried', async () => {
  const { queue, started, unexpected, clock } = harness({ concurrency: 1 });
  queue.add('a');
  const bug = new Error('bug');
  started.running.get('a')?.reject(bug);
  await turn();
  expect(unexpected).toEqual([['a', bug]]);
  await clock.advance(50);
  await finish(started, 'a');
  expect(started.log).toEqual(['a', 'a']);
});

test('a paused queue ends what runs, starts nothing, and goes on with what came meanwhile', async () => {
  const { queue, started } = harness({ concurrency: 2 });
  queue.add('a');
  let isPaused = false;
  const paused = queue.pause().then(() => {
    isPaused = true;
  });
  queue.add('b');
  await turn();
  expect(isPaused).toBe(false);
  await finish(started, 'a');
  await paused;
  expect(started.log).toEqual(['a']);
  queue.resume();
  expect(started.log).toEqual(['a', 'b']);
});

test('a closed queue forgets what waits and what is to be retried', async () => {
  const { queue, started, clock } = harness({ concurrency: 1 });
  queue.add('a');
  await finish(started, 'a', 'retry');
  queue.add('b');
  queue.add('c');
  const closed = queue.close();
  await finish(started, 'b', 'retry');
  await closed;
  queue.add('d');
  await clock.advance(60_000);
  expect(started.log).toEqual(['a', 'b']);
});

interface Started {
  readonly log: string[];
  readonly running: Map<string, PromiseWithResolvers<Outcome>>;
}

function harness({ concurrency }: { readonly concurrency: number }) {
  const started: Started = { log: [], running: new Map() };
  const unexpected: (readonly [string, unknown])[] = [];
  const clock = new FakeClock();
  const queue = new WorkQueue<string>({
    run: (key) => {
      started.log.push(key);
      const end = Promise.withResolvers<Outcome>();
      started.running.set(key, end);
      return end.promise;
    },
    onUnexpected: (key, error) => unexpected.push([key, error]),
    concurrency,
    backoff: { firstMs: 100, maxMs: 1_000 },
    clock,
    random: () => 0,
  });
  return { queue, started, unexpected, clock };
}

async function finish({ running }: Started, key: string, outcome: Outcome = 'done'): Promise<void> {
  const end = running.get(key);
  if (end === undefined) throw new Error(`${key} does not run`);
  running.delete(key);
  end.resolve(outcome);
  await turn();
}
