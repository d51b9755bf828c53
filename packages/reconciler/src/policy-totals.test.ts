import type { ObservedSa } from '@esplanade/datapath';
import { AdjustableClock, SimulatedDatapath } from '@esplanade/datapath/simulated';
import type { PolicyUuid, Spi } from '@esplanade/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { uuid } from './policy.fixture.ts';
import { PolicyTotals } from './policy-totals.ts';
import { allSettled, create, openDesired, openWorld } from './reconciler.fixture.ts';
import type { PolicyTraffic } from './reconciler.ts';

const everyone = (): boolean => true;

/** An ESP SA of policy `n` that has carried so many packets each way. */
function sa(name: string, n: number, packets: number): ObservedSa {
  const count = { bytes: BigInt(packets * 100), packets: BigInt(packets) };
  return {
    kind: 'ipsec',
    uuid: name,
    policyUuid: uuid(n),
    localAddress: '10.9.0.1',
    remoteAddress: '10.9.0.2',
    lifetimeSeconds: 28_800,
    state: 'installed',
    action: 'esp_transport',
    mode: 'transport',
    inbound: { spi: 'c0000001' as Spi, ...count },
    outbound: { spi: 'c0000002' as Spi, ...count },
    ikeUuid: 'ike',
  };
}

function packetsIn(totals: PolicyTotals, n: number): number {
  return Number(totals.of(uuid(n))?.inbound.packets);
}

describe('totals of a policy', () => {
  test('are unknown before anything was observed, then zero', () => {
    const totals = new PolicyTotals();
    expect(totals.of(uuid(1))).toBeUndefined();
    totals.observe([], 5_000, everyone);
    const none = { bytes: 0n, packets: 0n };
    expect(totals.of(uuid(1))).toEqual({ inbound: none, outbound: none, sinceMs: 5_000 });
  });

  test('keep what an SA had carried when it vanishes, and add what its successor carries', () => {
    const totals = new PolicyTotals();
    totals.observe([sa('a', 1, 10)], 1, everyone);
    totals.observe([sa('a', 1, 15), sa('b', 1, 1)], 2, everyone);
    totals.observe([sa('b', 1, 4), sa('other', 2, 7)], 3, everyone);
    totals.observe([], 4, everyone);
    expect(totals.of(uuid(1))).toEqual({
      inbound: { bytes: 1900n, packets: 19n },
      outbound: { bytes: 1900n, packets: 19n },
      sinceMs: 1,
    });
    expect(packetsIn(totals, 2)).toBe(7);
  });

  test('count nothing twice when a counter is read too low once', () => {
    const totals = new PolicyTotals();
    for (const packets of [10, 0, 12]) totals.observe([sa('a', 1, packets)], 1, everyone);
    expect(packetsIn(totals, 1)).toBe(12);
  });

  test('leave out IKE SAs, SAs of nobody and policies that are not counted', () => {
    const totals = new PolicyTotals();
    const { policyUuid: _, ...foreign } = sa('c', 1, 5);
    const rows = [foreign, sa('a', 1, 5), sa('b', 2, 5)];
    totals.observe(rows, 1, (policy) => policy === uuid(2));
    expect([packetsIn(totals, 1), packetsIn(totals, 2)]).toEqual([0, 5]);
  });

  test('end with the policy', () => {
    const totals = new PolicyTotals();
    totals.observe([sa('a', 1, 5)], 1, everyone);
    totals.forget(uuid(1));
    expect(packetsIn(totals, 1)).toBe(0);
  });

  test('never fall, and are the sum of what each SA had carried at the last', () => {
    const observed = fc.array(
      fc.uniqueArray(
        fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), more: fc.integer({ min: 0, max: 50 }) }),
        { selector: ({ name }) => name },
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(observed, (listings) => {
        const totals = new PolicyTotals();
        const generations = new Map<string, number>();
        const carried = new Map<string, number>();
        let before = 0;
        let present: readonly string[] = [];
        for (const listing of listings) {
          // A name that was away is another SA when it is back.
          for (const { name } of listing)
            if (!present.includes(name)) generations.set(name, (generations.get(name) ?? 0) + 1);
          present = listing.map(({ name }) => name);
          const rows = listing.map(({ name, more }) => {
            const key = `${name}${generations.get(name)}`;
            carried.set(key, (carried.get(key) ?? 0) + more);
            return sa(key, 1, carried.get(key) ?? 0);
          });
          totals.observe(rows, 1, everyone);
          expect(packetsIn(totals, 1)).toBeGreaterThanOrEqual(before);
          before = packetsIn(totals, 1);
        }
        expect(before).toBe([...carried.values()].reduce((a, b) => a + b, 0));
      }),
    );
  });
});

describe('a reconciler’s totals', () => {
  test('go on over rekeys, and end with the policy', async () => {
    let nowMs = 1_000_000;
    const given = await openDesired();
    const place = { nodeUuid: 'node-1', ipspaceUuid: given.ipspace.uuid };
    const simulator = new SimulatedDatapath({ place, clock: new AdjustableClock(() => nowMs) });
    const world = openWorld(given, simulator);
    await create(world, 1);
    await allSettled(world);
    /** Lets time pass for packets and listings. */
    const goOn = async (): Promise<PolicyTraffic> => {
      nowMs += 2_000;
      world.reconciler.policyTraffic(uuid(1));
      await world.clock.advance(2_000);
      return known(uuid(1));
    };
    const known = (policy: PolicyUuid): PolicyTraffic => {
      const traffic = world.reconciler.policyTraffic(policy);
      if (traffic === undefined) throw new Error('nothing was observed');
      return traffic;
    };

    const readings = [await goOn()];
    for (let rekey = 0; rekey < 5; rekey += 1) {
      expect(simulator.rekey(uuid(1))).toBeUndefined();
      readings.push(await goOn());
    }
    const packets = readings.map(({ outbound }) => outbound.packets);
    expect(packets).toEqual(packets.toSorted((a, b) => Number(a - b)));
    const [sole] = (await simulator.securityAssociations()).filter(({ kind }) => kind === 'ipsec');
    if (sole?.kind !== 'ipsec') throw new Error('there is no ESP SA');
    expect(packets.at(-1)).toBe(6n * sole.outbound.packets);
    expect(new Set(readings.map(({ sinceMs }) => sinceMs)).size).toBe(1);

    await given.desired.deletePolicy(uuid(1));
    await allSettled(world);
    await world.clock.advance(2_000);
    expect(known(uuid(1)).outbound.packets).toBe(0n);
  });
});
