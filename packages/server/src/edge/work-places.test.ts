import { expect, it } from 'vitest';
import { type Ticket, WorkPlaces } from './work-places.ts';

function stage() {
  const places = new WorkPlaces({ atOnce: 2, mostWaiting: 2 });
  const begun: string[] = [];
  return {
    places,
    begun,
    ask: (name: string): Ticket | undefined => places.ask(name.charAt(0), () => begun.push(name)),
  };
}

it('so many of a key begin at once, the others in the order they came, and some are turned away', () => {
  const { ask, begun } = stage();
  const [first, second] = [ask('a1'), ask('a2')];
  for (const name of ['a3', 'a4']) expect(ask(name)).toBeDefined();
  expect(ask('a5')).toBeUndefined();
  expect(begun).toEqual(['a1', 'a2']);
  first?.leave();
  second?.leave();
  expect(begun).toEqual(['a1', 'a2', 'a3', 'a4']);
});

it('one key waits for no other', () => {
  const { ask, begun } = stage();
  for (const name of ['a1', 'a2', 'a3', 'b1']) ask(name);
  expect(begun).toEqual(['a1', 'a2', 'b1']);
});

it('who gives up his turn in the line is not called', () => {
  const { ask, begun } = stage();
  const [first, , third] = [ask('a1'), ask('a2'), ask('a3')];
  ask('a4');
  third?.leave();
  first?.leave();
  expect(begun).toEqual(['a1', 'a2', 'a4']);
});

it('a place is given back once, and nothing is kept of a key without work', () => {
  const { ask, begun, places } = stage();
  const [first, second] = [ask('a1'), ask('a2')];
  ask('a3');
  ask('a4');
  first?.leave();
  first?.leave();
  expect(begun).toEqual(['a1', 'a2', 'a3']);
  second?.leave();
  expect(begun).toHaveLength(4);
  expect(places.size).toBe(1);
  const { ask: askAgain, places: others } = stage();
  askAgain('b1')?.leave();
  expect(others.size).toBe(0);
});
