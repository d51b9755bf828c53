import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kernelPolicies } from '../../../../test/support/xfrm.ts';
import { DatapathUnavailableError } from '../errors.ts';
import { probeStrongswan } from './probe.ts';
import { purgeStrongswan } from './purge.ts';
import { openDriver } from './testing/conformance-harness.ts';
import { DriverOnCharon, summary } from './testing/driver-on-charon.ts';
import { bypass, discard, entry, settings, testPsk, uuid } from './testing/entries.ts';

let bed: DriverOnCharon;

beforeEach(async () => {
  bed = await DriverOnCharon.start();
});
afterEach(() => bed?.stop());

describe('another driver', () => {
  it('reloads no shared connection before it was told of everything desired', async () => {
    await bed.datapath.installAll([entry(1, { protocol: 6 }), entry(2, { protocol: 17 })], settings);
    const other = openDriver(bed.daemons);
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
    await bed.firstEvent('connected');
    bed.daemons.charon.hang();
    const lost = await bed.firstEvent('lost');
    expect(lost).toMatchObject({ kind: 'lost', reason: expect.stringContaining(bed.daemons.charon.socket) });
    await expect(bed.datapath.install(entry(1), settings)).rejects.toThrow(DatapathUnavailableError);
    bed.daemons.charon.resume();
    expect(await bed.firstEvent('connected')).toEqual({ kind: 'connected' });
  });

  it('is without its guard takes no change, keeps what it has, and says which is missing', async () => {
    await bed.datapath.install(entry(1), settings);
    await bed.daemons.guard?.kill();
    expect(await bed.firstEvent('lost')).toMatchObject({ reason: expect.stringContaining('.guard.sock') });
    await expect(bed.datapath.install(entry(2), settings)).rejects.toThrow(DatapathUnavailableError);
    expect((await bed.policies()).filter(({ isProtect }) => isProtect)).toHaveLength(1);
    expect(await bed.datapath.securityAssociations()).toEqual([]);
  });

  it('answers a probe with its version', async () => {
    const probe = await probeStrongswan({
      mainSocketPath: bed.daemons.charon.socket,
      guardSocketPath: bed.daemons.guard?.socket,
    });
    expect(probe).toMatchObject({
      charon: { kind: 'answers', version: expect.stringMatching(/^\d+\.\d+/) },
      guard: { kind: 'answers' },
    });
    expect(bed.datapath.describe()).toContain(bed.daemons.charon.socket);
  });
});

describe('purging', () => {
  it('takes everything of ours and nothing else', async () => {
    await bed.vici.request('load-conn', {
      theirs: {
        remote_addrs: ['10.9.200.1'],
        local: { auth: 'psk' },
        remote: { auth: 'psk' },
        children: { net: { mode: 'transport', start_action: 'trap', remote_ts: ['10.9.200.1/32'] } },
      },
    });
    await bed.vici.request('load-shared', { id: 'theirs', type: 'IKE', data: 'x', owners: ['10.9.200.1'] });
    await bed.datapath.installAll(
      [entry(1), entry(2, bypass), entry(3, { ...discard, protocol: 17 })],
      settings,
    );
    const sockets = { mainSocketPath: bed.daemons.charon.socket, guardSocketPath: bed.daemons.guard?.socket };
    // Three policies, neighbour discovery in each charon, two blocks.
    expect(await purgeStrongswan(sockets)).toEqual({ connections: 7, secrets: 1, ikeSas: 0 });
    expect((await bed.vici.request('get-conns')).texts('conns')).toEqual(['theirs']);
    expect((await bed.vici.request('get-shared')).texts('keys')).toEqual(['theirs']);
    const left = await kernelPolicies(bed.network.hosts.ours);
    expect(left.map(({ direction }) => direction).sort()).toEqual(['in', 'out']);
    expect(left.every((policy) => summary(policy).includes('10.9.200.1/32'))).toBe(true);
    expect(await purgeStrongswan(sockets)).toEqual({ connections: 0, secrets: 0, ikeSas: 0 });
  });
});

describe('a key', () => {
  it('appears in no log of charon, no name and no error', async () => {
    await bed.datapath.install(entry(1), settings);
    const names = JSON.stringify((await bed.vici.request('get-shared')).texts('keys'));
    await bed.daemons.charon.kill();
    const refusal = await bed.datapath
      .install(entry(1, { protocol: 6 }), settings)
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DatapathUnavailableError);
    const said = [names, ...bed.daemons.charon.log, String(refusal), JSON.stringify(refusal)].join('\n');
    expect(said).not.toContain(testPsk);
    expect(said).not.toContain(Buffer.from(testPsk).toString('hex'));
  });
});
