import type { ChildSa } from '@esplanade/domain';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import { droppedPackets, flushKernel } from '../../../../test/support/xfrm.ts';
import { DriverBesidePeer, nfsPort, smbPort } from './testing/driver-beside-peer.ts';
import { entry } from './testing/entries.ts';

let bed: DriverBesidePeer;

beforeAll(async () => {
  bed = await DriverBesidePeer.start();
});
afterAll(() => bed?.stop());
afterEach(() => bed.clear());

const spiOf = ({ inbound }: ChildSa): string => inbound.spi;

describe('an SA that the remote begins', () => {
  it.each([
    ['a host', { protocol: 0 }],
    ['a network', { remote: '10.9.0.0/24', protocol: 6 }],
  ])('with less than our policy for %s covers carries what it covers', async (_name, choices) => {
    const { ours } = bed.network.hosts;
    await bed.peerAccepts({ children: [bed.child('nfs', nfsPort)] });
    await bed.install(entry(1, choices));
    await bed.peer.initiate('nfs');
    const [begun, ...none] = await eventually('it is up', async () => {
      const all = await bed.childrenOf(1);
      return all.length > 0 && all;
    });
    expect(none).toEqual([]);
    const before = await droppedPackets(ours);
    expect(await bed.connect(nfsPort)).toBe('answered');
    const [now, ...others] = await bed.childrenOf(1);
    expect(others).toEqual([]);
    expect(now?.inbound.spi).toBe(begun?.inbound.spi);
    expect(now?.inbound.packets).toBeGreaterThan(0n);
    expect(now?.outbound.packets).toBeGreaterThan(0n);
    expect(await droppedPackets(ours)).toEqual(before);
  });

  it('after it has crashed carries packets at once, beside the old one', async () => {
    await bed.peerAccepts();
    await bed.install(entry(1));
    expect(await bed.connect(nfsPort)).toBe('answered');
    const former = new Set((await bed.childrenOf(1)).map(spiOf));
    await bed.peer.charon.kill();
    await flushKernel(bed.network.hosts.peer);
    await bed.peer.charon.start();
    await bed.peerAccepts();
    await bed.peer.initiate('all');
    expect(await bed.connect(nfsPort)).toBe('answered');
    const carrying = (await bed.childrenOf(1)).filter((sa) => !former.has(spiOf(sa)));
    expect(carrying).toHaveLength(1);
    expect(carrying[0]?.inbound.packets).toBeGreaterThan(0n);
  });
});

describe('two connections to one remote', () => {
  it('both stay up when they come up in the same moment', async () => {
    await bed.peerAccepts();
    const lifetimes = { ikeSeconds: 43_200, ipsecSeconds: 28_800, ipsecBytes: 0 };
    await bed.install(
      entry(1, { protocol: 6, remotePort: nfsPort }),
      entry(2, { protocol: 6, remotePort: smbPort, lifetimes }),
    );
    const both = () => Promise.all([nfsPort, smbPort].map((port) => bed.connect(port)));
    expect(await both()).toEqual(['answered', 'answered']);
    expect(await both()).toEqual(['answered', 'answered']);
    const { log } = bed.peer.charon;
    expect(log.filter((line) => /parsed IKE_AUTH request.*INIT_CONTACT/.test(line))).toEqual([]);
    const listed = await bed.peer.swanctl('--list-sas');
    for (const n of [1, 2])
      for (const sa of await bed.childrenOf(n)) expect(listed).toContain(sa.outbound.spi);
  });
});
