import { X509Certificate } from 'node:crypto';
import { issueAuthority, issueHost } from '@esplanade/domain/testing/certificates';
import { issueRevocationList } from '@esplanade/domain/testing/revocation-lists';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import { swanctlConf } from '../../../../test/support/peer-connection.ts';
import { type CertificateChoices, certificateEntry } from './testing/certificate-entries.ts';
import { DriverBesidePeer, isInstalled, nfsPort } from './testing/driver-beside-peer.ts';

const root = issueAuthority('/O=Lighthouses/CN=Root');
const shown = issueHost({ subject: '/O=Lighthouses/CN=ours', issuer: root });
const keeper = issueHost({ subject: '/O=Lighthouses/CN=keeper', issuer: root });
const { serialNumber } = new X509Certificate(keeper.certificate);

let bed: DriverBesidePeer;
beforeAll(async () => {
  bed = await DriverBesidePeer.start();
  const { local, remote } = bed.ends;
  const children = [bed.child('all')];
  await bed.peer.load(
    swanctlConf([{ name: 'ours', local, remote, certificate: 'own', remoteIdentity: '%any', children }], []),
    { own: { own: keeper }, authorities: { root: root.certificate } },
  );
});
afterAll(() => bed?.stop());

function policy(choices: Partial<CertificateChoices> = {}) {
  return certificateEntry(1, { shown, believed: [root], ...choices });
}

function list(number: number, ...revoked: readonly string[]): string {
  return issueRevocationList({ issuer: root, number, revoked });
}

const isUp = async (): Promise<boolean> => (await bed.datapath.securityAssociations()).some(isInstalled);

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
    await bed.install(policy({ revocation: 'strict', lists: [list(2)] }));
    expect(await bed.connect(nfsPort)).toBe('answered');
    const [before] = await bed.establishedIkeSas();
    await bed.install(policy({ revocation: 'strict', lists: [list(3, '0A')] }));
    await eventually('another IKE SA has taken over', async () => {
      const [ike, ...more] = await bed.establishedIkeSas();
      return more.length === 0 && ike !== undefined && ike.uuid !== before?.uuid;
    });
    expect(await isUp()).toBe(true);
    const revoking = policy({ revocation: 'strict', lists: [list(4, '0A', serialNumber)] });
    expect(await bed.failureOf(1, () => bed.install(revoking))).toMatch(/certificate was revoked on/);
    await eventually('no SA is left', async () => (await bed.establishedIkeSas()).length === 0);
    expect(await bed.connect(nfsPort, 500)).not.toBe('answered');
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
});
