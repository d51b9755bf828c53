import { issueAuthority, issueHost } from '@esplanade/domain/testing/certificates';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { swanctlConf } from '../support/peer-connection.ts';
import type { Testbed } from '../support/testbed.ts';

const isFull = process.env['ESPLANADE_CAMPAIGN'] === 'full';

/** The operator installs certificates and CAs, and reads what becomes of the policies that rest on them. */
export function certificatesScenario(testbed: () => Testbed): void {
  describe('a policy by certificate', () => {
    let bed: Testbed;
    let uuid: string;
    const root = issueAuthority('/O=Lighthouses/CN=Scenario root');
    const keeper = issueHost({
      subject: '/O=Lighthouses/CN=keeper',
      issuer: root,
      alternatives: ['DNS:keeper.example'],
    });
    const caUuid = async (): Promise<string> => {
      const path = '/api/security/ipsec/ca-certificates';
      const { records } = await bed.operator.expect<{
        records: readonly { certificate: { uuid: string } }[];
      }>(200, 'GET', path);
      return records[0]?.certificate.uuid ?? '';
    };

    beforeAll(async () => {
      bed = testbed();
      const connection = (local: string, remote: string) => ({
        name: 'ours',
        local,
        remote,
        certificate: 'keeper',
        localIdentity: 'keeper.example',
        remoteIdentity: 'ours.example',
        children: [{ name: 'all', localTs: `${local}/32`, remoteTs: `${remote}/32` }],
      });
      await bed.begin((ours, peer) => swanctlConf([connection(peer.ipv4, ours.ipv4)], []), {
        own: { keeper },
        authorities: { root: root.certificate },
      });
      await bed.operator.installCertificate(
        'ours',
        issueHost({ subject: '/CN=ours', issuer: root, alternatives: ['DNS:ours.example'] }),
      );
      uuid = await bed.operator.create({
        name: 'certified',
        local: bed.ours.ipv4,
        remote: bed.peer.ipv4,
        certificate: 'ours',
        localIdentity: 'ours.example',
        remoteIdentity: '*.example',
      });
    });

    it('lets nothing pass and nobody in while no CA is trusted, and says what to send', async () => {
      const { state, last_failure: why } = await bed.operator.status(uuid);
      expect(state).toBe('applied');
      expect(why).toMatch(/SVM "svm1" trusts no CA.* POST \/api\/security\/ipsec\/ca-certificates/);
      expect(await bed.traffic.ours.ping(bed.peer.ipv4, 1)).toBe(0);
    });

    it('comes up once the CA is trusted, and the SA says how the remote proved who it is', async () => {
      await bed.operator.believe('root', root.certificate);
      expect((await bed.operator.status(uuid)).last_failure).toBeUndefined();
      await eventually(
        'pings are answered',
        async () => (await bed.traffic.ours.ping(bed.peer.ipv4, 2)) === 2,
      );
      await bed.operator.untilInstalled('certified');
      expect(await bed.operator.installed('certified')).toHaveLength(1);
      const { records } = await bed.operator.sas();
      const ike = records.find(({ type }) => type === 'ike');
      expect(ike?.ike).toMatchObject({ state: 'established', authentication: 'cert' });
    });

    it.runIf(isFull)('is not touched by a restart of the server', async () => {
      const [before] = await bed.operator.installed('certified');
      await bed.restartServer();
      const after = await bed.operator.untilInstalled('certified');
      expect(after.uuid).toBe(before?.uuid);
    });

    it('loses its SAs with the CA, says so, and keeps its certificate from being deleted', async () => {
      await bed.operator.expect(200, 'DELETE', `/api/security/ipsec/ca-certificates/${await caUuid()}`);
      await eventually('no SA is left', async () => (await bed.operator.installed('certified')).length === 0);
      expect((await bed.operator.status(uuid)).last_failure).toMatch(/trusts no CA/);
      expect(await bed.traffic.ours.ping(bed.peer.ipv4, 1)).toBe(0);
      const path = '/api/security/certificates?name=ours';
      const { error } = await bed.operator.expect<{ error: { code: string; message: string } }>(
        409,
        'DELETE',
        path,
      );
      expect(error).toMatchObject({ code: '52560272', message: expect.stringContaining('"certified"') });
    });
  });
}
