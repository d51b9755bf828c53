import { selectorKey } from '@esplanade/domain';
import { expect, test } from 'vitest';
import { HeldEntries } from './held-entries.ts';
import { entry, uuid } from './policy.fixture.ts';

const one = entry(1);
const oneKey = selectorKey(one.policy.selector);
const row = (n: number, fingerprint: string) => ({ policyUuid: uuid(n), fingerprint });
const nobody = () => false;

test('what was installed is held in that form, on its selector', () => {
  const held = new HeldEntries();
  held.installed(one, 'form');
  expect(held.rowsOf([uuid(1), uuid(2)])).toEqual([{ ...row(1, 'form'), selectorKey: oneKey }]);
  expect(held.holds(uuid(1), 'form')).toBe(true);
});

test('what is in doubt is held in no known form, still on its selector', () => {
  const held = new HeldEntries();
  held.installed(one, 'form');
  held.doubt(uuid(1));
  expect(held.holds(uuid(1), 'form')).toBe(false);
  expect(held.has(uuid(1))).toBe(true);
  expect(held.selectorOf(uuid(1))).toBe(oneKey);
});

test('a policy listed in two forms is in doubt', () => {
  const held = new HeldEntries();
  held.replaceBy([row(1, 'old'), row(1, 'new')], () => one);
  expect(held.has(uuid(1))).toBe(true);
  expect(held.holds(uuid(1), 'new')).toBe(false);
});

test('a listing replaces what was believed and keeps the selectors we knew', () => {
  const held = new HeldEntries();
  held.installed(one, 'form');
  held.installed(entry(2), 'form');
  held.replaceBy([row(1, 'form'), row(3, 'left over')], () => undefined);
  expect(held.selectorOf(uuid(1))).toBe(oneKey);
  expect(held.has(uuid(2))).toBe(false);
  expect(held.rowsOf([uuid(3)])).toEqual([row(3, 'left over')]);
});

test('a listing that says what is believed differs in nothing', () => {
  const held = new HeldEntries();
  held.installed(one, 'form');
  expect(held.correctBy([row(1, 'form')], nobody)).toEqual({ missing: [], strangers: [] });
});

test('what is gone, in another form, or in two forms, is missing; what nobody knows is a stranger', () => {
  const held = new HeldEntries();
  for (const n of [1, 2, 3, 4]) held.installed(entry(n), 'form');
  const rows = [row(2, 'other'), row(3, 'form'), row(3, 'older'), row(4, 'form'), row(9, 'form')];
  expect(held.correctBy(rows, nobody)).toEqual({
    missing: [uuid(1), uuid(2), uuid(3)],
    strangers: [uuid(9)],
  });
  expect(held.has(uuid(1))).toBe(false);
  expect(held.has(uuid(9))).toBe(true);
});

test('who was busy is not judged', () => {
  const held = new HeldEntries();
  held.installed(one, 'form');
  const isBusy = (which: string) => which === uuid(1) || which === uuid(9);
  expect(held.correctBy([row(9, 'form')], isBusy)).toEqual({ missing: [], strangers: [] });
  expect(held.holds(uuid(1), 'form')).toBe(true);
});
