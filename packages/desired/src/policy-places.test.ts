import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Opened, openFixture, pskPolicy } from './desired-state.fixture.ts';
import type { NewPolicy, WriteResult } from './desired-state.ts';

const limits = { perSvm: 3, perCluster: 5 };

/** A policy that nothing but a limit stands in the way of. */
function anyPolicy(fixture: Opened, changes: Partial<NewPolicy> = {}): NewPolicy {
  return pskPolicy(fixture, 'one key for all', { name: randomUUID(), ...changes });
}

function outcomes(results: readonly WriteResult[]): readonly string[] {
  return results.map((result) => (result.kind === 'refused' ? result.problem.code : result.kind)).sort();
}

describe('the limits of policies', () => {
  it('hold for those created at once, to the last one', async () => {
    const fixture = await openFixture(undefined, undefined, limits);
    const cluster = { kind: 'cluster' } as const;
    const ofSvm = Array.from({ length: 6 }, () => fixture.desired.createPolicy(anyPolicy(fixture)));
    expect(outcomes(await Promise.all(ofSvm))).toEqual([
      ...['66257121', '66257121', '66257121'],
      ...['written', 'written', 'written'],
    ]);
    const others = Array.from({ length: 4 }, () =>
      fixture.desired.createPolicy(anyPolicy(fixture, { scope: cluster })),
    );
    expect(outcomes(await Promise.all(others))).toEqual(['66257130', '66257130', 'written', 'written']);
    expect(fixture.desired.snapshot().policies.size).toBe(5);
  });

  it('count those that are there: a deletion makes a place, a change takes none', async () => {
    const fixture = await openFixture(undefined, undefined, { perSvm: 1, perCluster: 5 });
    const first = anyPolicy(fixture);
    expect((await fixture.desired.createPolicy(first)).kind).toBe('written');
    const { value, modified } = fixture.desired.snapshot().policies.get(first.uuid) ?? {};
    if (value === undefined || modified === undefined) throw new Error('it was written');
    expect((await fixture.desired.updatePolicy({ ...value, name: 'renamed' }, modified)).kind).toBe(
      'written',
    );
    expect(outcomes([await fixture.desired.createPolicy(anyPolicy(fixture))])).toEqual(['66257121']);
    expect((await fixture.desired.deletePolicy(first.uuid)).kind).toBe('written');
    expect(outcomes([await fixture.desired.createPolicy(anyPolicy(fixture))])).toEqual(['written']);
  });

  it('count what was there before this process', async () => {
    const before = await openFixture(undefined, undefined, limits);
    for (let made = 0; made < 3; made += 1) await before.desired.createPolicy(anyPolicy(before));
    await before.close();
    const fixture = await openFixture(before.directory, undefined, limits);
    expect(outcomes([await fixture.desired.createPolicy(anyPolicy(fixture))])).toEqual(['66257121']);
  });

  it('give the place of a creation that failed to another', async () => {
    const fixture = await openFixture(undefined, undefined, { perSvm: 2, perCluster: 5 });
    const taken = anyPolicy(fixture, { name: 'taken' });
    await fixture.desired.createPolicy(taken);
    expect(outcomes([await fixture.desired.createPolicy(anyPolicy(fixture, { name: 'taken' }))])).toEqual([
      'duplicate',
    ]);
    expect(outcomes([await fixture.desired.createPolicy(anyPolicy(fixture))])).toEqual(['written']);
  });
});
