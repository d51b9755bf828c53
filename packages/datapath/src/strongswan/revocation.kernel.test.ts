import { X509Certificate } from 'node:crypto';
import { issueAuthority, issueHost } from '@esplanade/domain/testing/certificates';
import { derOfPem, issueRevocationList } from '@esplanade/domain/testing/revocation-lists';
import { ViciClient } from '@esplanade/vici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import { swanctlConf } from '../../../../test/support/peer-connection.ts';
import type { DatapathEntry } from '../datapath.ts';
import { type CertificateChoices, certificateEntry } from './testing/certificate-entries.ts';
import { openDriver } from './testing/conformance-harness.ts';
import { DriverBesidePeer, isInstalled, nfsPort } from './testing/driver-beside-peer.ts';
import { settings } from './testing/entries.ts';

const root = issueAuthority('/O=Lighthouses/CN=Root');
const shown = issueHost({ subject: '/O=Lighthouses/CN=ours', issuer: root });
const keeper = issueHost({ subject: '/O=Lighthouses/CN=keeper', issuer: root });
const neighbour = issueHost({ subject: '/O=Lighthouses/CN=neighbour', issuer: root });
const other = issueAuthority('/O=Lighthouses/CN=Other');
const renewed = issueHost({ subject: '/O=Lighthouses/CN=ours', issuer: root });
const { serialNumber } = new X509Certificate(keeper.certificate);
/** The address of another peer, which has the same host. */
const neighbourAddress = '10.9.0.22';

let bed: DriverBesidePeer;
beforeAll(async () => {
  bed = await DriverBesidePeer.start();
  const { network, answering } = bed;
  await network.addAddress(network.hosts.peer, `${neighbourAddress}/24`);
  await answering.echo('tcp', neighbourAddress, nfsPort);
  const { local, remote } = bed.ends;
  const ends = { remote, remoteIdentity: '%any' };
  const children = [bed.child('all')];
  const besides = [{ name: 'beside', localTs: `${neighbourAddress}/32`, remoteTs: `${remote}/32` }];
  await bed.peer.load(
    swanctlConf(
      [
        { ...ends, name: 'ours', local, certificate: 'own', children },
        { ...ends, name: 'neighbours', local: neighbourAddress, certificate: 'beside', children: besides },
      ],
      [],
    ),
    { own: { own: keeper, beside: neighbour }, authorities: { root: root.certificate } },
  );
});
afterAll(() => bed?.stop());

function policy(choices: Partial<CertificateChoices> = {}) {
  return certificateEntry(1, { shown, believed: [root], ...choices });
}

/** Of the other peer. */
function policyBeside(...lists: readonly string[]) {
  return certificateEntry(2, {
    shown,
    believed: [root],
    remote: neighbourAddress,
    revocation: 'strict',
    lists,
  });
}

function list(number: number, ...revoked: readonly string[]): string {
  return issueRevocationList({ issuer: root, number, revoked });
}

const isUp = async (): Promise<boolean> => (await bed.datapath.securityAssociations()).some(isInstalled);

const ikeSas = async () =>
  (await bed.datapath.securityAssociations()).filter((sa) => sa.kind === 'ike' && sa.state !== 'connecting');

function connectBeside() {
  const { ipv4: source } = bed.network.hosts.ours;
  const destination = neighbourAddress;
  return bed.traffic.connect({ source, destination, port: nfsPort, timeoutMilliseconds: 5_000 });
}

async function installAll(...entries: readonly DatapathEntry[]): Promise<void> {
  for (const failure of (await bed.datapath.installAll(entries, settings)).values()) throw failure;
}

/** Charon knows no list any more. */
async function startAnew(): Promise<void> {
  await bed.clear();
  await bed.daemons.charon.restart();
  await eventually('the driver is connected', () =>
    bed.datapath.installed().then(
      () => true,
      () => false,
    ),
  );
}

async function upWith(choices: Partial<CertificateChoices>): Promise<void> {
  await bed.install(policy(choices));
  expect(await bed.connect(nfsPort)).toBe('answered');
}

// In this order: of each CA charon keeps the list with the highest number, until it ends.
describe('a revocation list', () => {
  it('is needed by a strict policy, and by no other', async () => {
    await bed.install(policy());
    expect(await bed.connect(nfsPort)).toBe('answered');
    await bed.clear();
    await bed.install(policy({ revocation: 'strict' }));
    expect
      .soft(await bed.failureOf(1, () => bed.connect(nfsPort, 500)))
      .toMatch(/no current revocation list of its CA/);
    await bed.install(policy({ revocation: 'strict', lists: [list(1)] }));
    // The kernel asks for no other SA until the one that did not come has expired.
    await eventually('it comes up', async () => (await bed.connect(nfsPort, 1_000)) === 'answered');
  });

  it('that revokes the certificate of a live peer takes its SAs down, and those of nobody else', async () => {
    await bed.install(policy({ revocation: 'strict', lists: [list(2)] }), policyBeside(list(2)));
    expect(await bed.connect(nfsPort)).toBe('answered');
    expect(await connectBeside()).toBe('answered');
    const before = await ikeSas();
    await installAll(policy({ revocation: 'strict', lists: [list(3, '0A')] }), policyBeside(list(3, '0A')));
    await eventually('other IKE SAs have taken over', async () => {
      const now = await ikeSas();
      return now.length === 2 && now.every(({ uuid }) => before.every((former) => former.uuid !== uuid));
    });
    expect([(await bed.childrenOf(1)).length, (await bed.childrenOf(2)).length]).toEqual([1, 1]);
    const newest = list(4, '0A', serialNumber);
    const revoking = [policy({ revocation: 'strict', lists: [newest] }), policyBeside(newest)] as const;
    expect(await bed.failureOf(1, () => installAll(...revoking))).toMatch(/certificate was revoked on/);
    await eventually('no SA of it is left', async () =>
      (await ikeSas()).every(({ remoteAddress }) => remoteAddress === neighbourAddress),
    );
    expect(await bed.connect(nfsPort, 500)).not.toBe('answered');
    expect((await bed.childrenOf(2)).length).toBe(1);
    expect(await connectBeside()).toBe('answered');
  });

  it('lets a revoked peer in no more when that begins', async () => {
    const begin = () => expect(bed.peer.initiate('all')).rejects.toThrow(/AUTH_FAILED/);
    expect(await bed.failureOf(1, begin)).toMatch(/certificate was revoked on/);
    await eventually('no SA of it is left', async () => (await bed.childrenOf(1)).length === 0);
    expect(await connectBeside()).toBe('answered');
  });

  it('is loaded again after a restart of charon, and lets nobody in whom it names', async () => {
    const revoking = policy({ lists: [list(5, serialNumber)] });
    await bed.daemons.charon.restart();
    await eventually('the driver is connected and has installed it', async () =>
      bed.install(revoking).then(
        () => true,
        () => false,
      ),
    );
    expect(await bed.failureOf(1, () => bed.connect(nfsPort, 500))).toMatch(/certificate was revoked on/);
    expect(await isUp()).toBe(false);
  });

  it('ends SAs that came up before another CA was trusted', async () => {
    await startAnew();
    await upWith({ lists: [list(10)] });
    const believed = [root, other];
    await bed.install(policy({ believed, lists: [list(10)] }));
    const before = await bed.onlyChildOf(1);
    await bed.install(policy({ believed, lists: [list(11, '0A')] }));
    await eventually('an SA of the new form has taken over', async () => {
      const [child, ...more] = await bed.childrenOf(1);
      return child !== undefined && child.uuid !== before.uuid && more.length === 0;
    });
    await bed.install(policy({ believed, lists: [list(12, '0A', serialNumber)] }));
    await eventually('no SA is left', async () => (await ikeSas()).length === 0);
  });

  it('ends SAs that outlived our certificate', async () => {
    await startAnew();
    await upWith({ keepsSas: true, lists: [list(20)] });
    await bed.install(policy({ keepsSas: true, shown: renewed, lists: [list(20)] }));
    expect(await isUp()).toBe(true);
    await bed.install(policy({ keepsSas: true, shown: renewed, lists: [list(21, serialNumber)] }));
    await eventually('no SA is left', async () => (await ikeSas()).length === 0);
  });

  it('ends SAs although whoever loaded it ended before it could', async () => {
    await startAnew();
    await upWith({ lists: [list(30)] });
    const newest = list(31, serialNumber);
    const vici = new ViciClient({ path: bed.daemons.charon.socket });
    await vici.request('load-cert', { type: 'X509_CRL', flag: 'NONE', data: Buffer.from(derOfPem(newest)) });
    await vici.request('flush-certs', { type: 'X509_CRL' });
    vici.close();
    const again = openDriver(bed.daemons);
    try {
      await again.installAll([policy({ lists: [newest] })], settings);
      await eventually('no SA is left', async () => (await ikeSas()).length === 0);
    } finally {
      await again.close();
    }
  });
});

describe('the removal of a policy', () => {
  it('leaves no IKE SA of a form before the last', async () => {
    await startAnew();
    await upWith({});
    await bed.install(policy({ believed: [root, other] }));
    expect(await isUp()).toBe(true);
    await bed.clear();
  });
});
