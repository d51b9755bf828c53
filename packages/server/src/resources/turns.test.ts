import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

test('tasks about one thing run in order, one at a time, also after one that failed', async () => {
  const turns = new Turns();
  const events: string[] = [];
  const task = (name: string, fails = false) =>
    turns.take('one', async () => {
      events.push(`${name} begins`);
      await nextTurn();
      events.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    });
  expect(await Promise.allSettled([task('a'), task('b', true), task('c')])).toMatchObject([
    { value: 'a' },
    { reason: { message: 'b' } },
    { value: 'c' },
  ]);
  expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

test('tasks about different things do not wait for each other', async () => {
  const turns = new Turns();
  const { promise, resolve } = Promise.withResolvers<string>();
  const held = turns.take('one', () => promise);
  expect(await turns.take('other', async () => 'done')).toBe('done');
  resolve('let go');
  expect(await held).toBe('let go');
});
