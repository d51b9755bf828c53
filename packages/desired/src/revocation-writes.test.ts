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
import { type Opened, only, openFixture, pskPolicy, svmOf } from './desired-state.fixture.ts';
import type { DesiredChange } from './desired-state.ts';

const cluster: PolicyScope = { kind: 'cluster' };
const url = 'http://pki.example.org/coast.crl';

let ca: IssuedCertificate;
beforeAll(() => {
  ca = issueCertificate({ subject: '/CN=coast', isCa: true });
});

/** Installs the CA's certificate; the same for whom it belongs to. */
async function installed({ desired }: Opened, scope: PolicyScope = cluster): Promise<Certificate> {
  const checked = checkInstallation(
    { type: 'server_ca', publicCertificate: ca.certificate },
    { nowMs: Date.now(), fingerprint: () => '' },
  );
  if (checked.kind === 'invalid') throw new Error(JSON.stringify(checked.problems));
  const certificate = { ...checked.value, uuid: randomUUID(), name: 'coast', scope };
  expect(await desired.createCertificate(certificate)).toMatchObject({ kind: 'written' });
  return certificate;
}

function listOf({ content }: Certificate, number: number, revoked: readonly string[] = []) {
  const parsed = parseRevocationList(issueRevocationList({ issuer: ca, number, revoked }), {
    ca: content,
    nowMs: Date.now(),
  });
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

function firstSvm({ desired }: Opened): PolicyScope {
  const { uuid, name } = svmOf(desired.snapshot());
  return { kind: 'svm', svm: { uuid, name } };
}

function pkiPolicy(opened: Opened, shown: Certificate, name: string) {
  return pskPolicy(opened, 'unused, this policy shows a certificate', {
    name,
    scope: shown.scope,
    authentication: { kind: 'pki', certificate: { uuid: shown.uuid, name: shown.name }, keepsSas: false },
  });
}

describe('certificate revocation lists', () => {
  it('are read back as they were written', async () => {
    const opened = await openFixture();
    const certificate = await installed(opened);
    const record = { certificateUuid: certificate.uuid, url, list: listOf(certificate, 7, ['0A', '0B']) };
    expect(await opened.desired.createRevocationList(record)).toMatchObject({ kind: 'written' });
    await opened.close();
    const { desired } = await openFixture(opened.directory);
    expect(only(desired.snapshot().revocationLists)).toEqual(record);
  });

  it('are kept once for a CA that is there, and replaced by whoever has read the last', async () => {
    const opened = await openFixture();
    const { desired } = opened;
    const certificate = await installed(opened);
    const record = { certificateUuid: certificate.uuid, url };
    const absent = { ...record, certificateUuid: randomUUID() };
    expect(await desired.createRevocationList(absent)).toEqual({ kind: 'not-found' });
    expect(await desired.createRevocationList(record)).toMatchObject({ kind: 'written' });
    expect(await desired.createRevocationList(record)).toEqual({ kind: 'duplicate' });
    const read = desired.snapshot().revocationLists.get(certificate.uuid);
    if (read === undefined) throw new Error('the list is not there');
    const newer = { ...record, list: listOf(certificate, 1) };
    expect(await desired.updateRevocationList(newer, read.modified)).toMatchObject({ kind: 'written' });
    expect(await desired.updateRevocationList(record, read.modified)).toEqual({ kind: 'conflict' });
    expect(await desired.updateRevocationList(absent, read.modified)).toEqual({ kind: 'not-found' });
    expect(only(desired.snapshot().revocationLists)).toEqual(newer);
  });

  it('keep the certificate of their CA', async () => {
    const opened = await openFixture();
    const { desired } = opened;
    const { uuid } = await installed(opened);
    await desired.createRevocationList({ certificateUuid: uuid, url });
    expect(await desired.deleteCertificate(uuid)).toMatchObject({
      kind: 'refused',
      problem: { code: '52560272', message: expect.stringContaining('a certificate revocation list') },
    });
    expect(await desired.deleteRevocationList(uuid)).toMatchObject({ kind: 'written' });
    expect(await desired.deleteRevocationList(uuid)).toEqual({ kind: 'not-found' });
    expect(await desired.deleteCertificate(uuid)).toMatchObject({ kind: 'written' });
  });

  it('are news for the policies of their owner that authenticate by certificates, and for no others', async () => {
    const opened = await openFixture();
    const { desired } = opened;
    const scope = firstSvm(opened);
    const ofCluster = await installed(opened);
    const ofSvm = await installed(opened, scope);
    const policies = [pkiPolicy(opened, ofCluster, 'a'), pkiPolicy(opened, ofSvm, 'b')];
    for (const policy of policies) await desired.createPolicy(policy);
    const changes: DesiredChange[] = [];
    desired.subscribe((_, change) => changes.push(change));
    await desired.createRevocationList({ certificateUuid: ofSvm.uuid, url });
    await desired.deleteRevocationList(ofSvm.uuid);
    await desired.setRevocationMode(scope, 'strict');
    await desired.setRevocationMode(cluster, 'strict');
    const [cluster1, svm1] = policies.map(({ uuid }) => new Set([uuid]));
    expect(changes).toMatchObject([svm1, svm1, svm1, cluster1].map((each) => ({ policies: each })));
  });
});

describe('what becomes of remotes of unknown status', () => {
  it('is told for each owner by itself, and goes with an SVM', async () => {
    const opened = await openFixture();
    const { desired } = opened;
    const scope = firstSvm(opened);
    if (scope.kind !== 'svm') throw new Error('the SVM is not there');
    expect(desired.snapshot().revocationModes.size).toBe(0);
    expect(await desired.setRevocationMode(scope, 'strict')).toMatchObject({ kind: 'written' });
    expect(await desired.setRevocationMode(cluster, 'relaxed')).toMatchObject({ kind: 'written' });
    await opened.close();
    const again = await openFixture(opened.directory);
    const { revocationModes } = again.desired.snapshot();
    expect([revocationModes.get(scope.svm.uuid)?.value, revocationModes.get('cluster')?.value]).toEqual([
      'strict',
      'relaxed',
    ]);
    expect(await again.desired.deleteSvm(scope.svm.uuid)).toMatchObject({ kind: 'written' });
    expect([...again.desired.snapshot().revocationModes.keys()]).toEqual(['cluster']);
    expect(await again.desired.setRevocationMode(scope, 'strict')).toMatchObject({
      kind: 'refused',
      problem: { code: '4', target: 'svm.name' },
    });
  });
});
