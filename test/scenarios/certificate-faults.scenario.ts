import { type IssuedCertificate, issueAuthority, issueHost } from '@esplanade/domain/testing/certificates';
import { beforeAll, describe, expect, it } from 'vitest';
import { swanctlConf } from '../support/peer-connection.ts';
import type { Testbed } from '../support/testbed.ts';

const dayMs = 86_400_000;
const name = 'O=Lighthouses, CN=Faults root';
const root = issueAuthority('/O=Lighthouses/CN=Faults root');
const namesake = issueAuthority('/O=Lighthouses/CN=Faults root');
const stranger = issueAuthority('/O=Reefs/CN=Faults root');
/** Names of its own for each fault: charon also tries what it remembers of former certificates of a name. */
const names = (who: string) => ({
  subject: `/O=Lighthouses/CN=${who}`,
  alternatives: [`DNS:${who}.example`],
});
const fromNow = (days: number) => new Date(Date.now() + days * dayMs);

interface Fault {
  readonly certificate: IssuedCertificate;
  readonly identity: string;
  /** Whom the policy expects, where it is somebody else. */
  readonly expected?: string;
  readonly reason: RegExp;
}

const faults: Readonly<Record<string, Fault>> = {
  'has an expired certificate': {
    certificate: issueHost({
      ...names('expired'),
      issuer: root,
      notBefore: fromNow(-3),
      notAfter: fromNow(-1),
    }),
    identity: 'expired.example',
    reason: /remote's certificate has expired/,
  },
  'has one that is not valid yet': {
    certificate: issueHost({ ...names('early'), issuer: root, notBefore: fromNow(1), notAfter: fromNow(3) }),
    identity: 'early.example',
    reason: /remote's certificate is not valid yet/,
  },
  'has one of an unknown CA': {
    certificate: issueHost({ ...names('unknown'), issuer: stranger }),
    identity: 'unknown.example',
    reason: /issued by "O=Reefs, CN=Faults root", which the policy does not trust/,
  },
  'has another key, certified by a CA of the same name': {
    certificate: issueHost({ ...names('namesake'), issuer: namesake }),
    identity: 'namesake.example',
    reason: new RegExp(`issued by "${name}", which the policy does not trust`),
  },
  'has another identity': {
    certificate: issueHost({ ...names('stranger'), issuer: root }),
    identity: 'stranger.example',
    expected: 'keeper.example',
    reason: /has not the identity that we ask it for|another identity than remote_identity|no policy expects/,
  },
};
const starters = ['we', 'the remote'] as const;
const rows = Object.keys(faults).flatMap((fault) => starters.map((starter) => ({ fault, starter })));

/** The operator reads in the policy's state why a remote cannot prove itself by its certificate, whoever begins. */
export function certificateFaultsScenario(testbed: () => Testbed): void {
  describe('a policy by certificate whose remote', () => {
    let bed: Testbed;

    beforeAll(async () => {
      bed = testbed();
      const alternatives = ['DNS:ours.example'];
      const ours = issueHost({ subject: '/CN=faults', issuer: root, alternatives });
      await bed.operator.installCertificate('faults', ours);
      await bed.operator.believe('faults-root', root.certificate);
    });

    it.each(rows)('$fault has no SA and says so when $starter begin(s)', async ({ fault, starter }) => {
      const { certificate, identity, expected = identity, reason } = faults[fault] ?? expect.fail(fault);
      await bed.begin(
        (ours, peer) =>
          swanctlConf(
            [
              {
                name: 'ours',
                local: peer.ipv4,
                remote: ours.ipv4,
                certificate: 'own',
                localIdentity: identity,
                remoteIdentity: 'ours.example',
                children: [
                  { name: 'all', localTs: `${peer.ipv4}/32[icmp]`, remoteTs: `${ours.ipv4}/32[icmp]` },
                ],
              },
            ],
            [],
          ),
        { own: { own: certificate }, authorities: { root: root.certificate } },
      );
      const uuid = await bed.operator.create({
        name: 'faults',
        local: bed.ours.ipv4,
        remote: bed.peer.ipv4,
        protocol: 'icmp',
        certificate: 'faults',
        localIdentity: 'ours.example',
        remoteIdentity: expected,
      });
      if (starter === 'we') expect(await bed.traffic.ours.ping(bed.peer.ipv4, 1)).toBe(0);
      else await bed.stock.initiate('all').catch((error: unknown) => error);
      const { last_failure: why } = await bed.operator.until(
        uuid,
        (status) => status.last_failure !== undefined,
      );
      expect(why).toMatch(reason);
      expect(why).toContain(`The remote is ${bed.peer.ipv4}.`);
      expect(await bed.operator.installed('faults')).toEqual([]);
    });
  });
}
