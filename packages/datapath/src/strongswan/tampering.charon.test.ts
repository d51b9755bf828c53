import { ViciClient } from '@esplanade/vici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import { blockPriority, DriverOnCharon } from './testing/driver-on-charon.ts';
import { discard, entry, settings, uuid } from './testing/entries.ts';

let bed: DriverOnCharon;

beforeEach(async () => {
  bed = await DriverOnCharon.start();
});
afterEach(() => bed?.stop());

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
  const [row] = await bed.vici.list('list-policies', 'list-policy', { trap: 'yes' });
  const [, trap] = row?.sections()[0] ?? [];
  await bed.vici.request('uninstall', { child: trap?.text('child') ?? '', ike: trap?.text('ike') ?? '' });
}

async function unloadSecret(): Promise<void> {
  const [id = ''] = (await bed.vici.request('get-shared')).texts('keys');
  await bed.vici.request('unload-shared', { id });
}

describe('what somebody else did to our policies', () => {
  it('shows in the listing, and installing repairs it', async () => {
    await bed.datapath.install(entry(1), settings);
    await bed.datapath.install(entry(2, { ...discard, protocol: 17 }), settings);
    for (const row of await bed.vici.list('list-policies', 'list-policy', { trap: 'yes', drop: 'yes' })) {
      for (const [, policy] of row.sections()) {
        const name = { child: policy.text('child') ?? '', ike: policy.text('ike') ?? '' };
        await bed.vici.request('uninstall', name);
      }
    }
    expect(await bed.datapath.installed()).toEqual([]);
    await bed.datapath.install(entry(1), settings);
    await bed.datapath.install(entry(2, { ...discard, protocol: 17 }), settings);
    expect(await bed.datapath.installed()).toHaveLength(2);
  });

  it.each<[string, () => Promise<void>]>([
    ['unloaded a connection', () => unload(bed.daemons.charon.socket, /^esplanade-[0-9a-f]{12}$/)],
    ['unloaded a shunt', () => unload(bed.daemons.charon.socket, /^esplanade-d0000000/)],
    ['unloaded a block', () => unload(bed.daemons.guard?.socket ?? '', /^esplanade-block-/)],
    ['uninstalled a trap', uninstallTrap],
    ['unloaded a secret', unloadSecret],
  ])('is heard of at once: somebody has %s', async (_what, tamper) => {
    await bed.datapath.install(entry(1), settings);
    await bed.datapath.install(entry(2, { ...discard, protocol: 17 }), settings);
    const before = await bed.datapath.installed();
    await bed.firstEvent('tampered', tamper);
    const after = await bed.datapath.installed();
    // At least one form is gone; of a policy whose block is left, that shows instead.
    const left = new Set(after.map(({ fingerprint }) => fingerprint));
    expect(before.filter(({ fingerprint }) => !left.has(fingerprint))).not.toEqual([]);
  });

  it('is heard of at once: somebody has unloaded a post-quantum key', async () => {
    const postquantum = { identity: 'quantum', key: 'a key for the day after tomorrow' };
    await bed.datapath.install(entry(1, { postquantum }), settings);
    const before = await bed.datapath.installed();
    await bed.firstEvent('tampered', async () => {
      const names = (await bed.vici.request('get-shared')).texts('keys');
      await bed.vici.request('unload-shared', { id: names.find((name) => name.includes('-ppk-')) ?? '' });
    });
    expect(await bed.datapath.installed()).toEqual([]);
    await bed.datapath.install(entry(1, { postquantum }), settings);
    expect(await bed.datapath.installed()).toEqual(before);
  });

  it('is not taken for what we do ourselves', async () => {
    const stop = new AbortController();
    const kinds: string[] = [];
    for await (const { kind } of bed.datapath.events(stop.signal)) {
      kinds.push(kind);
      if (kind !== 'connected') continue;
      for (const ipsecSeconds of [3_600, 7_200]) {
        const lifetimes = { ikeSeconds: 86_400, ipsecSeconds, ipsecBytes: 0 };
        await bed.datapath.install(
          entry(1, { lifetimes, psk: `a key for ${ipsecSeconds} s at least` }),
          settings,
        );
        await bed.datapath.install(
          entry(2, { ...discard, protocol: 17, remotePort: ipsecSeconds }),
          settings,
        );
      }
      for (const n of [1, 2]) await bed.datapath.remove(uuid(n));
      expect(await bed.datapath.installed()).toEqual([]);
      stop.abort();
    }
    expect(kinds).not.toContain('tampered');
  });

  it('shows when the guard has lost a block, and installing repairs it', async () => {
    await bed.datapath.install(entry(1), settings);
    await bed.daemons.guard?.restart();
    await eventually('the guard is back', async () => (await bed.firstEvent('connected')) && true);
    expect(await bed.datapath.installed()).toEqual([]);
    await bed.datapath.install(entry(1), settings);
    expect(await bed.datapath.installed()).toHaveLength(1);
    expect((await bed.policies()).map(({ priority }) => priority)).toContain(blockPriority);
  });
});
