import { randomUUID } from 'node:crypto';
import {
  type Certificate,
  checkInstallation,
  type PolicyScope,
  parseRevocationList,
} from '@esplanade/domain';
import { type IssuedCertificate, issueCertificate } from '@esplanade/domain/testing/certificates';
import { issueRevocationList } from '@esplanade/domain/testing/revocation-lists';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Opened, openFixture, svmOf } from './desired-state.fixture.ts';
import type { WriteResult } from './desired-state.ts';
import { mostListsPerSvm } from './revocation-refusal-kinds.ts';

const cluster: PolicyScope = { kind: 'cluster' };
const url = 'http://pki.example.org/coast.crl';
const ofCa = ['basicConstraints=critical,CA:TRUE'];

let coast: IssuedCertificate;
let sameName: IssuedCertificate;
let sameKeyId: IssuedCertificate;
beforeAll(() => {
  const extensions = [...ofCa, 'subjectKeyIdentifier=0102030405'];
  coast = issueCertificate({ subject: '/CN=coast', extensions });
  sameName = issueCertificate({ subject: '/CN=COAST', extensions: [...ofCa, 'subjectKeyIdentifier=hash'] });
  sameKeyId = issueCertificate({ subject: '/CN=bay', extensions });
});

function ofSvm({ desired }: Opened): PolicyScope {
  const { uuid, name } = svmOf(desired.snapshot());
  return { kind: 'svm', svm: { uuid, name } };
}

async function anotherSvm({ desired }: Opened, ipspaceUuid: string): Promise<PolicyScope> {
  const svm = { uuid: randomUUID(), name: `svm ${randomUUID()}` };
  await desired.createSvm({ ...svm, ipspace: { uuid: ipspaceUuid, name: '' } });
  return { kind: 'svm', svm };
}

async function installed(
  { desired }: Opened,
  ca: IssuedCertificate,
  scope: PolicyScope,
): Promise<Certificate> {
  const checked = checkInstallation(
    { type: 'server_ca', publicCertificate: ca.certificate },
    { nowMs: Date.now(), fingerprint: () => '' },
  );
  if (checked.kind === 'invalid') throw new Error(JSON.stringify(checked.problems));
  const uuid = randomUUID();
  const certificate = { ...checked.value, uuid, name: uuid, scope };
  expect(await desired.createCertificate(certificate)).toMatchObject({ kind: 'written' });
  return certificate;
}

function listOf(issuer: IssuedCertificate, { content }: Certificate, number: number) {
  const text = issueRevocationList({ issuer, number });
  const parsed = parseRevocationList(text, { ca: content, nowMs: Date.now() });
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

const written = { kind: 'written' };
const refusedElsewhere = {
  kind: 'refused',
  problem: {
    target: 'certificate.uuid',
    message: expect.stringMatching(/A CA with another key .* outside this SVM/),
  },
};

describe('a CA with the name or the key identifier of another one', () => {
  it('is neither trusted nor has it a list where another owner of the IPspace has that one', async () => {
    const opened = await openFixture();
    const { desired } = opened;
    const first = await installed(opened, coast, cluster);
    expect(await desired.createIpsecCaCertificates(first.uuid)).toMatchObject(written);
    for (const other of [sameName, sameKeyId]) {
      const { uuid } = await installed(opened, other, ofSvm(opened));
      expect(await desired.createIpsecCaCertificates(uuid)).toMatchObject(refusedElsewhere);
      expect(await desired.createRevocationList({ certificateUuid: uuid, url })).toMatchObject(
        refusedElsewhere,
      );
    }
    const same = await installed(opened, coast, ofSvm(opened));
    expect(await desired.createIpsecCaCertificates(same.uuid)).toMatchObject(written);
    expect(await desired.deleteIpsecCaCertificates(first.uuid, same.uuid)).toMatchObject(written);
    const late = await installed(opened, sameName, cluster);
    expect(await desired.createRevocationList({ certificateUuid: late.uuid, url })).toMatchObject(written);
    expect(await desired.createIpsecCaCertificates(same.uuid)).toMatchObject(refusedElsewhere);
  });

  it('is free in another IPspace', async () => {
    const opened = await openFixture();
    const { desired } = opened;
    const ipspace = { uuid: randomUUID(), name: 'other' };
    expect(await desired.createIpspace(ipspace)).toMatchObject(written);
    const first = await installed(opened, coast, ofSvm(opened));
    const second = await installed(opened, sameName, await anotherSvm(opened, ipspace.uuid));
    expect(await desired.createIpsecCaCertificates(first.uuid)).toMatchObject(written);
    expect(await desired.createIpsecCaCertificates(second.uuid)).toMatchObject(written);
  });

  it('is refused to one of two owners who bring them in at the same moment', async () => {
    const opened = await openFixture();
    const { desired } = opened;
    const first = await installed(opened, coast, cluster);
    for (const other of [sameName, sameKeyId]) {
      const second = await installed(opened, other, ofSvm(opened));
      const results: readonly WriteResult[] = await Promise.all([
        desired.createIpsecCaCertificates(first.uuid),
        desired.createRevocationList({ certificateUuid: second.uuid, url }),
      ]);
      expect(results.map(({ kind }) => kind).sort()).toEqual(['refused', 'written']);
      await desired.deleteIpsecCaCertificates(first.uuid);
      await desired.deleteRevocationList(second.uuid);
    }
  });

  it('may be trusted beside it by the same owner, who can have the list of one in force', async () => {
    const opened = await openFixture();
    const { desired } = opened;
    const before = await installed(opened, coast, cluster);
    const renewed = await installed(opened, sameName, cluster);
    expect(await desired.createIpsecCaCertificates(before.uuid, renewed.uuid)).toMatchObject(written);
    const record = { certificateUuid: before.uuid, url, list: listOf(coast, before, 1) };
    expect(await desired.createRevocationList(record)).toMatchObject(written);
    const list = listOf(sameName, renewed, 2);
    const ofRenewed = { certificateUuid: renewed.uuid, url };
    const refused = {
      kind: 'refused',
      problem: {
        target: 'crl',
        message: expect.stringContaining(`Certificate "${before.name}" is of a CA with the same`),
      },
    };
    expect(await desired.createRevocationList({ ...ofRenewed, list })).toMatchObject(refused);
    expect(await desired.createRevocationList(ofRenewed)).toMatchObject(written);
    const read = desired.snapshot().revocationLists.get(renewed.uuid);
    if (read === undefined) throw new Error('the list is not there');
    expect(await desired.updateRevocationList({ ...ofRenewed, list }, read.modified)).toMatchObject(refused);
    expect(await desired.deleteRevocationList(before.uuid)).toMatchObject(written);
    expect(await desired.updateRevocationList({ ...ofRenewed, list }, read.modified)).toMatchObject(written);
  });
});

describe('the number of a revocation list', () => {
  const notNewer = (number: number, held: number) => ({
    kind: 'refused',
    problem: {
      target: 'crl',
      message: expect.stringMatching(new RegExp(`has number ${number} and .* has ${held}:`)),
    },
  });

  it('rises for a CA and owner, also after the record was deleted, its list taken away or the server begun anew', async () => {
    const opened = await openFixture();
    const ca = await installed(opened, coast, cluster);
    const [five, six] = [5, 6].map((number) => ({
      certificateUuid: ca.uuid,
      url,
      list: listOf(coast, ca, number),
    }));
    if (five === undefined || six === undefined) throw new Error('there are two');
    expect(await opened.desired.createRevocationList(six)).toMatchObject(written);
    const read = opened.desired.snapshot().revocationLists.get(ca.uuid);
    if (read === undefined) throw new Error('the list is not there');
    const bare = await opened.desired.updateRevocationList({ certificateUuid: ca.uuid, url }, read.modified);
    if (bare.kind !== 'written') throw new Error('the list stays');
    expect(await opened.desired.updateRevocationList(five, bare.revision)).toMatchObject(notNewer(5, 6));
    expect(await opened.desired.deleteRevocationList(ca.uuid)).toMatchObject(written);
    expect(await opened.desired.createRevocationList(five)).toMatchObject(notNewer(5, 6));
    await opened.close();
    const { desired } = await openFixture(opened.directory);
    expect(await desired.createRevocationList(five)).toMatchObject(notNewer(5, 6));
    expect(await desired.createRevocationList(six)).toMatchObject(written);
  });

  it('rises over all certificates of the CA, and for each owner by itself until that goes', async () => {
    const opened = await openFixture();
    const { desired } = opened;
    const scope = ofSvm(opened);
    const ca = await installed(opened, coast, scope);
    expect(
      await desired.createRevocationList({ certificateUuid: ca.uuid, list: listOf(coast, ca, 6) }),
    ).toMatchObject(written);
    const again = { ...ca, type: 'client_ca' as const, uuid: randomUUID(), name: 'again' };
    await desired.createCertificate(again);
    const lower = { certificateUuid: again.uuid, list: listOf(coast, again, 1) };
    expect(await desired.createRevocationList(lower)).toMatchObject(notNewer(1, 6));
    const ofCluster = await installed(opened, coast, cluster);
    const record = { certificateUuid: ofCluster.uuid, list: listOf(coast, ofCluster, 1) };
    expect(await desired.createRevocationList(record)).toMatchObject(written);
    expect(await desired.deleteRevocationList(ca.uuid)).toMatchObject(written);
    for (const { uuid } of [ca, again]) await desired.deleteCertificate(uuid);
    if (scope.kind !== 'svm') throw new Error('that is the cluster');
    const numbers = async () => (await opened.store.list('revocation-numbers/')).documents.length;
    expect(await numbers()).toBe(2);
    expect(await desired.deleteSvm(scope.svm.uuid)).toMatchObject(written);
    expect(await numbers()).toBe(1);
  });

  it('of CAs is limited in an SVM', async () => {
    const opened = await openFixture();
    const { desired } = opened;
    const ca = await installed(opened, coast, ofSvm(opened));
    const kinds: string[] = [];
    for (let n = 0; n <= mostListsPerSvm; n += 1) {
      const one = { ...ca, uuid: `ca-${n}`, name: `${n}`, content: { ...ca.content, sha256: `${n}` } };
      await desired.createCertificate(one);
      kinds.push((await desired.createRevocationList({ certificateUuid: one.uuid, url })).kind);
    }
    expect(kinds.indexOf('refused')).toBe(mostListsPerSvm);
  });
});
