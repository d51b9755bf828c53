import type { PolicyUuid } from '@esplanade/domain';
import { expect, it } from 'vitest';
import { Party } from './agreements.ts';

it('counts who accepts what as a walk through all of them finds it', () => {
  const party = new Party();
  const members = new Map<PolicyUuid, readonly string[]>();
  // Figures of a linear congruential generator: the same in every run.
  let state = 1;
  const random = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
  const uuidOf = (n: number) => `00000000-0000-4000-8000-00000000000${n}` as PolicyUuid;
  const acceptable = (n: number) => `value ${n}`;
  for (let round = 0; round < 3_000; round += 1) {
    const uuid = uuidOf(random(6));
    if (random(3) === 0) {
      members.delete(uuid);
      party.delete(uuid);
    } else {
      // One of them may stand there twice, as a key that was replaced by itself.
      const values = Array.from({ length: 1 + random(4) }, () => acceptable(random(4)));
      members.set(uuid, values);
      party.put(uuid, values);
    }
    expect(party.isEmpty).toBe(members.size === 0);
    const except = uuidOf(random(7));
    const value = acceptable(random(4));
    const others = [...members].filter(([other]) => other !== except);
    const refusers = others.filter(([, values]) => !values.includes(value)).map(([other]) => other);
    expect(party.accepts(value, except)).toBe(refusers.length === 0);
    expect([undefined, ...refusers]).toContain(party.refuserOf(value, except));
    expect(party.refuserOf(value, except) === undefined).toBe(refusers.length === 0);
  }
});
