import { ViciClient } from '@esplanade/vici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { IpspaceDaemons } from '../../../../test/support/charon.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { Network } from '../../../../test/support/network.ts';
import { type KernelPolicy, kernelPolicies } from '../../../../test/support/xfrm.ts';
import type { Datapath, DatapathEvent } from '../datapath.ts';
import { DatapathUnavailableError } from '../errors.ts';
import { probeStrongswan } from './probe.ts';
import { purgeStrongswan } from './purge.ts';
import { openDriver, startDaemons } from './testing/conformance-harness.ts';
import { entry, testPsk, uuid } from './testing/entries.ts';

const settings = { replayWindow: 64 };
const bypass = { action: 'bypass', authentication: { kind: 'none' } } as const;
const discard = { action: 'discard', authentication: { kind: 'none' } } as const;
const blockPriority = 3_000_000_000;

let network: Network<'ours'>;
let daemons: IpspaceDaemons;
let datapath: Datapath;
let vici: ViciClient;

beforeAll(async () => {
  network = await Network.create(['ours']);
});
afterAll(() => network.close());

beforeEach(async () => {
  daemons = await startDaemons(network.hosts.ours);
  datapath = openDriver(daemons, { answerDeadlineMs: 1_000 });
  vici = new ViciClient({ path: daemons.charon.socket });
});
afterEach(async () => {
  vici.close();
  await datapath.close();
  await daemons.close();
});

async function policies(direction: KernelPolicy['direction'] = 'out'): Promise<readonly KernelPolicy[]> {
  const all = await kernelPolicies(network.hosts.ours);
  return all.filter((policy) => policy.direction === direction && policy.priority !== 1);
}

const summary = ({ source, destination, selector, priority, action, isProtect, mark }: KernelPolicy) =>
  [
    source,
    destination,
    selector,
    priority,
    isProtect ? 'protect' : action,
    mark === undefined ? '' : 'marked',
  ]
    .join(' ')
    .replaceAll(/ +/g, ' ')
    .trim();

/** The first event of that kind, after something was done once the datapath was heard of. */
async function firstEvent(
  kind: DatapathEvent['kind'],
  provoke?: () => Promise<void>,
): Promise<DatapathEvent> {
  const stop = new AbortController();
  for await (const event of datapath.events(stop.signal)) {
    if (event.kind === kind) return event;
    if (event.kind === 'connected') await provoke?.();
  }
  throw new Error(`no event ${kind}`);
}

/** A remote of its own for each of some hundreds. */
const host = (index: number): string => `10.8.${Math.floor(index / 250)}.${(index % 250) + 1}`;

async function unload(socket: string, pattern: RegExp): Promise<void> {
  const client = new ViciClient({ path: socket });
  try {
    const [name] = (await client.request('get-conns')).texts('conns').filter((one) => pattern.test(one));
    if (name === undefined) throw new Error(`no connection is like ${pattern}`);
    await client.request('unload-conn', { name });
  } finally {
    client.close();
  }
}

async function uninstallTrap(): Promise<void> {
  const [row] = await vici.list('list-policies', 'list-policy', { trap: 'yes' });
  const [, trap] = row?.sections()[0] ?? [];
  await vici.request('uninstall', { child: trap?.text('child') ?? '', ike: trap?.text('ike') ?? '' });
}

async function unloadSecret(): Promise<void> {
  const [id = ''] = (await vici.request('get-shared')).texts('keys');
  await vici.request('unload-shared', { id });
}

describe('the kernel holds', () => {
  it('a trap, a bypass and a discard with our priorities, and blocks beneath what must not leave in clear', async () => {
    const trap = entry(1, { protocol: 6, remotePort: 2049 });
    const pass = entry(2, { ...bypass, protocol: 6, remotePort: 22 });
    const drop = entry(3, { ...discard, protocol: 17 });
    for (const one of [trap, pass, drop]) await datapath.install(one, settings);
    const pair = '10.9.0.1/32 10.9.0.2/32';
    expect((await policies()).map(summary).sort()).toEqual(
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
    await datapath.install(entry(1, { localPort: 201 }), settings);
    await datapath.install(entry(2, { ...bypass, remotePort: 53 }), settings);
    const unblocked = (await policies()).filter(({ mark }) => mark === undefined);
    expect(unblocked.map(({ selector }) => selector).sort()).toEqual([
      'proto tcp dport 53',
      'proto tcp sport 201',
      'proto udp dport 53',
      'proto udp sport 201',
    ]);
    const inward = (await policies('in')).filter(({ mark }) => mark === undefined);
    expect(inward.map(({ selector }) => selector).sort()).toEqual([
      'proto tcp dport 201',
      'proto tcp sport 53',
      'proto udp dport 201',
      'proto udp sport 53',
    ]);
  });

  it('neighbour discovery passes before anything was installed, in charon and in the guard', async () => {
    await firstEvent('connected');
    const passes = (await kernelPolicies(network.hosts.ours)).filter(
      ({ direction, priority }) => direction === 'out' && priority === 1,
    );
    expect(passes.filter(({ mark }) => mark === undefined)).toHaveLength(5);
    expect(passes.filter(({ mark }) => mark !== undefined)).toHaveLength(5);
    expect(passes.every(({ source, action }) => source === '::/0' && action === 'allow')).toBe(true);
  });

  it('the blocks still when charon was stopped in good order, and everything again after its restart', async () => {
    const entries = [entry(1, { protocol: 6 }), entry(2, { remote: 'fd00:9::2', local: 'fd00:9::1' })];
    await datapath.installAll(entries, settings);
    await daemons.charon.stop();
    expect((await policies()).map(({ priority }) => priority)).toEqual([blockPriority, blockPriority]);
    await daemons.charon.start();
    await eventually('the driver is connected again', async () => (await firstEvent('connected')) && true);
    expect(await datapath.installAll(entries, settings)).toEqual(new Map());
    expect((await policies()).filter(({ isProtect }) => isProtect)).toHaveLength(2);
  });

  it('nothing of a removed policy', async () => {
    for (const one of [
      entry(1),
      entry(2, { ...bypass, protocol: 1 }),
      entry(3, { ...discard, protocol: 17 }),
    ]) {
      await datapath.install(one, settings);
      await datapath.remove(one.policy.uuid);
    }
    expect(await policies()).toEqual([]);
    expect((await vici.request('get-shared')).texts('keys')).toEqual([]);
    expect((await vici.request('get-conns')).texts('conns')).toEqual(['esplanade-neighbour-discovery']);
  });
});

describe('charon without a guard', () => {
  it('holds the blocks itself, and the kernel nothing of a removed policy', async () => {
    await datapath.close();
    datapath = openDriver({ ...daemons, guard: undefined });
    const all = [entry(1), entry(2, { ...bypass, protocol: 1 }), entry(3, { ...discard, protocol: 17 })];
    for (const one of all) await datapath.install(one, settings);
    const decisive = (await policies()).filter(({ priority }) => priority !== blockPriority);
    expect(decisive.map(({ priority }) => priority).sort()).toEqual(
      all.map(({ priority }) => priority).sort(),
    );
    for (const one of all) await datapath.remove(one.policy.uuid);
    for (const direction of ['out', 'in', 'fwd'] as const) expect(await policies(direction)).toEqual([]);
  });
});

describe('many at once', () => {
  it('go in with few commands', async () => {
    const many = Array.from({ length: 600 }, (_, index) => entry(index + 1, { remote: host(index) }));
    expect(await datapath.installAll(many, settings)).toEqual(new Map());
    const loads = datapath.daemonRequests().filter(({ command }) => command === 'load-conn');
    expect(loads.map(({ daemon }) => daemon).sort()).toEqual(['charon', 'guard']);
    for (const { count } of loads) expect(count).toBeLessThan(10);
    expect((await policies()).filter(({ isProtect }) => isProtect)).toHaveLength(600);
    expect((await policies()).filter(({ mark }) => mark !== undefined)).toHaveLength(600);
  });

  it('are in force but for those that charon refuses, which are told by name', async () => {
    const absurd = { ikeSeconds: 86_400, ipsecSeconds: 1e30, ipsecBytes: 0 };
    const many = Array.from({ length: 300 }, (_, index) =>
      entry(index + 1, { remote: host(index), ...(index % 100 === 41 && { lifetimes: absurd }) }),
    );
    const failures = await datapath.installAll(many, settings);
    expect([...failures.keys()]).toEqual([uuid(42), uuid(142), uuid(242)]);
    expect([...failures.values()].map(String)).toEqual(
      Array.from({ length: 3 }, () => expect.stringContaining('invalid value for: life_time')),
    );
    expect((await policies()).filter(({ isProtect }) => isProtect)).toHaveLength(297);
  });
});

describe('a change', () => {
  it('from ESP to bypass and back takes the block away and puts it back', async () => {
    await datapath.install(entry(1), settings);
    await datapath.install(entry(1, bypass), settings);
    expect((await policies()).map(summary)).toEqual([expect.stringMatching(/\d+ allow$/)]);
    await datapath.install(entry(1), settings);
    expect((await policies()).map(({ priority }) => priority).sort()).toEqual([
      entry(1).priority,
      blockPriority,
    ]);
  });

  it('sends nothing for what is installed already', async () => {
    const entries = [entry(1), entry(2, { protocol: 6 }), entry(3, { ...discard, protocol: 17 })];
    await datapath.installAll(entries, settings);
    const before = daemons.charon.log.length;
    await datapath.installAll(entries, settings);
    for (const one of entries) await datapath.install(one, settings);
    expect(daemons.charon.log.slice(before)).toEqual([]);
  });

  it('of one child leaves the traps of its siblings alone', async () => {
    await datapath.installAll([entry(1, { protocol: 6 }), entry(2, { protocol: 17 })], settings);
    const before = daemons.charon.log.length;
    await datapath.install(entry(1, { protocol: 6, remotePort: 445 }), settings);
    await daemons.charon.logged(/uninstalling/);
    const uninstalled = daemons.charon.log.slice(before).filter((line) => /installing/.test(line));
    expect(uninstalled.filter((line) => line.includes(uuid(2)))).toEqual([]);
    expect(uninstalled.filter((line) => line.includes(uuid(1)))).toHaveLength(2);
  });

  it('of hands: a policy with the selector of a removed one keeps its own trap', async () => {
    await datapath.install(entry(1), settings);
    await datapath.install(entry(2), settings);
    await datapath.remove(uuid(1));
    const traps = await vici.list('list-policies', 'list-policy', { trap: 'yes' });
    expect(traps.flatMap((row) => row.sections().map(([name]) => name))).toEqual([
      expect.stringContaining(uuid(2)),
    ]);
    await datapath.remove(uuid(2));
    expect(await policies()).toEqual([]);
  });
});

describe('what somebody else did to our policies', () => {
  it('shows in the listing, and installing repairs it', async () => {
    await datapath.install(entry(1), settings);
    await datapath.install(entry(2, { ...discard, protocol: 17 }), settings);
    for (const row of await vici.list('list-policies', 'list-policy', { trap: 'yes', drop: 'yes' })) {
      for (const [, policy] of row.sections()) {
        const name = { child: policy.text('child') ?? '', ike: policy.text('ike') ?? '' };
        await vici.request('uninstall', name);
      }
    }
    expect(await datapath.installed()).toEqual([]);
    await datapath.install(entry(1), settings);
    await datapath.install(entry(2, { ...discard, protocol: 17 }), settings);
    expect(await datapath.installed()).toHaveLength(2);
  });

  it.each<[string, () => Promise<void>]>([
    ['unloaded a connection', () => unload(daemons.charon.socket, /^esplanade-[0-9a-f]{12}$/)],
    ['unloaded a shunt', () => unload(daemons.charon.socket, /^esplanade-d0000000/)],
    ['unloaded a block', () => unload(daemons.guard?.socket ?? '', /^esplanade-block-/)],
    ['uninstalled a trap', uninstallTrap],
    ['unloaded a secret', unloadSecret],
  ])('is heard of at once: somebody has %s', async (_what, tamper) => {
    await datapath.install(entry(1), settings);
    await datapath.install(entry(2, { ...discard, protocol: 17 }), settings);
    const before = await datapath.installed();
    await firstEvent('tampered', tamper);
    const after = await datapath.installed();
    // At least one form is gone; of a policy whose block is left, that shows instead.
    const left = new Set(after.map(({ fingerprint }) => fingerprint));
    expect(before.filter(({ fingerprint }) => !left.has(fingerprint))).not.toEqual([]);
  });

  it('is not taken for what we do ourselves', async () => {
    const stop = new AbortController();
    const kinds: string[] = [];
    for await (const { kind } of datapath.events(stop.signal)) {
      kinds.push(kind);
      if (kind !== 'connected') continue;
      for (const ipsecSeconds of [3_600, 7_200]) {
        const lifetimes = { ikeSeconds: 86_400, ipsecSeconds, ipsecBytes: 0 };
        await datapath.install(
          entry(1, { lifetimes, psk: `a key for ${ipsecSeconds} s at least` }),
          settings,
        );
        await datapath.install(entry(2, { ...discard, protocol: 17, remotePort: ipsecSeconds }), settings);
      }
      for (const n of [1, 2]) await datapath.remove(uuid(n));
      expect(await datapath.installed()).toEqual([]);
      stop.abort();
    }
    expect(kinds).not.toContain('tampered');
  });

  it('shows when the guard has lost a block, and installing repairs it', async () => {
    await datapath.install(entry(1), settings);
    await daemons.guard?.restart();
    await eventually('the guard is back', async () => (await firstEvent('connected')) && true);
    expect(await datapath.installed()).toEqual([]);
    await datapath.install(entry(1), settings);
    expect(await datapath.installed()).toHaveLength(1);
    expect((await policies()).map(({ priority }) => priority)).toContain(blockPriority);
  });
});

describe('another driver', () => {
  it('reloads no shared connection before it was told of everything desired', async () => {
    await datapath.installAll([entry(1, { protocol: 6 }), entry(2, { protocol: 17 })], settings);
    const other = openDriver(daemons);
    try {
      await expect(other.remove(uuid(1))).rejects.toThrow(DatapathUnavailableError);
      expect(await other.installed()).toHaveLength(2);
      await other.installAll([entry(2, { protocol: 17 })], settings);
      await other.remove(uuid(1));
      expect((await other.installed()).map(({ policyUuid }) => policyUuid)).toEqual([uuid(2)]);
    } finally {
      await other.close();
    }
  });
});

describe('charon that', () => {
  it('hangs is unavailable, and said to be lost', async () => {
    await firstEvent('connected');
    daemons.charon.hang();
    const lost = await firstEvent('lost');
    expect(lost).toMatchObject({ kind: 'lost', reason: expect.stringContaining(daemons.charon.socket) });
    await expect(datapath.install(entry(1), settings)).rejects.toThrow(DatapathUnavailableError);
    daemons.charon.resume();
    expect(await firstEvent('connected')).toEqual({ kind: 'connected' });
  });

  it('is without its guard takes no change, keeps what it has, and says which is missing', async () => {
    await datapath.install(entry(1), settings);
    await daemons.guard?.kill();
    expect(await firstEvent('lost')).toMatchObject({ reason: expect.stringContaining('.guard.sock') });
    await expect(datapath.install(entry(2), settings)).rejects.toThrow(DatapathUnavailableError);
    expect((await policies()).filter(({ isProtect }) => isProtect)).toHaveLength(1);
    expect(await datapath.securityAssociations()).toEqual([]);
  });

  it('answers a probe with its version', async () => {
    const probe = await probeStrongswan({
      mainSocketPath: daemons.charon.socket,
      guardSocketPath: daemons.guard?.socket,
    });
    expect(probe).toMatchObject({
      charon: { kind: 'answers', version: expect.stringMatching(/^\d+\.\d+/) },
      guard: { kind: 'answers' },
    });
    expect(datapath.describe()).toContain(daemons.charon.socket);
  });
});

describe('purging', () => {
  it('takes everything of ours and nothing else', async () => {
    await vici.request('load-conn', {
      theirs: {
        remote_addrs: ['10.9.200.1'],
        local: { auth: 'psk' },
        remote: { auth: 'psk' },
        children: { net: { mode: 'transport', start_action: 'trap', remote_ts: ['10.9.200.1/32'] } },
      },
    });
    await vici.request('load-shared', { id: 'theirs', type: 'IKE', data: 'x', owners: ['10.9.200.1'] });
    await datapath.installAll([entry(1), entry(2, bypass), entry(3, { ...discard, protocol: 17 })], settings);
    const sockets = { mainSocketPath: daemons.charon.socket, guardSocketPath: daemons.guard?.socket };
    // Three policies, neighbour discovery in each charon, two blocks.
    expect(await purgeStrongswan(sockets)).toEqual({ connections: 7, secrets: 1, ikeSas: 0 });
    expect((await vici.request('get-conns')).texts('conns')).toEqual(['theirs']);
    expect((await vici.request('get-shared')).texts('keys')).toEqual(['theirs']);
    const left = await kernelPolicies(network.hosts.ours);
    expect(left.map(({ direction }) => direction).sort()).toEqual(['in', 'out']);
    expect(left.every((policy) => summary(policy).includes('10.9.200.1/32'))).toBe(true);
    expect(await purgeStrongswan(sockets)).toEqual({ connections: 0, secrets: 0, ikeSas: 0 });
  });
});

describe('a key', () => {
  it('appears in no log of charon, no name and no error', async () => {
    await datapath.install(entry(1), settings);
    const names = JSON.stringify((await vici.request('get-shared')).texts('keys'));
    await daemons.charon.kill();
    const refusal = await datapath
      .install(entry(1, { protocol: 6 }), settings)
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DatapathUnavailableError);
    const said = [names, ...daemons.charon.log, String(refusal), JSON.stringify(refusal)].join('\n');
    expect(said).not.toContain(testPsk);
    expect(said).not.toContain(Buffer.from(testPsk).toString('hex'));
  });
});
