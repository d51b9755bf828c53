import { X509Certificate } from 'node:crypto';
import { issueAuthority, issueHost } from '@esplanade/domain/testing/certificates';
import { issueRevocationList } from '@esplanade/domain/testing/revocation-lists';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import { swanctlConf } from '../../../../test/support/peer-connection.ts';
import { type CertificateChoices, certificateEntry } from './testing/certificate-entries.ts';
import { DriverBesidePeer, isInstalled, nfsPort } from './testing/driver-beside-peer.ts';

const ours = (issuer: ReturnType<typeof issueAuthority>) =>
  issueHost({ subject: '/O=Lighthouses/CN=ours', issuer });
const theirs = (issuer: ReturnType<typeof issueAuthority>) =>
  issueHost({ subject: '/O=Lighthouses/CN=keeper', issuer });

let bed: DriverBesidePeer;
beforeAll(async () => {
  bed = await DriverBesidePeer.start();
});
afterAll(() => bed?.stop());
afterEach(() => bed.clear());

/** A CA of its own, because charon keeps a list for good; the peer has a certificate of it. */
async function fixture() {
  const root = issueAuthority('/O=Lighthouses/CN=Root');
  const shown = ours(root);
  const keeper = theirs(root);
  const { local, remote } = bed.ends;
  const children = [bed.child('all')];
  await bed.peer.load(
    swanctlConf([{ name: 'ours', local, remote, certificate: 'own', remoteIdentity: '%any', children }], []),
    { own: { own: keeper }, authorities: { root: root.certificate } },
  );
  const { serialNumber } = new X509Certificate(keeper.certificate);
  const list = (number: number, ...revoked: readonly string[]) =>
    issueRevocationList({ issuer: root, number, revoked });
  const policy = (choices: Partial<CertificateChoices> = {}) =>
    certificateEntry(1, { shown, believed: [root], ...choices });
  return { serialNumber, list, policy };
}

const isUp = async (): Promise<boolean> => (await bed.datapath.securityAssociations()).some(isInstalled);

describe('a revocation list', () => {
  it('lets in whom it does not name, and nobody whom it does, and the policy says why', async () => {
    const { serialNumber, list, policy } = await fixture();
    await bed.install(policy({ lists: [list(1, '0A')] }));
    expect(await bed.connect(nfsPort)).toBe('answered');
    await bed.clear();
    await bed.install(policy({ lists: [list(2, '0A', serialNumber)] }));
    expect
      .soft(await bed.failureOf(1, () => bed.connect(nfsPort, 500)))
      .toMatch(/certificate was revoked on/);
    expect(await isUp()).toBe(false);
  });

  it('is needed by a strict policy, and by no other', async () => {
    const { list, policy } = await fixture();
    await bed.install(policy());
    expect(await bed.connect(nfsPort)).toBe('answered');
    await bed.clear();
    await bed.install(policy({ revocation: 'strict' }));
    expect
      .soft(await bed.failureOf(1, () => bed.connect(nfsPort, 500)))
      .toMatch(/no current revocation list of its CA/);
    await bed.install(policy({ revocation: 'strict', lists: [list(1)] }));
    expect(await bed.connect(nfsPort)).toBe('answered');
  });

  it('that revokes the certificate of a live peer takes its SAs down, and those of nobody else', async () => {
    const { serialNumber, list, policy } = await fixture();
    await bed.install(policy({ lists: [list(1)] }));
    expect(await bed.connect(nfsPort)).toBe('answered');
    const [before] = await bed.establishedIkeSas();
    await bed.install(policy({ lists: [list(2, '0A')] }));
    const after = await eventually('another IKE SA has taken over', async () => {
      const [ike, ...more] = await bed.establishedIkeSas();
      return more.length === 0 && ike?.uuid !== before?.uuid && ike;
    });
    expect(after).toBeDefined();
    expect(await isUp()).toBe(true);
    const reason = await bed.failureOf(1, () =>
      bed.install(policy({ lists: [list(3, '0A', serialNumber)] })),
    );
    expect(reason).toMatch(/certificate was revoked on/);
    await eventually('no SA is left', async () => (await bed.establishedIkeSas()).length === 0);
    expect(await bed.connect(nfsPort, 500)).not.toBe('answered');
  });

  it('is loaded again after a restart of charon', async () => {
    const { serialNumber, list, policy } = await fixture();
    const revoking = policy({ lists: [list(1, serialNumber)] });
    await bed.install(revoking);
    await bed.daemons.charon.restart();
    await eventually('the driver is connected', async () =>
      bed.install(revoking).then(
        () => true,
        () => false,
      ),
    );
    expect(await bed.failureOf(1, () => bed.connect(nfsPort, 500))).toMatch(/certificate was revoked on/);
  });
});
