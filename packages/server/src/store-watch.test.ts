import { expect, it } from 'vitest';
import { StoreWatch } from './store-watch.ts';

it('the log tells once that changes cannot be saved and why, and once that they can', () => {
  const store: { trouble: string | undefined } = { trouble: undefined };
  const told: string[] = [];
  const tell = (level: string) => (message: object | string) => void told.push(`${level}: ${message}`);
  const watch = new StoreWatch(store, { error: tell('error'), warn: tell('warn'), info: tell('info') });
  watch.look();
  store.trouble = 'the disk is full. Make room';
  watch.look();
  watch.look();
  store.trouble = undefined;
  watch.look();
  watch.look();
  expect(told).toEqual([
    'error: changes cannot be saved: the disk is full. Make room',
    'info: changes can be saved again',
  ]);
});
