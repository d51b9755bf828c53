import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Asker, FairQueue } from './fair-queue.ts';

/** A queue of one place whose tasks end when they are told, and what came of each in the order of their turns. */
function stage(mostWaiting: number) {
  const queue = new FairQueue({ concurrency: 1, mostWaiting });
  const done: string[] = [];
  const turnedAway: string[] = [];
  let end = (): void => undefined;
  const ask = (name: string, asker: Partial<Asker> = {}): void => {
    const task = async (): Promise<true> => {
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      done.push(name);
      return true;
    };
    void queue.run({ source: name.charAt(0), isPreferred: false, ...asker }, task).then((result) => {
      if (result === undefined) turnedAway.push(name);
    });
  };
  const finish = async (): Promise<void> => {
    for (let before = -1; before < done.length; ) {
      before = done.length;
      await turn();
      end();
      await turn();
    }
  };
  return { ask, finish, done, turnedAway };
}

it('sources have their turns one after the other, and who is preferred before all', async () => {
  const { ask, finish, done } = stage(10);
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2']) ask(name);
  ask('known', { isPreferred: true });
  await finish();
  expect(done).toEqual(['a1', 'known', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
});

it('a full queue takes from the longest line what a shorter one needs', async () => {
  const { ask, finish, done, turnedAway } = stage(3);
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'c1']) ask(name);
  await finish();
  expect(turnedAway.toSorted()).toEqual(['a3', 'a4', 'a5']);
  expect(done).toEqual(['a1', 'a2', 'b1', 'c1']);
});

it('a task that fails gives its place to the next', async () => {
  const queue = new FairQueue({ concurrency: 1, mostWaiting: 3 });
  const asker: Asker = { source: 'a', isPreferred: false };
  const failing = queue.run(asker, () => Promise.reject(new Error('no')));
  const next = queue.run(asker, () => Promise.resolve('yes'));
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
});
