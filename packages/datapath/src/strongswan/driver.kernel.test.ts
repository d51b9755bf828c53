import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Capture } from '../../../../test/support/capture.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { plaintextOf } from '../../../../test/support/packet.ts';
import { kernelStates } from '../../../../test/support/xfrm.ts';
import { DriverBesidePeer, echoPort, expectSame, nfsPort, smbPort } from './testing/driver-beside-peer.ts';
import { entry, testPsk, uuid } from './testing/entries.ts';
import { peerConfiguration } from './testing/peer-configuration.ts';

let bed: DriverBesidePeer;

beforeAll(async () => {
  bed = await DriverBesidePeer.start();
});
afterAll(() => bed?.stop());
afterEach(() => bed.clear());

describe('two policies between the same hosts', () => {
  const nfs = entry(1, { protocol: 6, remotePort: nfsPort });
  const smb = entry(2, { protocol: 6, remotePort: smbPort });

  it('are both up over one IKE SA, and the end of one leaves SPIs and counters of the other', async () => {
    await bed.peerAccepts();
    await bed.install(nfs, smb);
    expect(await bed.connect(nfsPort)).toBe('answered');
    expect(await bed.connect(smbPort)).toBe('answered');
    await bed.onlyChildOf(1);
    const before = await bed.onlyChildOf(2);
    expect(await bed.establishedIkeSas()).toHaveLength(1);
    expect(before).toMatchObject({
      cipherSuite: 'suiteb_gcm256',
      mode: 'transport',
      lifetimeSeconds: 28_800,
    });

    await bed.datapath.remove(uuid(1));
    expect(await bed.childrenOf(1)).toEqual([]);
    expectSame(await bed.onlyChildOf(2), before);
    const inKernel = await kernelStates(bed.network.hosts.ours);
    expect(inKernel.map(({ spi }) => spi).sort()).toEqual([before.inbound.spi, before.outbound.spi].sort());
  });

  it('are counted as the kernel counts them', async () => {
    await bed.peerAccepts();
    await bed.install(entry(1, { protocol: 17 }));
    const { ours, peer: other } = bed.network.hosts;
    await bed.traffic.send({ source: ours.ipv4, destination: other.ipv4, port: echoPort, perSecond: 50 }, 20);
    const { inbound, outbound } = await bed.onlyChildOf(1);
    const inKernel = await kernelStates(ours);
    for (const { spi, bytes, packets } of [inbound, outbound]) {
      expect(inKernel.find((state) => state.spi === spi)).toMatchObject({ bytes, packets });
    }
    expect(outbound.packets).toBeGreaterThan(15n);
  });

  it('come up from the other side too', async () => {
    const children = [nfsPort, smbPort].map((port) => bed.child(`port${port}`, port));
    await bed.peerAccepts({ children });
    await bed.install(nfs, smb);
    for (const { name } of children) await bed.peer.initiate(name);
    await bed.onlyChildOf(1);
    await bed.onlyChildOf(2);
    expect(await bed.establishedIkeSas()).toMatchObject([{ isInitiator: false }]);
  });

  it('come up from the other side when that has a connection for each', async () => {
    const connections = [nfsPort, smbPort].map((port) => ({
      ...bed.ends,
      name: `connection${port}`,
      dpdSeconds: port,
      children: [bed.child(`port${port}`, port)],
    }));
    await bed.peer.load(connections.map(peerConfiguration).join('\n'));
    await bed.install(nfs, smb);
    for (const port of [nfsPort, smbPort]) await bed.peer.initiate(`port${port}`);
    const [one, two] = [await bed.onlyChildOf(1), await bed.onlyChildOf(2)];
    expect(one.ikeUuid).not.toBe(two.ikeUuid);
    await bed.datapath.remove(uuid(1));
    expectSame(await bed.onlyChildOf(2), two);
  });

  it('are apart when one changes: its own SA is another, the other SA the same', async () => {
    await bed.peerAccepts();
    await bed.install(nfs, smb);
    await bed.connect(nfsPort);
    await bed.connect(smbPort);
    const [changed, other] = [await bed.onlyChildOf(1), await bed.onlyChildOf(2)];
    await bed.install(
      entry(1, {
        protocol: 6,
        remotePort: nfsPort,
        lifetimes: { ikeSeconds: 86_400, ipsecSeconds: 7200, ipsecBytes: 0 },
      }),
    );
    const renewed = await bed.onlyChildOf(1);
    expect(renewed.inbound.spi).not.toBe(changed.inbound.spi);
    expect(renewed.lifetimeSeconds).toBe(7200);
    expectSame(await bed.onlyChildOf(2), other);
  });
});

describe('nothing in clear', () => {
  it('while policies come, change their form and go, under a steady flow', async () => {
    const { ours, peer: other } = bed.network.hosts;
    await bed.peerAccepts();
    const flow = { source: ours.ipv4, destination: other.ipv4, port: echoPort, perSecond: 200 };
    await bed.install(entry(1, { protocol: 17 }));
    const capture = await Capture.start(bed.network, ours, join(bed.directory, 'clear.pcap'));
    const stop = await bed.traffic.flow(flow);
    await bed.onlyChildOf(1);
    for (const ipsecSeconds of [7200, 3600]) {
      const lifetimes = { ikeSeconds: 86_400, ipsecSeconds, ipsecBytes: 0 };
      await bed.install(entry(1, { protocol: 17, lifetimes }));
    }
    await bed.install(entry(1, { protocol: 17, remotePort: echoPort }));
    await bed.install(entry(2, { protocol: 6 }));
    await bed.datapath.remove(uuid(2));
    const report = await stop();
    const packets = await capture.stop();
    expect(packets.filter(({ kind }) => kind === 'esp').length).toBeGreaterThan(0);
    expect(plaintextOf(packets, { between: [ours.ipv4, other.ipv4], port: echoPort })).toEqual([]);
    expect(report.answered).toBeGreaterThan(report.sent / 2);
  });
});

describe('a policy', () => {
  it('over IPv6 comes up with a cold neighbour cache', async () => {
    const { ours, peer: other } = bed.network.hosts;
    await bed.peerAccepts({
      local: other.ipv6,
      remote: ours.ipv6,
      children: [{ name: 'all', localTs: `${other.ipv6}/128`, remoteTs: `${ours.ipv6}/128` }],
    });
    await bed.install(entry(1, { local: ours.ipv6, remote: other.ipv6 }));
    await bed.network.forgetNeighbours();
    const answer = { source: ours.ipv6, destination: other.ipv6, port: nfsPort, timeoutMilliseconds: 8_000 };
    expect(await bed.traffic.connect(answer)).toBe('answered');
    expect(await bed.onlyChildOf(1)).toMatchObject({ localAddress: ours.ipv6, remoteAddress: other.ipv6 });
  });

  it('with esp_udp travels in UDP', async () => {
    await bed.peerAccepts();
    await bed.install(entry(1, { action: 'esp_udp' }));
    expect(await bed.connect(nfsPort)).toBe('answered');
    expect(await bed.onlyChildOf(1)).toMatchObject({ action: 'esp_udp' });
    expect((await kernelStates(bed.network.hosts.ours)).every(({ isInUdp }) => isInUdp)).toBe(true);
  });

  it.each([
    ['suite_aescbc', 'aes256-sha512-modp4096', 'aes256-sha512'],
    ['suiteb_gmac256', 'aes256-sha384-ecp384', 'aes256gmac'],
  ] as const)('with %s is recognised by its algorithms', async (cipherSuite, ikeProposals, espProposals) => {
    await bed.peerAccepts({ ikeProposals, children: [{ ...bed.child('all'), espProposals }] });
    await bed.install(entry(1, { cipherSuite }));
    expect(await bed.connect(nfsPort)).toBe('answered');
    expect(await bed.onlyChildOf(1)).toMatchObject({ cipherSuite });
    const [ike] = await bed.establishedIkeSas();
    expect(ike).toMatchObject({ cipherSuite, authentication: 'psk', policyUuid: uuid(1) });
  });

  it('of one local port and any protocol carries TCP and UDP', async () => {
    await bed.peerAccepts();
    await bed.install(entry(1, { remotePort: nfsPort }));
    expect(await bed.connect(nfsPort)).toBe('answered');
    await bed.onlyChildOf(1);
    const { ours, peer: other } = bed.network.hosts;
    await bed.answering.echo('udp', other.ipv4, nfsPort);
    const datagrams = { source: ours.ipv4, destination: other.ipv4, port: nfsPort, perSecond: 50 };
    expect((await bed.traffic.send(datagrams, 5)).answered).toBe(5);
    await bed.onlyChildOf(1);
  });

  it.each([
    ['a remote network', { remote: '10.9.0.0/24', protocol: 6 }],
    ['a local network', { local: '10.9.0.1/24', protocol: 6 }],
    ['networks on both sides', { local: '10.9.0.1/24', remote: '10.9.0.0/24', protocol: 6 }],
  ])('of %s comes up with the host that the packet is for', async (_name, choices) => {
    await bed.peerAccepts();
    await bed.install(entry(1, choices));
    expect(await bed.connect(nfsPort)).toBe('answered');
    expect(await bed.onlyChildOf(1)).toMatchObject({ remoteAddress: bed.network.hosts.peer.ipv4 });
  });

  it('with another key proves itself anew', async () => {
    await bed.peerAccepts();
    await bed.install(entry(1));
    await bed.connect(nfsPort);
    const [before] = await bed.establishedIkeSas();
    // Whatever the peer still has would do for a new CHILD SA on the old IKE SA: that must not be taken for proof.
    const psk = `${testPsk}, changed`;
    await bed.peerAccepts({ psk });
    await bed.install(entry(1, { psk }));
    const after = await eventually('there is one IKE SA', async () => {
      const [ike, ...more] = await bed.establishedIkeSas();
      return more.length === 0 && ike;
    });
    expect(after.uuid).not.toBe(before?.uuid);
    expect(await bed.connect(nfsPort)).toBe('answered');
  });
});
