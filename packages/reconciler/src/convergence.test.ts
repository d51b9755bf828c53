import type { Fault } from '@esplanade/datapath';
import { type IpsecPolicy, isProtecting } from '@esplanade/domain';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { selector, uuid } from './policy.fixture.ts';
import {
  allSettled,
  configure,
  create,
  expectedForms,
  installedForms,
  openDesired,
  openWorld,
  type World,
} from './reconciler.fixture.ts';
import { defaultTiming } from './timing.ts';

/** Policies 1 to 5 on three selectors: most of them stand in each other's way. */
const numbers = fc.integer({ min: 1, max: 5 });
const ports = fc.constantFrom(80, 443, 2049);
const actions = fc.constantFrom('esp_transport', 'discard', 'bypass');

type Step =
  | {
      readonly kind: 'put';
      readonly n: number;
      readonly port: number;
      readonly action: IpsecPolicy['action'];
    }
  | { readonly kind: 'enable'; readonly n: number; readonly enabled: boolean }
  | { readonly kind: 'delete'; readonly n: number }
  | { readonly kind: 'ipsec'; readonly enabled: boolean; readonly replayWindow: number }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'heal' }
  | { readonly kind: 'vanish'; readonly n: number }
  | { readonly kind: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('put'), n: numbers, port: ports, action: actions }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('enable'), n: numbers, enabled: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete'), n: numbers }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('ipsec'),
      enabled: fc.boolean(),
      replayWindow: fc.constantFrom(0, 64),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fault'),
      fault: fc.oneof(
        fc.record({ kind: fc.constantFrom('daemon-down', 'hang', 'unreachable') }),
        fc.record({ kind: fc.constant('refuse'), policyUuid: numbers.map(uuid) }),
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('heal') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('vanish'), n: numbers }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(0, 300, 12_000) }) },
);

test('whatever is changed and whatever fails, in the end what is desired is installed', {
  timeout: 60_000,
}, async () => {
  const given = await openDesired();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const world = openWorld(given);
      try {
        let isHealthy = true;
        for (const one of steps) {
          // A daemon that does not answer cannot be told to forget something.
          if (one.kind !== 'vanish' || isHealthy) await take(world, one);
          if (one.kind === 'fault' || one.kind === 'heal') isHealthy = one.kind === 'heal';
        }
        world.simulator.clearFaults();
        // The longest there is to wait for: a comparison, a deadline and a full backoff one after another.
        await world.clock.advance(defaultTiming.compareMs + 60_000);
        await allSettled(world);
        expect(await installedForms(world)).toEqual(expectedForms(world));
        expectTruth(world);
        expect(world.unexpected).toEqual([]);
      } finally {
        await world.reconciler.close();
        for (const key of given.desired.snapshot().policies.keys()) await given.desired.deletePolicy(key);
        await configure(given.desired, { enabled: true, replayWindow: 0 });
      }
    }),
    { numRuns: Number(process.env['CONVERGENCE_RUNS'] ?? 150) },
  );
});

/** Every policy's state says what is so. */
function expectTruth({ desired, reconciler }: World): void {
  const { policies, ipsec } = desired.snapshot();
  for (const [key, { value }] of policies) {
    const kind = reconciler.policyState(key)?.kind;
    if (!ipsec.value.enabled || !value.enabled) expect(kind).toBe('disabled');
    else expect(['applied', 'shadowed']).toContain(kind);
  }
}

async function take(world: World, one: Step): Promise<void> {
  const { desired, simulator, clock } = world;
  switch (one.kind) {
    case 'put': {
      const change = {
        selector: selector(one.port),
        action: one.action,
        authentication: isProtecting(one.action)
          ? ({ kind: 'psk', psk: world.psk } as const)
          : ({ kind: 'none' } as const),
      };
      const before = desired.snapshot().policies.get(uuid(one.n));
      if (before === undefined) await create(world, one.n, change);
      else await desired.updatePolicy({ ...before.value, ...change }, before.modified);
      break;
    }
    case 'enable': {
      const before = desired.snapshot().policies.get(uuid(one.n));
      if (before !== undefined)
        await desired.updatePolicy({ ...before.value, enabled: one.enabled }, before.modified);
      break;
    }
    case 'delete':
      await desired.deletePolicy(uuid(one.n));
      break;
    case 'ipsec':
      await configure(desired, one);
      break;
    case 'fault':
      simulator.inject(one.fault);
      break;
    case 'heal':
      simulator.clearFaults();
      break;
    case 'vanish':
      await simulator.remove(uuid(one.n));
      break;
    case 'wait':
      await clock.advance(one.ms);
      break;
  }
}
