import { randomUUID } from 'node:crypto';
import { type Certificate, checkInstallation, type PolicyScope } from '@esplanade/domain';
import { type IssuedCertificate, issueCertificate } from '@esplanade/domain/testing/certificates';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Opened, only, openFixture, pskPolicy, svmOf } from './desired-state.fixture.ts';

let ca: IssuedCertificate;
let keeper: IssuedCertificate;
beforeAll(() => {
  ca = issueCertificate({ subject: '/CN=coast', isCa: true });
  keeper = issueCertificate({ subject: '/CN=keeper', issuer: ca });
});

const cluster: PolicyScope = { kind: 'cluster' };

function certificate(
  { secretBox }: Opened,
  type: Certificate['type'],
  changes: Partial<Certificate> = {},
): Certificate {
  const isCa = type === 'server_ca' || type === 'client_ca';
  const checked = checkInstallation(
    {
      type,
      publicCertificate: isCa ? ca.certificate : keeper.certificate,
      ...(!isCa && { privateKey: keeper.key, intermediates: [ca.certificate] }),
    },
    { nowMs: Date.now(), fingerprint: (bytes) => secretBox.fingerprint(bytes) },
  );
  if (checked.kind === 'invalid') throw new Error(JSON.stringify(checked.problems));
  return { ...checked.value, uuid: randomUUID(), name: type, scope: cluster, ...changes };
}

function pkiPolicy(opened: Opened, used: Certificate) {
  return pskPolicy(opened, 'unused, this policy shows a certificate', {
    scope: used.scope,
    authentication: { kind: 'pki', certificate: { uuid: used.uuid, name: used.name }, keepsSas: false },
  });
}

describe('certificates', () => {
  it('are read back as they were written, key and chain included', async () => {
    const opened = await openFixture();
    const svm = svmOf(opened.desired.snapshot());
    const scope = { kind: 'svm', svm: { uuid: svm.uuid, name: svm.name } } as const;
    const written = certificate(opened, 'server', { scope });
    expect(await opened.desired.createCertificate(written)).toMatchObject({ kind: 'written' });
    const trusted = certificate(opened, 'server_ca');
    await opened.desired.createCertificate(trusted);
    await opened.desired.createIpsecCaCertificates(trusted.uuid);
    const documents = await opened.store.list('certificates/');
    expect(JSON.stringify(documents)).not.toContain(keeper.key.split('\n')[1]);
    await opened.close();
    const { desired } = await openFixture(opened.directory);
    const { certificates, ipsecCaCertificates } = desired.snapshot();
    const read = certificates.get(written.uuid)?.value;
    expect({ ...read, privateKey: undefined }).toEqual({ ...written, privateKey: undefined });
    expect(read?.privateKey?.reveal()).toEqual(written.privateKey?.reveal());
    expect(read?.privateKey?.fingerprint).toBe(written.privateKey?.fingerprint);
    expect(only(ipsecCaCertificates).certificate).toEqual(trusted);
  });

  it('have a name of their own in each scope, and are installed once for each type', async () => {
    const opened = await openFixture();
    const { desired } = opened;
    const svm = svmOf(desired.snapshot());
    const scope = { kind: 'svm', svm: { uuid: svm.uuid, name: svm.name } } as const;
    const first = certificate(opened, 'server_ca', { name: 'coast' });
    expect(await desired.createCertificate(first)).toMatchObject({ kind: 'written' });
    expect(await desired.createCertificate({ ...first, uuid: randomUUID(), name: 'b' })).toMatchObject({
      kind: 'refused',
      problem: { code: '1' },
    });
    const sameName = certificate(opened, 'client_ca', { name: 'coast' });
    expect(await desired.createCertificate(sameName)).toEqual({ kind: 'duplicate' });
    expect(await desired.createCertificate({ ...sameName, name: 'b' })).toMatchObject({ kind: 'written' });
    expect(await desired.createCertificate({ ...first, uuid: randomUUID(), scope })).toMatchObject({
      kind: 'written',
    });
    expect(await desired.createCertificate(first)).toEqual({ kind: 'conflict' });
    expect(await desired.deleteCertificate(first.uuid)).toMatchObject({ kind: 'written' });
    expect(await desired.createCertificate(first)).toMatchObject({ kind: 'written' });
  });

  it('of an SVM that is not there are refused', async () => {
    const opened = await openFixture();
    const scope = { kind: 'svm', svm: { uuid: randomUUID(), name: 'gone' } } as const;
    expect(await opened.desired.createCertificate(certificate(opened, 'server', { scope }))).toMatchObject({
      kind: 'refused',
      problem: { code: '4', target: 'svm.name' },
    });
  });

  it('stay while IPsec trusts them or a policy shows them', async () => {
    const opened = await openFixture();
    const { desired } = opened;
    const trusted = certificate(opened, 'server_ca');
    const shown = certificate(opened, 'server');
    for (const each of [trusted, shown]) await desired.createCertificate(each);
    await desired.createIpsecCaCertificates(trusted.uuid);
    const policy = pkiPolicy(opened, shown);
    expect(await desired.createPolicy(policy)).toMatchObject({ kind: 'written' });
    for (const { uuid } of [trusted, shown])
      expect(await desired.deleteCertificate(uuid)).toMatchObject({
        kind: 'refused',
        problem: { code: '52560272', target: 'uuid' },
      });
    await desired.deleteIpsecCaCertificates(trusted.uuid);
    await desired.deletePolicy(policy.uuid);
    for (const { uuid } of [trusted, shown])
      expect(await desired.deleteCertificate(uuid)).toMatchObject({ kind: 'written' });
    expect(desired.snapshot().certificates.size).toBe(0);
    expect(await desired.deleteCertificate(shown.uuid)).toEqual({ kind: 'not-found' });
  });

  it('are never used by what comes while they go, nor go from what uses them', async () => {
    const opened = await openFixture();
    const { desired } = opened;
    for (let round = 0; round < 20; round += 1) {
      const trusted = certificate(opened, 'server_ca');
      const shown = certificate(opened, 'server');
      for (const each of [trusted, shown]) await desired.createCertificate(each);
      const policy = { ...pkiPolicy(opened, shown), name: `nfs${round}` };
      const [added, removed, created, deleted] = await Promise.all([
        desired.createIpsecCaCertificates(trusted.uuid),
        desired.deleteCertificate(trusted.uuid),
        desired.createPolicy(policy),
        desired.deleteCertificate(shown.uuid),
      ]);
      expect([added.kind, removed.kind].filter((kind) => kind === 'written')).toHaveLength(1);
      expect([created.kind, deleted.kind].filter((kind) => kind === 'written')).toHaveLength(1);
      await desired.deleteIpsecCaCertificates(trusted.uuid);
      await desired.deletePolicy(policy.uuid);
      for (const { uuid } of [trusted, shown]) await desired.deleteCertificate(uuid);
    }
    expect(desired.snapshot().certificates.size).toBe(0);
  });

  it('hold their SVM', async () => {
    const opened = await openFixture();
    const { desired } = opened;
    const svm = svmOf(desired.snapshot());
    const own = certificate(opened, 'server', { scope: { kind: 'svm', svm } });
    await desired.createCertificate(own);
    expect(await desired.deleteSvm(svm.uuid)).toMatchObject({ kind: 'refused', problem: { code: '8' } });
    await desired.deleteCertificate(own.uuid);
    expect(await desired.deleteSvm(svm.uuid)).toMatchObject({ kind: 'written' });
  });
});

describe('the CAs that IPsec trusts', () => {
  it('are installed certificates, each once', async () => {
    const opened = await openFixture();
    const { desired } = opened;
    const trusted = certificate(opened, 'server_ca');
    expect(await desired.createIpsecCaCertificates(trusted.uuid)).toEqual({ kind: 'not-found' });
    await desired.createCertificate(trusted);
    expect(await desired.createIpsecCaCertificates(trusted.uuid)).toMatchObject({ kind: 'written' });
    expect(await desired.createIpsecCaCertificates(trusted.uuid)).toEqual({ kind: 'duplicate' });
    expect(await desired.deleteIpsecCaCertificates(trusted.uuid)).toMatchObject({ kind: 'written' });
    expect(await desired.deleteIpsecCaCertificates(trusted.uuid)).toEqual({ kind: 'not-found' });
  });
});
