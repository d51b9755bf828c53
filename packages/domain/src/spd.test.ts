import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IpsecPolicy } from './policy.ts';
import { priorityOf } from './priority.ts';
import { Spd, spdOf } from './spd.ts';
import { smallWorldSelectors } from './testing/arbitraries.ts';
import { policy, selector, uuid } from './testing/policies.ts';

const shadowedBy = (n: number) => ({ kind: 'shadowed', by: uuid(n) });

describe('the SPD', () => {
  test('holds enabled policies, the narrower first', () => {
    const wide = policy(1, { selector: selector('10.0.0.1/32', '10.0.0.0/24') });
    const narrow = policy(2);
    const off = policy(3, { selector: selector('10.0.0.1/32', '10.0.0.9/32'), enabled: false });
    const spd = spdOf([wide, off, narrow]);
    expect([...spd.entries()]).toEqual([
      { policy: narrow, priority: priorityOf(narrow.selector) },
      { policy: wide, priority: priorityOf(wide.selector) },
    ]);
    expect(spd.placeOf(off.uuid)).toEqual({ kind: 'disabled' });
  });

  test('of identical selectors the oldest is loaded and shadows the others, whatever the order of arrival', () => {
    const spd = spdOf([policy(3), policy(1), policy(2)]);
    expect(Array.from(spd.entries(), (entry) => entry.policy.uuid)).toEqual([uuid(1)]);
    expect([2, 3].map((n) => spd.placeOf(uuid(n)))).toEqual([shadowedBy(1), shadowedBy(1)]);
  });

  test('host bits do not make a selector another one', () => {
    const spd = spdOf([
      policy(1, { selector: selector('10.0.0.1/24', '10.0.1.0/24') }),
      policy(2, { selector: selector('10.0.0.2/24', '10.0.1.7/24') }),
    ]);
    expect(spd.placeOf(uuid(2))).toEqual(shadowedBy(1));
  });

  test('the revision tells the age, whatever the uuids', () => {
    const spd = spdOf([policy(1, { createdRevision: 7 }), policy(2, { createdRevision: 3 })]);
    expect(spd.placeOf(uuid(1))).toEqual(shadowedBy(2));
  });

  test('policies of one revision are told apart by uuid', () => {
    const spd = spdOf([policy(9, { createdRevision: 5 }), policy(8, { createdRevision: 5 })]);
    expect(spd.placeOf(uuid(9))).toEqual(shadowedBy(8));
  });

  test('a disabled older policy shadows nobody', () => {
    const spd = spdOf([policy(1, { enabled: false }), policy(2)]);
    expect(Array.from(spd.entries(), (entry) => entry.policy.uuid)).toEqual([uuid(2)]);
  });
});

describe('the SPD under change', () => {
  test('the newer of two identical selectors takes the place of the older when that goes', () => {
    const index = new Spd();
    index.put(policy(1));
    expect(index.put(policy(2))).toEqual(new Set([uuid(2)]));
    expect(index.placeOf(uuid(2))).toEqual({ kind: 'shadowed', by: uuid(1) });
    expect(index.remove(uuid(1))).toEqual(new Set([uuid(1), uuid(2)]));
    expect(index.placeOf(uuid(2)).kind).toBe('loaded');
    expect(index.placeOf(uuid(1))).toEqual({ kind: 'absent' });
  });

  test('an older policy that is enabled again pushes the newer out', () => {
    const index = new Spd();
    index.put(policy(1, { enabled: false }));
    index.put(policy(2));
    expect(index.placeOf(uuid(1))).toEqual({ kind: 'disabled' });
    expect(index.put(policy(1))).toEqual(new Set([uuid(1), uuid(2)]));
    expect(index.placeOf(uuid(2))).toEqual({ kind: 'shadowed', by: uuid(1) });
  });

  test('a change touches no policy with another selector', () => {
    const index = new Spd();
    for (let n = 1; n <= 50; n += 1)
      index.put(policy(n, { selector: selector('10.0.0.1/32', `10.0.1.${n}/32`) }));
    const moved = policy(7, { selector: selector('10.0.0.1/32', '10.0.1.8/32') });
    expect(index.put(moved)).toEqual(new Set([uuid(7), uuid(8)]));
    expect(index.placeOf(uuid(8))).toEqual({ kind: 'shadowed', by: uuid(7) });
  });

  test('removing what is not there changes nothing', () => {
    expect(new Spd().remove(uuid(1))).toEqual(new Set());
  });

  test('after any changes it equals the SPD made afresh, and every policy whose place changed was named', () => {
    const selectors = smallWorldSelectors().slice(0, 3);
    const step = fc.record({
      n: fc.integer({ min: 1, max: 6 }),
      selector: fc.constantFrom(...selectors),
      enabled: fc.boolean(),
      isRemoval: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const index = new Spd();
        const current = new Map<number, IpsecPolicy>();
        for (const { n, isRemoval, ...over } of steps) {
          const before = placesOf(index);
          const next = policy(n, over);
          const named = isRemoval ? index.remove(next.uuid) : index.put(next);
          if (isRemoval) current.delete(n);
          else current.set(n, next);
          const after = placesOf(index);
          for (const [id, place] of after) {
            if (!named.has(uuid(id))) expect(place).toEqual(before.get(id));
          }
        }
        const fresh = spdOf(current.values());
        expect([...index.standings()]).toEqual([...fresh.standings()]);
        expect(placesOf(index)).toEqual(placesOf(fresh));
      }),
    );
  });

  function placesOf(spd: Spd) {
    return new Map([1, 2, 3, 4, 5, 6].map((n) => [n, spd.placeOf(uuid(n))] as const));
  }
});
