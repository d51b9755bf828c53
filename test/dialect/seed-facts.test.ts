import { afterAll, describe, expect, it } from 'vitest';
import { startCaWorld } from './ca-world.ts';
import { startConfigWorld } from './config-world.ts';
import { factChecks } from './fact-checks.ts';
import { startPolicyWorld } from './policy-world.ts';
import { startSaWorld } from './sa-world.ts';
import { AskedDetail, readSeedFacts } from './seed-facts.ts';
import { Worlds } from './world.ts';

const worlds = new Worlds({
  sa: startSaWorld,
  config: startConfigWorld,
  policies: startPolicyWorld,
  ca: startCaWorld,
});
afterAll(() => worlds.close());

/** The world in which the facts of a page are held. */
const worldOf = {
  'sa-9.16.1': 'sa',
  'sa-instance': 'sa',
  'config-9.7': 'config',
  'policies-9.7': 'policies',
  'ca-certificates': 'ca',
} as const;

const facts = readSeedFacts();

it('there is a world for each page, and a page for each world', () => {
  expect([...new Set(facts.map(({ seed }) => seed))].sort()).toEqual(Object.keys(worldOf).sort());
});

describe.each(Object.entries(worldOf))('the page %s', (seed, world) => {
  it.each(facts.filter((fact) => fact.seed === seed).map((fact) => ({ fact, ...fact })))(
    '$verb $path: $kind $name is $answer',
    async ({ fact }) => {
      const detail = new AskedDetail(fact.detail);
      await factChecks[fact.kind]({ ...fact, detail }, await worlds.get(world));
      expect(detail.unasked()).toEqual([]);
    },
    // The first fact of a page starts its world, some start another release's beside it.
    30_000,
  );
});
