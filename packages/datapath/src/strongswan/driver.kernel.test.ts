import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildSa, IkeSa, SecurityAssociation, SpdEntry } from '@esplanade/domain';
import { ViciClient } from '@esplanade/vici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Capture } from '../../../../test/support/capture.ts';
import type { IpspaceDaemons } from '../../../../test/support/charon.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { Network } from '../../../../test/support/network.ts';
import { plaintextOf } from '../../../../test/support/packet.ts';
import { StockPeer } from '../../../../test/support/stock-peer.ts';
import { Traffic } from '../../../../test/support/traffic.ts';
import { kernelStates } from '../../../../test/support/xfrm.ts';
import type { Datapath, DatapathEvent } from '../datapath.ts';
import { openDriver, startDaemons } from './testing/conformance-harness.ts';
import { entry, testPsk, uuid } from './testing/entries.ts';
import { peerConfiguration } from './testing/peer-configuration.ts';

const settings = { replayWindow: 64 };
const nfsPort = 2049;
const smbPort = 445;

let network: Network<'ours' | 'peer'>;
let directory: string;
let daemons: IpspaceDaemons;
let datapath: Datapath;
let peer: StockPeer;
let traffic: Traffic;
let answering: Traffic;
const installed = new Set<SpdEntry>();

beforeAll(async () => {
  network = await Network.create(['ours', 'peer']);
  directory = await mkdtemp(join(tmpdir(), 'esplanade-driver-'));
  daemons = await startDaemons(network.hosts.ours);
  datapath = openDriver(daemons);
  peer = await StockPeer.start({ namespace: network.hosts.peer.namespace, directory, configuration: '' });
  traffic = await Traffic.start(network.hosts.ours);
  answering = await Traffic.start(network.hosts.peer);
  for (const address of [network.hosts.peer.ipv4, network.hosts.peer.ipv6]) {
    for (const port of [nfsPort, smbPort]) await answering.echo('tcp', address, port);
    await answering.echo('udp', address, 7000);
  }
});
afterAll(async () => {
  await datapath.close();
  await traffic.stop();
  await answering.stop();
  await daemons.close();
  await peer.stop();
  await network.close();
  await rm(directory, { recursive: true, force: true });
});
afterEach(async () => {
  for (const { policy } of installed) await datapath.remove(policy.uuid);
  installed.clear();
  await eventually('no SA is left', async () => (await datapath.securityAssociations()).length === 0);
});

async function install(...entries: readonly SpdEntry[]): Promise<void> {
  for (const one of entries) {
    await datapath.install(one, settings);
    installed.add(one);
  }
}

const hosts = () => ({ local: network.hosts.peer.ipv4, remote: network.hosts.ours.ipv4, psk: testPsk });
const wide = (local: string, remote: string) => ({
  name: 'all',
  localTs: `${local}/32`,
  remoteTs: `${remote}/32`,
});

/** The peer accepts all traffic between the two hosts. */
async function peerAcceptsAll(change: Partial<Parameters<typeof peerConfiguration>[0]> = {}): Promise<void> {
  const { local, remote } = hosts();
  await peer.load(peerConfiguration({ ...hosts(), children: [wide(local, remote)], ...change }));
}

const connect = (port: number) =>
  traffic.connect({
    source: network.hosts.ours.ipv4,
    destination: network.hosts.peer.ipv4,
    port,
    timeoutMilliseconds: 5_000,
  });

const isChild = (sa: SecurityAssociation): sa is ChildSa => sa.kind === 'ipsec' && sa.state === 'installed';
const isIke = (sa: SecurityAssociation): sa is IkeSa => sa.kind === 'ike' && sa.state === 'established';

async function childrenOf(n: number): Promise<readonly ChildSa[]> {
  return (await datapath.securityAssociations()).filter(isChild).filter((sa) => sa.policyUuid === uuid(n));
}

async function onlyChildOf(n: number): Promise<ChildSa> {
  return eventually(`policy ${n} has one CHILD SA`, async () => {
    const [child, ...more] = await childrenOf(n);
    return more.length === 0 && child;
  });
}

/** The same SA, which may have carried more meanwhile: TCP takes its time to say goodbye. */
function expectSame(now: ChildSa, before: ChildSa): void {
  expect([now.uuid, now.inbound.spi, now.outbound.spi]).toEqual([
    before.uuid,
    before.inbound.spi,
    before.outbound.spi,
  ]);
  expect(now.inbound.packets).toBeGreaterThanOrEqual(before.inbound.packets);
  expect(now.outbound.packets).toBeGreaterThanOrEqual(before.outbound.packets);
}

async function failureOf(n: number, provoke: () => Promise<unknown>): Promise<string> {
  const stop = new AbortController();
  const events = datapath.events(stop.signal);
  const awaited = firstFailure(events, n);
  await provoke();
  try {
    return await awaited;
  } finally {
    stop.abort();
  }
}

async function firstFailure(events: AsyncIterable<DatapathEvent>, n: number): Promise<string> {
  for await (const event of events) {
    if (event.kind === 'negotiation-failed' && event.policyUuid === uuid(n)) return event.reason;
  }
  throw new Error('the events ended');
}

describe('two policies between the same hosts', () => {
  const nfs = entry(1, { protocol: 6, remotePort: nfsPort });
  const smb = entry(2, { protocol: 6, remotePort: smbPort });

  it('are both up over one IKE SA, and the end of one leaves SPIs and counters of the other', async () => {
    await peerAcceptsAll();
    await install(nfs, smb);
    expect(await connect(nfsPort)).toBe('answered');
    expect(await connect(smbPort)).toBe('answered');
    await onlyChildOf(1);
    const before = await onlyChildOf(2);
    expect((await datapath.securityAssociations()).filter(isIke)).toHaveLength(1);
    expect(before).toMatchObject({
      cipherSuite: 'suiteb_gcm256',
      mode: 'transport',
      lifetimeSeconds: 28_800,
    });

    await datapath.remove(uuid(1));
    expect(await childrenOf(1)).toEqual([]);
    expectSame(await onlyChildOf(2), before);
    const inKernel = await kernelStates(network.hosts.ours);
    expect(inKernel.map(({ spi }) => spi).sort()).toEqual([before.inbound.spi, before.outbound.spi].sort());
  });

  it('are counted as the kernel counts them', async () => {
    await peerAcceptsAll();
    await install(entry(1, { protocol: 17 }));
    const { ours, peer: other } = network.hosts;
    await traffic.send({ source: ours.ipv4, destination: other.ipv4, port: 7000, perSecond: 50 }, 20);
    const { inbound, outbound } = await onlyChildOf(1);
    const inKernel = await kernelStates(ours);
    for (const { spi, bytes, packets } of [inbound, outbound]) {
      expect(inKernel.find((state) => state.spi === spi)).toMatchObject({ bytes, packets });
    }
    expect(outbound.packets).toBeGreaterThan(15n);
  });

  it('come up from the other side too', async () => {
    const { local, remote } = hosts();
    const children = [nfsPort, smbPort].map((port) => ({
      name: `port${port}`,
      localTs: `${local}/32[tcp/${port}]`,
      remoteTs: `${remote}/32[tcp]`,
    }));
    await peer.load(peerConfiguration({ ...hosts(), children }));
    await install(nfs, smb);
    for (const { name } of children) await peer.initiate(name);
    await onlyChildOf(1);
    await onlyChildOf(2);
    expect((await datapath.securityAssociations()).filter(isIke)).toMatchObject([{ isInitiator: false }]);
  });

  it('come up from the other side when that has a connection for each', async () => {
    const { local, remote } = hosts();
    const connections = [nfsPort, smbPort].map((port) => ({
      ...hosts(),
      name: `connection${port}`,
      dpdSeconds: port,
      children: [{ name: `port${port}`, localTs: `${local}/32[tcp/${port}]`, remoteTs: `${remote}/32[tcp]` }],
    }));
    await peer.load(connections.map(peerConfiguration).join('\n'));
    await install(nfs, smb);
    for (const port of [nfsPort, smbPort]) await peer.initiate(`port${port}`);
    const [one, two] = [await onlyChildOf(1), await onlyChildOf(2)];
    expect(one.ikeUuid).not.toBe(two.ikeUuid);
    await datapath.remove(uuid(1));
    expectSame(await onlyChildOf(2), two);
  });

  it('are apart when one changes: its own SA is another, the other SA the same', async () => {
    await peerAcceptsAll();
    await install(nfs, smb);
    await connect(nfsPort);
    await connect(smbPort);
    const [changed, other] = [await onlyChildOf(1), await onlyChildOf(2)];
    await install(
      entry(1, {
        protocol: 6,
        remotePort: nfsPort,
        lifetimes: { ikeSeconds: 86_400, ipsecSeconds: 7200, ipsecBytes: 0 },
      }),
    );
    const renewed = await onlyChildOf(1);
    expect(renewed.inbound.spi).not.toBe(changed.inbound.spi);
    expect(renewed.lifetimeSeconds).toBe(7200);
    expectSame(await onlyChildOf(2), other);
  });
});

describe('nothing in clear', () => {
  it('while policies come, change their form and go, under a steady flow', async () => {
    const { ours, peer: other } = network.hosts;
    await peerAcceptsAll();
    const flow = { source: ours.ipv4, destination: other.ipv4, port: 7000, perSecond: 200 };
    await install(entry(1, { protocol: 17 }));
    const capture = await Capture.start(network, ours, join(directory, 'clear.pcap'));
    const stop = await traffic.flow(flow);
    await onlyChildOf(1);
    for (const ipsecSeconds of [7200, 3600]) {
      const lifetimes = { ikeSeconds: 86_400, ipsecSeconds, ipsecBytes: 0 };
      await install(entry(1, { protocol: 17, lifetimes }));
    }
    await install(entry(1, { protocol: 17, remotePort: 7000 }));
    await install(entry(2, { protocol: 6 }));
    await datapath.remove(uuid(2));
    const report = await stop();
    const packets = await capture.stop();
    expect(packets.filter(({ kind }) => kind === 'esp').length).toBeGreaterThan(0);
    expect(plaintextOf(packets, { between: [ours.ipv4, other.ipv4], port: 7000 })).toEqual([]);
    expect(report.answered).toBeGreaterThan(report.sent / 2);
  });
});

describe('a policy', () => {
  it('over IPv6 comes up with a cold neighbour cache', async () => {
    const { ours, peer: other } = network.hosts;
    await peer.load(
      peerConfiguration({
        local: other.ipv6,
        remote: ours.ipv6,
        psk: testPsk,
        children: [{ name: 'all', localTs: `${other.ipv6}/128`, remoteTs: `${ours.ipv6}/128` }],
      }),
    );
    await install(entry(1, { local: ours.ipv6, remote: other.ipv6 }));
    await network.forgetNeighbours();
    const answer = { source: ours.ipv6, destination: other.ipv6, port: nfsPort, timeoutMilliseconds: 8_000 };
    expect(await traffic.connect(answer)).toBe('answered');
    expect(await onlyChildOf(1)).toMatchObject({ localAddress: ours.ipv6, remoteAddress: other.ipv6 });
  });

  it('with esp_udp travels in UDP', async () => {
    await peerAcceptsAll();
    await install(entry(1, { action: 'esp_udp' }));
    expect(await connect(nfsPort)).toBe('answered');
    expect(await onlyChildOf(1)).toMatchObject({ action: 'esp_udp' });
    expect((await kernelStates(network.hosts.ours)).every(({ isInUdp }) => isInUdp)).toBe(true);
  });

  it.each([
    ['suite_aescbc', 'aes256-sha512-modp4096', 'aes256-sha512'],
    ['suiteb_gmac256', 'aes256-sha384-ecp384', 'aes256gmac'],
  ] as const)('with %s is recognised by its algorithms', async (cipherSuite, ikeProposals, espProposals) => {
    const { local, remote } = hosts();
    await peerAcceptsAll({ ikeProposals, children: [{ ...wide(local, remote), espProposals }] });
    await install(entry(1, { cipherSuite }));
    expect(await connect(nfsPort)).toBe('answered');
    expect(await onlyChildOf(1)).toMatchObject({ cipherSuite });
    expect((await datapath.securityAssociations()).find(isIke)).toMatchObject({
      cipherSuite,
      authentication: 'psk',
      policyUuid: uuid(1),
    });
  });

  it('of one local port and any protocol carries TCP and UDP', async () => {
    await peerAcceptsAll();
    await install(entry(1, { remotePort: nfsPort }));
    expect(await connect(nfsPort)).toBe('answered');
    await onlyChildOf(1);
    await answering.echo('udp', network.hosts.peer.ipv4, nfsPort);
    const sent = await traffic.send(
      { source: network.hosts.ours.ipv4, destination: network.hosts.peer.ipv4, port: nfsPort, perSecond: 50 },
      5,
    );
    expect(sent.answered).toBe(5);
    await onlyChildOf(1);
  });

  it.each([
    ['a remote network', { remote: '10.9.0.0/24', protocol: 6 }],
    ['a local network', { local: '10.9.0.1/24', protocol: 6 }],
    ['networks on both sides', { local: '10.9.0.1/24', remote: '10.9.0.0/24', protocol: 6 }],
  ])('of %s comes up with the host that the packet is for', async (_name, choices) => {
    await peerAcceptsAll();
    await install(entry(1, choices));
    expect(await connect(nfsPort)).toBe('answered');
    expect(await onlyChildOf(1)).toMatchObject({ remoteAddress: network.hosts.peer.ipv4 });
  });

  it('with another key proves itself anew', async () => {
    await peerAcceptsAll();
    await install(entry(1));
    await connect(nfsPort);
    const before = (await datapath.securityAssociations()).find(isIke);
    // Whatever the peer still has would do for a new CHILD SA on the old IKE SA: that must not be taken for proof.
    const psk = `${testPsk}, changed`;
    await peerAcceptsAll({ psk });
    await install(entry(1, { psk }));
    const after = await eventually('there is one IKE SA', async () => {
      const [ike, ...more] = (await datapath.securityAssociations()).filter(isIke);
      return more.length === 0 && ike;
    });
    expect(after.uuid).not.toBe(before?.uuid);
    expect(await connect(nfsPort)).toBe('answered');
  });
});

describe('why there is no SA', () => {
  const attempt = () =>
    traffic.connect({
      source: network.hosts.ours.ipv4,
      destination: network.hosts.peer.ipv4,
      port: nfsPort,
      timeoutMilliseconds: 500,
    });

  it.each<[string, () => Promise<void>, RegExp]>([
    ['another key', () => peerAcceptsAll({ psk: 'this is another key' }), /refused our authentication/],
    ['another identity', () => peerAcceptsAll({ localId: 'somebody.else' }), /refused our authentication/],
    [
      'other IKE algorithms',
      () => peerAcceptsAll({ ikeProposals: 'aes128-sha256-ecp256' }),
      /none of our IKE algorithms/,
    ],
    [
      'other ESP algorithms',
      () =>
        peerAcceptsAll({
          children: [{ ...wide(hosts().local, hosts().remote), espProposals: 'aes128gcm16' }],
        }),
      /none of our ESP algorithms/,
    ],
    [
      'no policy for the traffic',
      () => peerAcceptsAll({ children: [wide('10.9.0.99', '10.9.0.98')] }),
      /no policy for this traffic/,
    ],
  ])('is said when the peer has %s', async (_name, prepare, reason) => {
    await prepare();
    await install(entry(1));
    expect(await failureOf(1, attempt)).toMatch(reason);
  });

  it('is said when nobody answers', async () => {
    await install(entry(1, { remote: '10.9.0.77' }));
    const send = () =>
      traffic.connect({
        source: network.hosts.ours.ipv4,
        destination: '10.9.0.77',
        port: 9,
        timeoutMilliseconds: 500,
      });
    expect(await failureOf(1, send)).toMatch(/does not answer/);
  });

  it.each<[string, () => Promise<void>, RegExp]>([
    ['another key', () => peerAcceptsAll({ psk: 'this is another key' }), /does not fit our pre-shared key/],
    [
      'another identity',
      () => peerAcceptsAll({ localId: 'somebody.else' }),
      /identities that no policy expects/,
    ],
    [
      'other ESP algorithms',
      () =>
        peerAcceptsAll({
          children: [{ ...wide(hosts().local, hosts().remote), espProposals: 'aes128gcm16' }],
        }),
      /none of the remote's ESP algorithms/,
    ],
    [
      'other IKE algorithms',
      () => peerAcceptsAll({ ikeProposals: 'aes128-sha256-ecp256' }),
      /none of the remote's IKE algorithms/,
    ],
  ])('is said when a peer that begins has %s', async (_name, prepare, reason) => {
    await prepare();
    await install(entry(1));
    const initiate = () => peer.initiate('all').catch((error: unknown) => error);
    expect(await failureOf(1, initiate)).toMatch(reason);
  });
});

describe('an IKE SA', () => {
  /** Ends idle IKE SAs whenever it lists; the one under test leaves them alone for a minute. */
  let impatient: Datapath;
  beforeAll(() => {
    impatient = openDriver(daemons, { idleIkeSaSeconds: 1 });
  });
  afterAll(() => impatient.close());

  it('that carries nothing is ended', async () => {
    const { local, remote } = hosts();
    await peerAcceptsAll({ children: [{ ...wide(local, remote), espProposals: 'aes128gcm16' }] });
    await install(entry(1, { remote: '10.9.0.0/24', protocol: 6 }));
    await failureOf(1, () => connect(nfsPort));
    const [idle] = (await datapath.securityAssociations()).filter(isIke);
    expect(idle).toBeDefined();
    await eventually('it is gone', async () =>
      (await impatient.securityAssociations()).every(({ uuid: one }) => one !== idle?.uuid),
    );
  });

  it('whose work a newer one does is ended, and the newer stays', async () => {
    const { local, remote } = hosts();
    const connections = ['first', 'second'].map((name, index) => ({
      ...hosts(),
      name,
      dpdSeconds: 1_000 + index,
      children: [{ ...wide(local, remote), name: `child-${name}` }],
    }));
    await peer.load(connections.map(peerConfiguration).join('\n'));
    await install(entry(1));
    await peer.initiate('child-first');
    const first = await onlyChildOf(1);
    await peer.initiate('child-second');
    const second = await eventually('the second is there', async () =>
      (await childrenOf(1)).find(({ ikeUuid }) => ikeUuid !== first.ikeUuid),
    );
    await eventually('one of them is gone', async () => {
      const listed = await impatient.securityAssociations();
      return listed.filter(isIke).length === 1;
    });
    expectSame(await onlyChildOf(1), second);
    expect(await connect(nfsPort)).toBe('answered');
    expectSame(await onlyChildOf(1), second);
  });

  it('that carries a CHILD SA stays, however long', async () => {
    await peerAcceptsAll();
    await install(entry(1));
    expect(await connect(nfsPort)).toBe('answered');
    const before = await onlyChildOf(1);
    const sinceMs = Date.now();
    await eventually('it has been up for long', async () => {
      await impatient.securityAssociations();
      return Date.now() - sinceMs > 3_000;
    });
    expectSame(await onlyChildOf(1), before);
  });
});

describe('an SA that is not ours', () => {
  it('is listed under its own name, with how its peers prove who they are', async () => {
    const { local, remote } = hosts();
    await peerAcceptsAll();
    const vici = new ViciClient({ path: daemons.charon.socket });
    try {
      await vici.request('load-shared', { id: 'theirs', type: 'IKE', data: testPsk, owners: [local] });
      const net = { mode: 'transport', esp_proposals: ['aes256gcm16'], remote_ts: [`${local}/32`] };
      const theirs = {
        version: '2',
        local_addrs: [remote],
        remote_addrs: [local],
        proposals: ['aes256-sha384-ecp384'],
        local: { auth: 'psk', id: remote },
        remote: { auth: 'psk', id: local },
        children: { net },
      };
      await vici.request('load-conn', { theirs });
      await vici.request('initiate', { child: 'net', timeout: '10000' });
      const sas = await datapath.securityAssociations();
      expect(sas.find(isIke)).toMatchObject({ foreignName: 'theirs', authentication: 'psk' });
      expect(sas.find(isChild)).toMatchObject({ foreignName: 'net' });
      await vici.request('terminate', { ike: 'theirs' });
      await vici.request('unload-conn', { name: 'theirs' });
      await vici.request('unload-shared', { id: 'theirs' });
    } finally {
      vici.close();
    }
  });
});
