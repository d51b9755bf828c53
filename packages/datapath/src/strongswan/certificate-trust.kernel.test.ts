import { issueAuthority, issueHost, testKeys } from '@esplanade/domain/testing/certificates';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import { swanctlConf } from '../../../../test/support/peer-connection.ts';
import { type CertificateChoices, certificateEntry } from './testing/certificate-entries.ts';
import {
  DriverBesidePeer,
  isEstablished,
  isInstalled,
  nfsPort,
  smbPort,
} from './testing/driver-beside-peer.ts';

let bed: DriverBesidePeer;

beforeAll(async () => {
  bed = await DriverBesidePeer.start();
});
afterAll(() => bed?.stop());
afterEach(() => bed.clear());

const names = { alternatives: ['DNS:keeper.lab.example', 'IP:10.9.0.2'] };
const north = issueAuthority('/O=Lighthouses/CN=North');
const south = issueAuthority('/O=Lighthouses/CN=South');
const ours = issueHost({ subject: '/CN=ours', issuer: north });
const renewed = issueHost({ subject: '/CN=ours', issuer: north, key: testKeys.rsa(2048) });
const ofNorth = issueHost({ ...names, subject: '/CN=of north', issuer: north });
const ofSouth = issueHost({ ...names, subject: '/CN=of south', issuer: south });
/** Of a CA with the name of another. */
const ofImpostor = issueHost({
  ...names,
  subject: '/CN=of north',
  issuer: issueAuthority('/O=Lighthouses/CN=North'),
});
const authorities = { north: north.certificate, south: south.certificate };

/** The peer has a certificate of each CA, and a connection with each, for one TCP port of its own. */
async function peerHasBoth(): Promise<void> {
  const { local, remote } = bed.ends;
  const connection = (name: string, port: number) => ({
    name,
    local,
    remote,
    certificate: name,
    remoteIdentity: '%any',
    children: [bed.child(name, port)],
  });
  await bed.peer.load(swanctlConf([connection('north', nfsPort), connection('south', smbPort)], []), {
    own: { north: ofNorth, south: ofSouth },
    authorities,
  });
}

function policy(n: number, remotePort: number, choices: Partial<CertificateChoices> = {}) {
  return certificateEntry(n, { protocol: 6, remotePort, shown: ours, believed: [north], ...choices });
}

const onNfs = (choices: Partial<CertificateChoices> = {}) =>
  policy(1, nfsPort, { theirName: 'CN=of north', ...choices });
const onSmb = (choices: Partial<CertificateChoices> = {}) =>
  policy(2, smbPort, { believed: [south], theirName: 'CN=of south', ...choices });

/** The SPIs of the IKE SAs that are up. */
async function ikeSas(): Promise<readonly string[]> {
  return (await bed.datapath.securityAssociations())
    .filter(isEstablished)
    .map(({ initiatorSpi }) => initiatorSpi);
}

describe('the CAs of a policy', () => {
  it('let nobody in elsewhere: a remote of one is refused by the policy of another, whoever begins', async () => {
    const { local, remote } = bed.ends;
    const common = { name: 'south', local, remote, certificate: 'south', remoteIdentity: '%any' };
    const children = [bed.child('nfs', nfsPort), bed.child('smb', smbPort)];
    await bed.peer.load(swanctlConf([{ ...common, children }], []), { own: { south: ofSouth }, authorities });
    await bed.install(onNfs({ theirName: undefined }), onSmb({ theirName: undefined }));
    const begun = await bed.failureOf(1, () => bed.connect(nfsPort, 500));
    expect(begun).toMatch(/trusted elsewhere, but not by this policy/);
    await bed.peer.initiate('nfs').catch(String);
    expect(await bed.childrenOf(1)).toEqual([]);
    expect(await bed.connect(smbPort)).toBe('answered');
    expect(await bed.childrenOf(2)).toHaveLength(1);
    expect(await bed.childrenOf(1)).toEqual([]);
  });

  it('of another that has the name of one are not that one', async () => {
    const { local, remote } = bed.ends;
    const common = { name: 'north', local, remote, certificate: 'north', remoteIdentity: '%any' };
    await bed.peer.load(swanctlConf([{ ...common, children: [bed.child('nfs', nfsPort)] }], []), {
      own: { north: ofImpostor },
      authorities,
    });
    await bed.install(onNfs());
    expect(await bed.failureOf(1, () => bed.connect(nfsPort, 500))).toMatch(/the policy does not trust/);
    expect(await bed.childrenOf(1)).toEqual([]);
  });

  it('vouch for any number of remotes of one policy', async () => {
    const { local, remote } = bed.ends;
    const second = '10.9.0.102';
    await bed.network.addAddress(bed.network.hosts.peer, `${second}/24`);
    await bed.answering.echo('tcp', second, nfsPort);
    const connection = (name: string, address: string) => ({
      name,
      local: address,
      remote,
      certificate: name,
      remoteIdentity: '%any',
      children: [{ name, localTs: `${address}/32[tcp/${nfsPort}]`, remoteTs: `${remote}/32[tcp]` }],
    });
    await bed.peer.load(swanctlConf([connection('north', local), connection('south', second)], []), {
      own: { north: ofNorth, south: ofSouth },
      authorities,
    });
    await bed.install(onNfs({ remote: '10.9.0.0/24', believed: [north, south], theirName: undefined }));
    const source = remote;
    for (const destination of [local, second]) {
      // Long enough for a second attempt on a busy machine.
      const ends = { source, destination, port: nfsPort, timeoutMilliseconds: 20_000 };
      expect(await bed.traffic.connect(ends)).toBe('answered');
    }
    const sas = await bed.childrenOf(1);
    expect(sas.map(({ remoteAddress }) => remoteAddress).sort()).toEqual([local, second].sort());
  });

  it('may be more or fewer: only the SAs of remotes that a removed one vouched for end', async () => {
    await peerHasBoth();
    await bed.install(onNfs({ believed: [north] }), onSmb({ believed: [south] }));
    expect(await bed.connect(nfsPort)).toBe('answered');
    expect(await bed.connect(smbPort)).toBe('answered');
    const before = await bed.childrenOf(1);
    const others = await bed.childrenOf(2);
    await bed.install(onNfs({ believed: [north, south] }), onSmb({ believed: [north, south] }));
    const spis = (sas: typeof before) => sas.map(({ inbound }) => inbound.spi);
    expect(spis(await bed.childrenOf(1))).toEqual(spis(before));
    const told = bed.failureOf(2, async () => {
      await bed.install(onNfs({ believed: [north] }), onSmb({ believed: [north] }));
    });
    expect(await told).toMatch(/no longer|is not, or not known to be/);
    expect(spis(await bed.childrenOf(1))).toEqual(spis(before));
    await eventually('the SA of the other is gone', async () => (await bed.childrenOf(2)).length === 0);
    expect(spis(others)).toHaveLength(1);
    expect((await bed.datapath.installed()).map(({ policyUuid }) => policyUuid)).toHaveLength(2);
  });

  it('may be none: then nothing passes, and nobody comes in', async () => {
    await peerHasBoth();
    await bed.install(onNfs({ believed: [] }));
    expect(await bed.connect(nfsPort, 500)).toBe('forbidden');
    await bed.peer.initiate('north').catch(String);
    expect(await bed.childrenOf(1)).toEqual([]);
    await bed.install(onNfs());
    expect(await bed.connect(nfsPort)).toBe('answered');
    await bed.install(onNfs({ believed: [] }));
    expect((await bed.datapath.securityAssociations()).filter(isInstalled)).toEqual([]);
    // Charon no longer lists an SA some milliseconds before the kernel lets go of it; what is sent meanwhile goes into it.
    const outcomes: string[] = [];
    await eventually('the kernel refuses', async () => {
      outcomes.push(await bed.connect(nfsPort, 500));
      return outcomes.at(-1) === 'forbidden';
    });
    expect(outcomes.length).toBeLessThanOrEqual(2);
    expect(outcomes).not.toContain('answered');
  });
});

describe('policies by certificate', () => {
  it('are told apart although only their lifetimes differ', async () => {
    const { local, remote } = bed.ends;
    const common = { name: 'north', local, remote, certificate: 'north', remoteIdentity: '%any' };
    const children = [bed.child('nfs', nfsPort), bed.child('smb', smbPort)];
    await bed.peer.load(swanctlConf([{ ...common, children }], []), { own: { north: ofNorth }, authorities });
    const lifetimes = { ikeSeconds: 43_200, ipsecSeconds: 3_600, ipsecBytes: 0 };
    const alike = { believed: [north], theirName: 'CN=of north' };
    await bed.install(onNfs(alike), onSmb({ ...alike, lifetimes }));
    expect(await bed.connect(nfsPort)).toBe('answered');
    expect(await bed.connect(smbPort)).toBe('answered');
    const [[first], [second]] = await Promise.all([bed.childrenOf(1), bed.childrenOf(2)]);
    expect([first?.lifetimeSeconds, second?.lifetimeSeconds]).toEqual([28_800, 3_600]);
    expect(first?.ikeUuid).not.toBe(second?.ikeUuid);
  });
});

describe('another certificate of ours', () => {
  it('leaves SAs as they are where the policy says so, and is shown to whoever comes next', async () => {
    await peerHasBoth();
    await bed.install(onNfs({ keepsSas: true }));
    expect(await bed.connect(nfsPort)).toBe('answered');
    const before = await ikeSas();
    await bed.install(onNfs({ keepsSas: true, shown: renewed }));
    expect(await ikeSas()).toEqual(before);
    expect(await bed.datapath.installed()).toHaveLength(1);
    await bed.peer.swanctl('--terminate', '--ike', 'north');
    expect(await bed.connect(nfsPort)).toBe('answered');
    expect(await bed.onlyChildOf(1)).toMatchObject({ state: 'installed' });
    expect(await ikeSas()).not.toEqual(before);
  });

  it('otherwise brings up SAs of its own before the former end', async () => {
    await peerHasBoth();
    await bed.install(onNfs());
    expect(await bed.connect(nfsPort)).toBe('answered');
    const before = await ikeSas();
    await bed.install(onNfs({ shown: renewed }));
    expect(await ikeSas()).toHaveLength(1);
    expect(await ikeSas()).not.toEqual(before);
  });
});
