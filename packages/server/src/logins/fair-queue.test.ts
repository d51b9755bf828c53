import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Asker, FairQueue } from './fair-queue.ts';

function stranger(source: string): Asker {
  return { source, network: source, failures: 0, isPreferred: false, isFamiliar: false };
}

/** A queue of one place whose tasks end when they are told, and what came of each in the order of their turns. */
function stage(mostWaiting: number) {
  const queue = new FairQueue({ concurrency: 1, mostWaiting }, () => 0);
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
    void queue.run({ ...stranger(name.charAt(0)), ...asker }, task).then((result) => {
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
  const asker = stranger('a');
  const failing = queue.run(asker, () => Promise.reject(new Error('no')));
  const next = queue.run(asker, () => Promise.resolve('yes'));
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
});

it('who failed less comes first, and of those who failed alike one in turn of each network', async () => {
  const { ask, finish, done } = stage(10);
  for (const [name, network] of [
    ['a', 'x'],
    ['b', 'x'],
    ['c', 'x'],
    ['d', 'y'],
  ] as const)
    ask(name, { network, failures: 1 });
  ask('e', { failures: 0 });
  await finish();
  expect(done).toEqual(['a', 'e', 'b', 'd', 'c']);
});

it('where all lines are alike, a newcomer has the place of any; of the largest network first', async () => {
  const { ask, finish, done, turnedAway } = stage(3);
  for (const name of ['a', 'b', 'c', 'd', 'e']) ask(name, { network: name < 'c' ? name : 'n' });
  ask('f');
  await finish();
  expect(turnedAway.toSorted()).toEqual(['c', 'd']);
  expect(done).toHaveLength(4);
});

it('half of the turns and places are kept for sources that are known', async () => {
  const { ask, finish, done, turnedAway } = stage(4);
  for (const name of ['a', 'b', 'c', 'd', 'e']) ask(name);
  for (const name of ['k', 'l', 'm']) ask(name, { isFamiliar: true });
  await finish();
  expect(turnedAway).toHaveLength(3);
  expect(done.filter((name) => name >= 'k')).toHaveLength(2);
  expect(done.at(1)).toBe('l');
});

it('who does not wait any more is not waited for', async () => {
  const { ask, finish, done, turnedAway } = stage(3);
  const gone = new AbortController();
  ask('a');
  ask('b', { signal: gone.signal });
  ask('c');
  gone.abort();
  ask('d', { signal: gone.signal });
  await finish();
  expect(done).toEqual(['a', 'c']);
  expect(turnedAway.toSorted()).toEqual(['b', 'd']);
});
