import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueCertificate, requestCertificate } from '@esplanade/domain/testing/certificates';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Esplanade } from '../support/esplanade.ts';
import { Operator } from '../support/operator.ts';
import { AnsibleUser, changedBy, type PlaybookRun, type TwoRuns, taskOf } from './playbook.ts';
import { requestLogFlags, writesOf } from './request-log.ts';

/** The desired state as REST gives it back. */
interface Desired {
  readonly certificates: unknown;
  readonly trusted: unknown;
  readonly policies: unknown;
}

const certificates = '/api/security/certificates';
const trusted = '/api/security/ipsec/ca-certificates';
const policies = '/api/security/ipsec/policies';

const ca = issueCertificate({ subject: '/CN=coast', isCa: true });
const host = issueCertificate({ subject: '/CN=keeper', issuer: ca });
const variables = {
  ca_certificate: ca.certificate,
  host_certificate: host.certificate,
  host_key: host.key,
  other_key: ca.key,
  signing_request: requestCertificate({ subject: '/CN=archive' }).request,
};
const otherWishes = { ...variables, archive_certificate: 'spare', archive_identity: 'CN=archive2' };

describe("NetApp's modules for certificates", () => {
  let directory: string;
  let server: Esplanade;
  let check: PlaybookRun;
  let creation: TwoRuns;
  let change: TwoRuns;
  let cluster: PlaybookRun;
  let removal: TwoRuns;
  let after: Record<'check' | 'creation' | 'change' | 'cluster' | 'removal', Desired>;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-ansible-certificates-'));
    server = await Esplanade.start({
      dataDirectory: join(directory, 'data'),
      flags: ['--datapath', 'simulated', ...requestLogFlags],
    });
    const user = await AnsibleUser.create(server, directory);
    const operator = new Operator(server);
    const read = async (): Promise<Desired> => ({
      certificates: await operator.expect(200, 'GET', `${certificates}?fields=*&order_by=name`),
      trusted: await operator.expect(200, 'GET', `${trusted}?fields=*`),
      policies: await operator.expect(200, 'GET', `${policies}?fields=*`),
    });
    check = await user.play('certificates.yml', { variables, isCheck: true });
    const afterCheck = await read();
    creation = await user.playTwice('certificates.yml', { variables });
    const afterCreation = await read();
    change = await user.playTwice('certificates.yml', { variables: otherWishes, tag: 'policy' });
    const afterChange = await read();
    cluster = await user.play('cluster-certificates.yml', { variables });
    const afterCluster = await read();
    removal = await user.playTwice('no-certificates.yml');
    after = {
      check: afterCheck,
      creation: afterCreation,
      change: afterChange,
      cluster: afterCluster,
      removal: await read(),
    };
  }, 400_000);

  afterAll(async () => {
    await server?.stop();
    await rm(directory, { recursive: true });
  });

  it('say in check mode what they would create, and write nothing', () => {
    expect(changedBy(check)).toEqual([
      'The CA is installed',
      "The host's certificate is installed",
      'A spare certificate is generated',
      'The archive is protected with certificates',
    ]);
    expect(taskOf(check, 'IPsec trusts the CA')).toMatchObject({
      failed: true,
      message: 'Error: certificate coast is not installed in svm1',
    });
    expect(writesOf(check.requests)).toEqual([]);
    expect(after.check).toMatchObject({
      certificates: { num_records: 0 },
      trusted: { num_records: 0 },
      policies: { num_records: 0 },
    });
  });

  it('install, generate, trust and show certificates', () => {
    expect(changedBy(creation.first)).toEqual(creation.first.tasks.map(({ name }) => name));
    expect(writesOf(creation.first.requests)).toEqual([
      `POST ${certificates} 201`,
      `POST ${trusted} 201`,
      `POST ${certificates} 201`,
      `POST ${certificates} 201`,
      `POST ${policies} 201`,
    ]);
  });

  it('are given back what they asked for', () => {
    expect(after.creation.certificates).toMatchObject({
      records: [
        { name: 'coast', svm: { name: 'svm1' }, type: 'server_ca', common_name: 'coast', ca: 'coast' },
        {
          name: 'keeper',
          type: 'server',
          common_name: 'keeper',
          ca: 'coast',
          public_certificate: host.certificate,
          intermediate_certificates: [ca.certificate],
        },
        {
          name: 'spare',
          type: 'server',
          common_name: 'spare.example.net',
          ca: 'spare.example.net',
          key_size: 2048,
        },
      ],
    });
    expect(after.creation.trusted).toMatchObject({ num_records: 1, records: [{ svm: { name: 'svm1' } }] });
    expect(after.creation.policies).toMatchObject({
      records: [
        {
          name: 'archive',
          authentication_method: 'pki',
          certificate: { name: 'keeper' },
          local_identity: 'CN=keeper',
          remote_identity: 'CN=archive',
        },
      ],
    });
    expect(JSON.stringify([after, check, creation, cluster])).not.toContain('PRIVATE KEY');
  });

  it('let a policy show another certificate', () => {
    expect(changedBy(change.first)).toEqual(['The archive is protected with certificates']);
    expect(writesOf(change.first.requests)).toEqual([`PATCH ${policies}/UUID 200`]);
    expect(after.change.policies).toMatchObject({
      records: [{ certificate: { name: 'spare' }, remote_identity: 'CN=archive2' }],
    });
  });

  it('create, trust and delete certificates of the cluster', () => {
    expect(changedBy(cluster)).toEqual([
      'Generate a CA',
      'Have it sign',
      'See whether it would be trusted',
      'Trust it',
      'See whether it would be deleted',
      'Trust it no more',
      'Delete it',
    ]);
    expect(writesOf(cluster.requests)).toEqual([
      `POST ${certificates} 201`,
      `POST ${certificates}/UUID/sign 200`,
      `POST ${trusted} 201`,
      `DELETE ${certificates}/UUID 409`,
      `DELETE ${trusted}/UUID 200`,
      `DELETE ${certificates}/UUID 200`,
      `POST ${certificates} 409`,
      `POST ${certificates} 400`,
      `POST ${policies} 400`,
    ]);
    expect(after.cluster).toEqual(after.change);
  });

  it('have a CA sign, and return what it signed', () => {
    const { ontap_info } = taskOf(cluster, 'Have it sign').returned;
    expect(ontap_info).toEqual({ public_certificate: expect.any(String) });
    const { public_certificate } = ontap_info as { readonly public_certificate: string };
    const { subject, issuer } = new X509Certificate(public_certificate);
    expect({ subject, issuer }).toEqual({ subject: 'CN=archive', issuer: 'CN=authority' });
  });

  it.for([
    ['Delete it while it is trusted', /"authority" is used by IPsec.*'code': '52560272'/],
    [
      'Install a certificate once more, under another name',
      /duplicate entry\. {2}Same certificate.*'code': '1'/,
    ],
    ["Install a certificate with somebody else's key", /not the key.*'52559976', 'target': 'private_key'/],
    ['Trust a certificate that is not installed', /certificate absent is not installed in svm1/],
    [
      'Show a certificate that is not there',
      /no certificate "absent".*'66257135', 'target': 'certificate\.name'/,
    ],
  ] as const)('say why not: %s', ([name, words]) => {
    expect(taskOf(cluster, name)).toMatchObject({ failed: true, changed: false });
    expect(taskOf(cluster, name).message).toMatch(words);
  });

  it('delete', () => {
    expect(changedBy(removal.first)).toEqual(removal.first.tasks.map(({ name }) => name));
    expect(writesOf(removal.first.requests)).toEqual([
      `DELETE ${policies}/UUID 200`,
      `DELETE ${trusted}/UUID 200`,
      ...Array<string>(3).fill(`DELETE ${certificates}/UUID 200`),
    ]);
    expect(after.removal).toEqual(after.check);
  });

  it('find nothing to do in a second run, and send only GETs', () => {
    for (const { second } of [creation, change, removal]) {
      expect(changedBy(second)).toEqual([]);
      expect(second.requests.length).toBeGreaterThan(1);
      expect(writesOf(second.requests)).toEqual([]);
    }
  });
});
