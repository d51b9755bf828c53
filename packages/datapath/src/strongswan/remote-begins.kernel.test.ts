import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildSa, SecurityAssociation, SpdEntry } from '@esplanade/domain';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { IpspaceDaemons } from '../../../../test/support/charon.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { Network } from '../../../../test/support/network.ts';
import { StockPeer } from '../../../../test/support/stock-peer.ts';
import { Traffic } from '../../../../test/support/traffic.ts';
import { droppedPackets, flushKernel } from '../../../../test/support/xfrm.ts';
import type { Datapath } from '../datapath.ts';
import { openDriver, startDaemons } from './testing/conformance-harness.ts';
import { entry, testPsk, uuid } from './testing/entries.ts';
import { type PeerChild, peerConfiguration } from './testing/peer-configuration.ts';

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
  directory = await mkdtemp(join(tmpdir(), 'esplanade-remote-'));
  daemons = await startDaemons(network.hosts.ours);
  datapath = openDriver(daemons);
  peer = await StockPeer.start({ namespace: network.hosts.peer.namespace, directory, configuration: '' });
  traffic = await Traffic.start(network.hosts.ours);
  answering = await Traffic.start(network.hosts.peer);
  for (const port of [nfsPort, smbPort]) await answering.echo('tcp', network.hosts.peer.ipv4, port);
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

async function peerHas(...children: readonly PeerChild[]): Promise<void> {
  const { ours, peer: other } = network.hosts;
  const ends = { local: other.ipv4, remote: ours.ipv4, psk: testPsk };
  await peer.load(peerConfiguration({ ...ends, children }));
}

/** A child of the peer's, of all traffic between the two hosts or of one protocol and port. */
function child(name: string, what: { readonly local: string; readonly remote: string }): PeerChild {
  const { ours, peer: other } = network.hosts;
  return { name, localTs: `${other.ipv4}/32${what.local}`, remoteTs: `${ours.ipv4}/32${what.remote}` };
}

const connect = (port: number) =>
  traffic.connect({
    source: network.hosts.ours.ipv4,
    destination: network.hosts.peer.ipv4,
    port,
    timeoutMilliseconds: 5_000,
  });

const isChild = (sa: SecurityAssociation): sa is ChildSa => sa.kind === 'ipsec' && sa.state === 'installed';

async function childrenOf(n: number): Promise<readonly ChildSa[]> {
  return (await datapath.securityAssociations()).filter(isChild).filter((sa) => sa.policyUuid === uuid(n));
}

const spiOf = ({ inbound }: ChildSa): string => inbound.spi;

describe('an SA that the remote begins', () => {
  it.each([
    ['a host', { protocol: 0 }],
    ['a network', { remote: '10.9.0.0/24', protocol: 6 }],
  ])('with less than our policy for %s covers carries what it covers', async (_name, choices) => {
    const { ours } = network.hosts;
    await peerHas(child('nfs', { local: `[tcp/${nfsPort}]`, remote: '[tcp]' }));
    await install(entry(1, choices));
    await peer.initiate('nfs');
    const [begun, ...none] = await eventually('it is up', async () => {
      const all = await childrenOf(1);
      return all.length > 0 && all;
    });
    expect(none).toEqual([]);
    const before = await droppedPackets(ours);
    expect(await connect(nfsPort)).toBe('answered');
    const [now, ...others] = await childrenOf(1);
    expect(others).toEqual([]);
    expect(now?.inbound.spi).toBe(begun?.inbound.spi);
    expect(now?.inbound.packets).toBeGreaterThan(0n);
    expect(now?.outbound.packets).toBeGreaterThan(0n);
    expect(await droppedPackets(ours)).toEqual(before);
  });

  it('after it has crashed carries packets at once, beside the old one', async () => {
    await peerHas(child('all', { local: '', remote: '' }));
    await install(entry(1));
    expect(await connect(nfsPort)).toBe('answered');
    const former = new Set((await childrenOf(1)).map(spiOf));
    await peer.charon.kill();
    await flushKernel(network.hosts.peer);
    await peer.charon.start();
    await peerHas(child('all', { local: '', remote: '' }));
    await peer.initiate('all');
    expect(await connect(nfsPort)).toBe('answered');
    const carrying = (await childrenOf(1)).filter((sa) => !former.has(spiOf(sa)));
    expect(carrying).toHaveLength(1);
    expect(carrying[0]?.inbound.packets).toBeGreaterThan(0n);
  });
});

describe('two connections to one remote', () => {
  it('both stay up when they come up in the same moment', async () => {
    await peerHas(child('all', { local: '', remote: '' }));
    const lifetimes = { ikeSeconds: 43_200, ipsecSeconds: 28_800, ipsecBytes: 0 };
    await install(
      entry(1, { protocol: 6, remotePort: nfsPort }),
      entry(2, { protocol: 6, remotePort: smbPort, lifetimes }),
    );
    expect(await Promise.all([nfsPort, smbPort].map(connect))).toEqual(['answered', 'answered']);
    expect(await Promise.all([nfsPort, smbPort].map(connect))).toEqual(['answered', 'answered']);
    expect(peer.charon.log.filter((line) => /parsed IKE_AUTH request.*INIT_CONTACT/.test(line))).toEqual([]);
    const listed = await peer.swanctl('--list-sas');
    for (const n of [1, 2]) for (const sa of await childrenOf(n)) expect(listed).toContain(sa.outbound.spi);
  });
});
