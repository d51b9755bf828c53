import { createPrivateKey } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkInstallation, type InstallationDraft } from './certificate-installation.ts';
import { certificateProblemKinds as kinds } from './certificate-problem-kinds.ts';
import { type IssuedCertificate, issueCertificate, testKeys } from './testing/certificates.ts';

const context = { nowMs: Date.now(), fingerprint: () => 'fingerprint' };
const dayMs = 86_400_000;

let root: IssuedCertificate;
let intermediate: IssuedCertificate;
let keeper: IssuedCertificate;
beforeAll(() => {
  root = issueCertificate({ subject: '/O=Lighthouses/CN=root', isCa: true });
  intermediate = issueCertificate({ subject: '/O=Lighthouses/CN=coast', isCa: true, issuer: root });
  keeper = issueCertificate({ subject: '/O=Lighthouses/CN=keeper', issuer: intermediate });
});

function server(changes: Partial<InstallationDraft> = {}): InstallationDraft {
  return { type: 'server', publicCertificate: keeper.certificate, privateKey: keeper.key, ...changes };
}

function ca(publicCertificate: string, changes: Partial<InstallationDraft> = {}): InstallationDraft {
  return { type: 'server_ca', publicCertificate, ...changes };
}

/** Code and field of everything that is wrong with a draft. */
function wrong(draft: InstallationDraft, nowMs = context.nowMs): readonly (readonly [string, string])[] {
  const checked = checkInstallation(draft, { ...context, nowMs });
  if (checked.kind === 'valid') return [];
  return checked.problems.map(({ code, target }) => [code, target] as const);
}

describe('a certificate that is to be installed', () => {
  it('is one of an end entity with its key and chain, in whichever order the chain comes', () => {
    for (const intermediates of [
      [intermediate.certificate, root.certificate],
      [root.certificate, intermediate.certificate],
    ]) {
      const checked = checkInstallation(server({ intermediates }), context);
      expect(checked).toMatchObject({
        kind: 'valid',
        value: { type: 'server', content: { commonName: 'keeper', issuer: 'coast' } },
      });
      if (checked.kind !== 'valid') continue;
      expect(checked.value.intermediates.map(({ pem }) => pem)).toEqual(intermediates);
      const key = checked.value.privateKey?.reveal() ?? new Uint8Array();
      const read = createPrivateKey({ key: Buffer.from(key), format: 'der', type: 'pkcs8' });
      expect(read.export({ format: 'pem', type: 'pkcs8' })).toBe(keeper.key);
    }
  });

  it('is one of a CA without anything else', () => {
    for (const type of ['server_ca', 'client_ca', 'root_ca'] as const)
      expect(wrong(ca(root.certificate, { type }))).toEqual([]);
  });

  it('is taken with CRLF, with indentation, and with words around it', () => {
    for (const text of [
      keeper.certificate.replaceAll('\n', '\r\n'),
      keeper.certificate.replaceAll(/^/gm, '    '),
      `subject=keeper\n${keeper.certificate}\nthe end`,
    ]) {
      const checked = checkInstallation(server({ publicCertificate: text }), context);
      expect(checked).toMatchObject({ kind: 'valid', value: { content: { pem: keeper.certificate } } });
    }
  });

  it('may be of version 1 if it is one of an end entity, and not if it is one of a CA', () => {
    const old = issueCertificate({ subject: '/CN=old', extensions: [], issuer: root });
    const draft = server({ publicCertificate: old.certificate, privateKey: old.key });
    expect(checkInstallation(draft, context)).toMatchObject({
      kind: 'valid',
      value: { content: { version: 1 } },
    });
    const oldRoot = issueCertificate({ subject: '/CN=old root', extensions: [] });
    expect(wrong(ca(oldRoot.certificate))).toEqual([[kinds.notOfCa.code, 'public_certificate']]);
  });

  it('may be a self-signed one that says it is a CA', () => {
    expect(wrong(server({ publicCertificate: root.certificate, privateKey: root.key }))).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['garbage', 'abc\u0000\ud800def'],
    ['a block without an end', '-----BEGIN CERTIFICATE-----\nMIIB'],
    ['base64 of something else', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['no base64', '-----BEGIN CERTIFICATE-----\n%%%%\n-----END CERTIFICATE-----\n'],
    ['a megabyte of nothing', 'x'.repeat(1 << 20)],
    ['a megabyte of beginnings', '-----BEGIN CERTIFICATE-----\n'.repeat(40_000)],
  ])('is refused as %s', (_, publicCertificate) => {
    for (const draft of [server({ publicCertificate }), ca(publicCertificate)])
      expect(wrong(draft)).toEqual([[kinds.badCertificate.code, 'public_certificate']]);
  });

  it('is refused as several at once, and as a key, which is not told again', () => {
    for (const text of [keeper.certificate + root.certificate, keeper.key, keeper.certificate + keeper.key]) {
      const checked = checkInstallation(server({ publicCertificate: text }), context);
      expect(checked).toMatchObject({
        kind: 'invalid',
        problems: [{ code: kinds.badCertificate.code, target: 'public_certificate' }],
      });
      expect(JSON.stringify(checked)).not.toContain(keeper.key.split('\n')[1]);
    }
  });

  it('is refused outside its dates', () => {
    const { certificate, key } = issueCertificate({
      subject: '/CN=brief',
      issuer: root,
      notBefore: new Date(context.nowMs),
      notAfter: new Date(context.nowMs + dayMs),
    });
    const draft = server({ publicCertificate: certificate, privateKey: key });
    expect(wrong(draft, context.nowMs)).toEqual([]);
    expect(wrong(draft, context.nowMs - dayMs)).toEqual([[kinds.notYetValid.code, 'public_certificate']]);
    expect(wrong(draft, context.nowMs + 2 * dayMs)).toEqual([[kinds.expired.code, 'public_certificate']]);
  });

  it('is refused without a common name, with a key IKE has no use for, and signed over a broken hash', () => {
    const anonymous = issueCertificate({ subject: '/O=Lighthouses', isCa: true });
    expect(wrong(ca(anonymous.certificate))).toEqual([[kinds.noCommonName.code, 'public_certificate']]);
    const koblitz = issueCertificate({
      subject: '/CN=koblitz',
      isCa: true,
      key: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
    });
    expect(wrong(ca(koblitz.certificate))).toEqual([[kinds.unsupportedKey.code, 'public_certificate']]);
    const short = issueCertificate({ subject: '/CN=short', isCa: true, key: testKeys.rsa(1024) });
    expect(wrong(ca(short.certificate))).toEqual([[kinds.keySize.code, 'public_certificate']]);
    const broken = issueCertificate({ subject: '/CN=broken', isCa: true, issuer: root, hash: 'sha1' });
    expect(wrong(ca(broken.certificate))).toEqual([[kinds.weakHash.code, 'public_certificate']]);
    const rooted = issueCertificate({ subject: '/CN=rooted', isCa: true, hash: 'sha1' });
    expect(wrong(ca(rooted.certificate))).toEqual([]);
  });

  it('is refused with a serial number that is negative or longer than 20 octets, and with curve parameters', () => {
    const numbered = (serialNumber: string) =>
      issueCertificate({ subject: '/CN=numbered', isCa: true, serialNumber }).certificate;
    const bad = [[kinds.badCertificate.code, 'public_certificate']];
    expect(wrong(ca(numbered('aa'.repeat(26))))).toEqual(bad);
    expect(wrong(ca(numbered('ff'.repeat(20))))).toEqual([]);
    const positive = numbered('05');
    expect(wrong(ca(positive))).toEqual([]);
    const der = Buffer.from(positive.replaceAll(/-----.*-----/g, ''), 'base64');
    der[der.indexOf(Buffer.from([0x02, 0x01, 0x05])) + 2] = 0x85;
    const negative = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
    expect(wrong(ca(negative))).toEqual(bad);
    const explicit = [...testKeys.ec, '-pkeyopt', 'ec_param_enc:explicit'];
    const unnamed = issueCertificate({ subject: '/CN=unnamed', isCa: true, key: explicit });
    expect(wrong(ca(unnamed.certificate))).toEqual([[kinds.unsupportedKey.code, 'public_certificate']]);
  });

  it('of type server_ca or client_ca is refused when it is no CA, or comes with a key or a chain', () => {
    expect(wrong(ca(keeper.certificate))).toEqual([[kinds.notOfCa.code, 'public_certificate']]);
    const withAll = ca(root.certificate, { privateKey: root.key, intermediates: [root.certificate] });
    expect(wrong(withAll)).toEqual([
      [kinds.keyOfCa.code, 'private_key'],
      [kinds.intermediatesOfCa.code, 'intermediate_certificates'],
    ]);
    expect(wrong({ ...withAll, type: 'root_ca', intermediates: [] })).toEqual([]);
  });

  it('is refused without its key, with another one, and with one that cannot be read', () => {
    const { privateKey: _, ...withoutKey } = server();
    expect(wrong(withoutKey)).toEqual([[kinds.keyMissing.code, 'private_key']]);
    expect(wrong(server({ privateKey: ' \n' }))).toEqual([[kinds.keyMissing.code, 'private_key']]);
    expect(wrong(server({ privateKey: root.key }))).toEqual([[kinds.keyMismatch.code, 'private_key']]);
    for (const privateKey of [
      'secret',
      keeper.key + root.key,
      keeper.certificate,
      '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
      encrypted(keeper.key),
    ])
      expect(wrong(server({ privateKey }))).toEqual([[kinds.badKey.code, 'private_key']]);
  });

  it('takes its key in any of the unencrypted forms', () => {
    const key = createPrivateKey(keeper.key).export({ format: 'pem', type: 'sec1' });
    const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
    expect(wrong(server({ privateKey: `${parameters}${key}` }))).toEqual([]);
  });

  it('is refused with a chain that is not its own, has no CA in it, or is endless', () => {
    const other = issueCertificate({ subject: '/CN=other', isCa: true });
    const target = 'intermediate_certificates';
    const chain = [intermediate.certificate, root.certificate];
    expect(wrong(server({ intermediates: [...chain, other.certificate] }))).toEqual([
      [kinds.strayIntermediate.code, target],
    ]);
    expect(wrong(server({ intermediates: [keeper.certificate] }))).toEqual([[kinds.notOfCa.code, target]]);
    expect(wrong(server({ intermediates: ['no', chain.join('')] }))).toEqual([
      [kinds.badCertificate.code, target],
      [kinds.badCertificate.code, target],
    ]);
    expect(wrong(server({ intermediates: Array(11).fill(root.certificate) }))).toEqual([
      [kinds.tooManyIntermediates.code, target],
    ]);
  });

  it('is told everything that is wrong at once', () => {
    expect(wrong(server({ publicCertificate: 'x', privateKey: 'y', intermediates: ['z'] }))).toEqual([
      [kinds.badCertificate.code, 'public_certificate'],
      [kinds.badKey.code, 'private_key'],
      [kinds.badCertificate.code, 'intermediate_certificates'],
    ]);
  });
});

function encrypted(key: string): string {
  const form = { format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'open' } as const;
  return String(createPrivateKey(key).export(form));
}
