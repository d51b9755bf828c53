import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import { kernelPolicies } from '../../../../test/support/xfrm.ts';
import { blockPriority, DriverOnCharon, summary } from './testing/driver-on-charon.ts';
import { bypass, discard, entry, settings, uuid } from './testing/entries.ts';

let bed: DriverOnCharon;

beforeEach(async () => {
  bed = await DriverOnCharon.start();
});
afterEach(() => bed?.stop());

/** A remote of its own for each of some hundreds. */
const host = (index: number): string => `10.8.${Math.floor(index / 250)}.${(index % 250) + 1}`;

describe('the kernel holds', () => {
  it('a trap, a bypass and a discard with our priorities, and blocks beneath what must not leave in clear', async () => {
    const trap = entry(1, { protocol: 6, remotePort: 2049 });
    const pass = entry(2, { ...bypass, protocol: 6, remotePort: 22 });
    const drop = entry(3, { ...discard, protocol: 17 });
    for (const one of [trap, pass, drop]) await bed.datapath.install(one, settings);
    const pair = '10.9.0.1/32 10.9.0.2/32';
    expect((await bed.policies()).map(summary).sort()).toEqual(
      [
        `${pair} proto tcp dport 2049 ${trap.priority} protect`,
        `${pair} proto tcp dport 2049 ${blockPriority} block marked`,
        `${pair} proto tcp dport 22 ${pass.priority} allow`,
        `${pair} proto udp ${drop.priority} block`,
        `${pair} proto udp ${blockPriority} block marked`,
      ].sort(),
    );
  });

  it('TCP with TCP and UDP with UDP for a port of any protocol, and nothing across', async () => {
    await bed.datapath.install(entry(1, { localPort: 201 }), settings);
    await bed.datapath.install(entry(2, { ...bypass, remotePort: 53 }), settings);
    const unblocked = (await bed.policies()).filter(({ mark }) => mark === undefined);
    expect(unblocked.map(({ selector }) => selector).sort()).toEqual([
      'proto tcp dport 53',
      'proto tcp sport 201',
      'proto udp dport 53',
      'proto udp sport 201',
    ]);
    const inward = (await bed.policies('in')).filter(({ mark }) => mark === undefined);
    expect(inward.map(({ selector }) => selector).sort()).toEqual([
      'proto tcp dport 201',
      'proto tcp sport 53',
      'proto udp dport 201',
      'proto udp sport 53',
    ]);
  });

  it('neighbour discovery passes before anything was installed, in charon and in the guard', async () => {
    await bed.firstEvent('connected');
    const passes = (await kernelPolicies(bed.network.hosts.ours)).filter(
      ({ direction, priority }) => direction === 'out' && priority === 1,
    );
    expect(passes.filter(({ mark }) => mark === undefined)).toHaveLength(5);
    expect(passes.filter(({ mark }) => mark !== undefined)).toHaveLength(5);
    expect(passes.every(({ source, action }) => source === '::/0' && action === 'allow')).toBe(true);
  });

  it('the blocks still when charon was stopped in good order, and everything again after its restart', async () => {
    const entries = [entry(1, { protocol: 6 }), entry(2, { remote: 'fd00:9::2', local: 'fd00:9::1' })];
    await bed.datapath.installAll(entries, settings);
    await bed.daemons.charon.stop();
    expect((await bed.policies()).map(({ priority }) => priority)).toEqual([blockPriority, blockPriority]);
    await bed.daemons.charon.start();
    await eventually(
      'the driver is connected again',
      async () => (await bed.firstEvent('connected')) && true,
    );
    expect(await bed.datapath.installAll(entries, settings)).toEqual(new Map());
    expect((await bed.policies()).filter(({ isProtect }) => isProtect)).toHaveLength(2);
  });

  it('nothing of a removed policy', async () => {
    for (const one of [
      entry(1),
      entry(2, { ...bypass, protocol: 1 }),
      entry(3, { ...discard, protocol: 17 }),
    ]) {
      await bed.datapath.install(one, settings);
      await bed.datapath.remove(one.policy.uuid);
    }
    expect(await bed.policies()).toEqual([]);
    expect((await bed.vici.request('get-shared')).texts('keys')).toEqual([]);
    expect((await bed.vici.request('get-conns')).texts('conns')).toEqual(['esplanade-neighbour-discovery']);
  });
});

describe('charon without a guard', () => {
  it('holds the blocks itself, and the kernel nothing of a removed policy', async () => {
    await bed.forgetGuard();
    const all = [entry(1), entry(2, { ...bypass, protocol: 1 }), entry(3, { ...discard, protocol: 17 })];
    for (const one of all) await bed.datapath.install(one, settings);
    const decisive = (await bed.policies()).filter(({ priority }) => priority !== blockPriority);
    expect(decisive.map(({ priority }) => priority).sort()).toEqual(
      all.map(({ priority }) => priority).sort(),
    );
    for (const one of all) await bed.datapath.remove(one.policy.uuid);
    for (const direction of ['out', 'in', 'fwd'] as const) expect(await bed.policies(direction)).toEqual([]);
  });
});

describe('many at once', () => {
  it('go in with few commands', async () => {
    const many = Array.from({ length: 600 }, (_, index) => entry(index + 1, { remote: host(index) }));
    expect(await bed.datapath.installAll(many, settings)).toEqual(new Map());
    const loads = bed.datapath.daemonRequests().filter(({ command }) => command === 'load-conn');
    expect(loads.map(({ daemon }) => daemon).sort()).toEqual(['charon', 'guard']);
    for (const { count } of loads) expect(count).toBeLessThan(10);
    expect((await bed.policies()).filter(({ isProtect }) => isProtect)).toHaveLength(600);
    expect((await bed.policies()).filter(({ mark }) => mark !== undefined)).toHaveLength(600);
  });

  it('are in force but for those that charon refuses, which are told by name', async () => {
    const absurd = { ikeSeconds: 86_400, ipsecSeconds: 1e30, ipsecBytes: 0 };
    const many = Array.from({ length: 300 }, (_, index) =>
      entry(index + 1, { remote: host(index), ...(index % 100 === 41 && { lifetimes: absurd }) }),
    );
    const failures = await bed.datapath.installAll(many, settings);
    expect([...failures.keys()]).toEqual([uuid(42), uuid(142), uuid(242)]);
    expect([...failures.values()].map(String)).toEqual(
      Array.from({ length: 3 }, () => expect.stringContaining('invalid value for: life_time')),
    );
    expect((await bed.policies()).filter(({ isProtect }) => isProtect)).toHaveLength(297);
  });
});

describe('a change', () => {
  it('from ESP to bypass and back takes the block away and puts it back', async () => {
    await bed.datapath.install(entry(1), settings);
    await bed.datapath.install(entry(1, bypass), settings);
    expect((await bed.policies()).map(summary)).toEqual([expect.stringMatching(/\d+ allow$/)]);
    await bed.datapath.install(entry(1), settings);
    expect((await bed.policies()).map(({ priority }) => priority).sort()).toEqual([
      entry(1).priority,
      blockPriority,
    ]);
  });

  it('sends nothing for what is installed already', async () => {
    const entries = [entry(1), entry(2, { protocol: 6 }), entry(3, { ...discard, protocol: 17 })];
    await bed.datapath.installAll(entries, settings);
    const before = bed.daemons.charon.log.length;
    await bed.datapath.installAll(entries, settings);
    for (const one of entries) await bed.datapath.install(one, settings);
    expect(bed.daemons.charon.log.slice(before)).toEqual([]);
  });

  it('of one child leaves the traps of its siblings alone', async () => {
    await bed.datapath.installAll([entry(1, { protocol: 6 }), entry(2, { protocol: 17 })], settings);
    const before = bed.daemons.charon.log.length;
    await bed.datapath.install(entry(1, { protocol: 6, remotePort: 445 }), settings);
    await bed.daemons.charon.logged(/uninstalling/);
    const uninstalled = bed.daemons.charon.log.slice(before).filter((line) => /installing/.test(line));
    expect(uninstalled.filter((line) => line.includes(uuid(2)))).toEqual([]);
    expect(uninstalled.filter((line) => line.includes(uuid(1)))).toHaveLength(2);
  });

  it('of hands: a policy with the selector of a removed one keeps its own trap', async () => {
    await bed.datapath.install(entry(1), settings);
    await bed.datapath.install(entry(2), settings);
    await bed.datapath.remove(uuid(1));
    const traps = await bed.vici.list('list-policies', 'list-policy', { trap: 'yes' });
    expect(traps.flatMap((row) => row.sections().map(([name]) => name))).toEqual([
      expect.stringContaining(uuid(2)),
    ]);
    await bed.datapath.remove(uuid(2));
    expect(await bed.policies()).toEqual([]);
  });
});
