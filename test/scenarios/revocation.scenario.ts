import { X509Certificate } from 'node:crypto';
import { issueAuthority, issueHost } from '@esplanade/domain/testing/certificates';
import { issueRevocationList } from '@esplanade/domain/testing/revocation-lists';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { swanctlConf } from '../support/peer-connection.ts';
import type { Testbed } from '../support/testbed.ts';

const lists = '/api/esplanade/v1/certificate-revocation-lists';

/** The operator hears that the peer's certificate is revoked, and sends the list that says so. */
export function revocationScenario(testbed: () => Testbed): void {
  describe('a policy whose remote is revoked', () => {
    let bed: Testbed;
    let uuid: string;
    let list: string;
    const root = issueAuthority('/O=Reefs/CN=Revoking root');
    const keeper = issueHost({ subject: '/O=Reefs/CN=keeper', issuer: root });
    const { serialNumber } = new X509Certificate(keeper.certificate);
    const crl = (number: number, ...revoked: readonly string[]): string =>
      issueRevocationList({ issuer: root, number, revoked });

    beforeAll(async () => {
      bed = testbed();
      await bed.begin(
        ({ ipv4: remote }, { ipv4: local }) => {
          const children = [{ name: 'all', localTs: `${local}/32`, remoteTs: `${remote}/32` }];
          const ends = { local, remote, certificate: 'keeper', remoteIdentity: '%any' };
          return swanctlConf([{ name: 'ours', ...ends, children }], []);
        },
        { own: { keeper }, authorities: { root: root.certificate } },
      );
      await bed.operator.installCertificate('on the reef', issueHost({ subject: '/CN=ours', issuer: root }));
      await bed.operator.believe('revoking root', root.certificate);
      const { records } = await bed.operator.expect<{ records: readonly { uuid: string }[] }>(
        200,
        'GET',
        '/api/security/certificates?name=revoking%20root',
      );
      const certificate = { uuid: records[0]?.uuid };
      list = `${lists}/${certificate.uuid}`;
      await bed.operator.expect(201, 'POST', lists, { certificate, crl: crl(1) });
      uuid = await bed.operator.create({
        name: 'on the reef',
        local: bed.ours.ipv4,
        remote: bed.peer.ipv4,
        certificate: 'on the reef',
        remoteIdentity: 'ANYTHING',
      });
    });

    it('keeps what it carries while a newer list revokes others', async () => {
      await eventually(
        'pings are answered',
        async () => (await bed.traffic.ours.ping(bed.peer.ipv4, 2)) === 2,
      );
      await bed.operator.expect(200, 'PATCH', list, { crl: crl(2, '0BAD') });
      expect(await bed.traffic.ours.ping(bed.peer.ipv4, 3)).toBe(3);
      expect(await bed.operator.untilInstalled('on the reef')).toBeDefined();
    });

    it('loses its SAs to the list that names the remote, says why, and does not get them back', async () => {
      const startedMs = performance.now();
      await bed.operator.expect(200, 'PATCH', list, { crl: crl(3, '0BAD', serialNumber) });
      await eventually(
        'no SA is left',
        async () => (await bed.operator.installed('on the reef')).length === 0,
      );
      console.info(`a revoked remote lost its SAs after ${Math.round(performance.now() - startedMs)} ms`);
      await eventually('the policy says why', async () =>
        /certificate was revoked on/.test((await bed.operator.status(uuid)).last_failure ?? ''),
      );
      expect(await bed.traffic.ours.ping(bed.peer.ipv4, 2)).toBe(0);
    });
  });
}
