import { ViciClient } from '@esplanade/vici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import { DriverBesidePeer, nfsPort } from './testing/driver-beside-peer.ts';
import { entry, uuid } from './testing/entries.ts';

const postquantum = { identity: 'quantum-1', key: 'a key for the day after tomorrow' };
const other = { identity: 'quantum-2', key: 'another key for that other day' };

let bed: DriverBesidePeer;
let vici: ViciClient;

beforeAll(async () => {
  bed = await DriverBesidePeer.start();
  vici = new ViciClient({ path: bed.daemons.charon.socket });
});
afterAll(async () => {
  vici?.close();
  await bed?.stop();
});
afterEach(() => bed.clear());

/** Begins an SA from our side; a packet would have to wait until the kernel asks again after the attempt before. */
async function attempt(): Promise<unknown> {
  const rows = await vici.list('list-conns', 'list-conn');
  const children = rows.flatMap((row) => row.sections().map(([, conn]) => conn.section('children')));
  const child =
    children.flatMap((all) => all?.sections() ?? []).find(([name]) => name.startsWith(uuid(1)))?.[0] ?? '';
  return await vici.request('initiate', { child, timeout: '5000' }).catch((error: unknown) => error);
}

const initiate = () => bed.peer.initiate('all').catch((error: unknown) => error);

/** `ppk` of each IKE SA that is up. */
async function mixed(): Promise<readonly (string | undefined)[]> {
  const rows = await vici.list('list-sas', 'list-sa');
  const sas = rows.flatMap((row) => row.sections().map(([, sa]) => sa));
  return sas.filter((sa) => sa.text('state') === 'ESTABLISHED').map((sa) => sa.text('ppk'));
}

async function postquantumKeys(): Promise<readonly string[]> {
  const names = (await vici.request('get-shared')).texts('keys');
  return names.filter((name) => name.startsWith('esplanade-ppk-'));
}

describe('a post-quantum key', () => {
  it('is mixed in, and gone from charon with the policy', async () => {
    await bed.peerAccepts({ postquantum });
    await bed.install(entry(1, { postquantum }));
    expect(await bed.connect(nfsPort)).toBe('answered');
    expect(await mixed()).toEqual(['yes']);
    expect(await postquantumKeys()).toHaveLength(1);
    await bed.clear();
    expect(await postquantumKeys()).toEqual([]);
  });

  it('is mixed in when the peer begins', async () => {
    await bed.peerAccepts({ postquantum });
    await bed.install(entry(1, { postquantum }));
    await bed.peer.initiate('all');
    expect(await mixed()).toEqual(['yes']);
    await bed.onlyChildOf(1);
  });

  it('stays in what is rekeyed', async () => {
    await bed.peerAccepts({ postquantum });
    await bed.install(entry(1, { postquantum }));
    expect(await bed.connect(nfsPort)).toBe('answered');
    const [before] = await bed.establishedIkeSas();
    await bed.peer.swanctl('--rekey', '--ike', 'ours');
    const after = await eventually('the IKE SA is rekeyed', async () => {
      const [sa, ...more] = await bed.establishedIkeSas();
      return more.length === 0 && sa !== undefined && sa.uuid !== before?.uuid && sa;
    });
    expect(after).toMatchObject({ state: 'established' });
    expect(await mixed()).toEqual(['yes']);
    expect(await bed.connect(nfsPort)).toBe('answered');
    await bed.onlyChildOf(1);
  });

  it('that is exchanged for another is so on both sides, and taken away likewise', async () => {
    await bed.peerAccepts({ postquantum });
    await bed.install(entry(1, { postquantum }));
    expect(await bed.connect(nfsPort)).toBe('answered');
    for (const next of [{ ...postquantum, key: other.key }, other, undefined]) {
      await bed.peerAccepts(next === undefined ? {} : { postquantum: next });
      await bed.install(entry(1, next === undefined ? {} : { postquantum: next }));
      const renewed = await bed.onlyChildOf(1);
      expect(renewed.state).toBe('installed');
      expect(await mixed()).toEqual([next && 'yes']);
      expect(await postquantumKeys()).toHaveLength(next === undefined ? 0 : 1);
      expect(await bed.connect(nfsPort)).toBe('answered');
    }
  });

  it('that somebody unloads is missed, and loaded again', async () => {
    await bed.install(entry(1, { postquantum }));
    const before = await bed.datapath.installed();
    const [id = ''] = await postquantumKeys();
    await vici.request('unload-shared', { id });
    expect(
      await eventually('the row is gone', async () => (await bed.datapath.installed()).length === 0),
    ).toBe(true);
    await bed.install(entry(1, { postquantum }));
    expect(await bed.datapath.installed()).toEqual(before);
    expect(await postquantumKeys()).toEqual([id]);
  });

  it('is loaded again by whoever finds charon without anything', async () => {
    await bed.peerAccepts({ postquantum });
    await bed.install(entry(1, { postquantum }));
    await bed.daemons.charon.restart();
    const again = () => bed.install(entry(1, { postquantum })).then(() => true);
    await eventually('the policy is installed again', () => again().catch(() => false));
    expect(await bed.connect(nfsPort)).toBe('answered');
    expect(await mixed()).toEqual(['yes']);
  });
});

describe('there is no SA, and the reason is said', () => {
  type Refusal = [what: string, prepare: () => Promise<void>, reason: RegExp];
  /** Whoever begins. */
  const alike: readonly Refusal[] = [
    ['has none', () => bed.peerAccepts(), /the remote uses none/],
    [
      'has another key under that identity',
      () => bed.peerAccepts({ postquantum: { ...postquantum, key: other.key } }),
      /pre-shared key .* may as well be the post-quantum/,
    ],
  ];

  it.each<Refusal>([
    ...alike,
    [
      'has another identity',
      () => bed.peerAccepts({ postquantum: other }),
      /may as well be the post-quantum/,
    ],
  ])('when the peer %s', async (_what, prepare, reason) => {
    await prepare();
    await bed.install(entry(1, { postquantum }));
    expect(await bed.failureOf(1, attempt)).toMatch(reason);
    expect(await bed.childrenOf(1)).toEqual([]);
  });

  it.each<Refusal>([
    ...alike,
    [
      'has another identity',
      () => bed.peerAccepts({ postquantum: other }),
      /identity quantum-2, the policy .* quantum-1/,
    ],
  ])('when a peer that begins %s', async (_what, prepare, reason) => {
    await prepare();
    await bed.install(entry(1, { postquantum }));
    expect(await bed.failureOf(1, initiate)).toMatch(reason);
    expect(await bed.childrenOf(1)).toEqual([]);
  });

  it('when the policy has none and the peer requires one', async () => {
    await bed.peerAccepts({ postquantum });
    await bed.install(entry(1));
    expect(await attempt()).toBeInstanceOf(Error);
    expect(await bed.childrenOf(1)).toEqual([]);
  });

  it('when charon would come up without, having taken the peer for one of another connection', async () => {
    const { ours, peer } = bed.network.hosts;
    const addresses = { local_addrs: [ours.ipv4], remote_addrs: [peer.ipv4] };
    const decoy = {
      ...addresses,
      version: '2',
      proposals: ['aes256-sha384-ecp384'],
      local: { auth: 'pubkey', id: ours.ipv4 },
    };
    await bed.peerAccepts();
    await bed.install(entry(1, { postquantum, remoteIdentity: { kind: 'any' } }));
    await vici.request('load-conn', { decoy: { ...decoy, remote: { auth: 'pubkey', id: peer.ipv4 } } });
    try {
      expect(await bed.failureOf(1, initiate)).toMatch(/came up without the post-quantum/);
      await eventually('its SA is ended', async () => (await bed.childrenOf(1)).length === 0);
    } finally {
      await vici.request('unload-conn', { name: 'decoy' });
    }
  });
});
