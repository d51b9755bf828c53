import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { SingleFile } from './single-file.ts';

it('tasks begin in the order they came, one in each turn of the event loop', async () => {
  const file = new SingleFile();
  const begun: string[] = [];
  for (const name of ['a', 'b', 'c']) file.add(() => begun.push(name));
  expect(begun).toEqual([]);
  const seen: number[] = [];
  for (let index = 0; index < 4; index += 1) {
    await turn();
    seen.push(begun.length);
  }
  expect(seen).toEqual([1, 2, 3, 3]);
  expect(begun).toEqual(['a', 'b', 'c']);
});

it('what comes later, when nothing waits any more, begins as well', async () => {
  const file = new SingleFile();
  const begun: string[] = [];
  file.add(() => begun.push('a'));
  await turn();
  file.add(() => begun.push('b'));
  await turn();
  expect(begun).toEqual(['a', 'b']);
});
