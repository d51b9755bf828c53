import { beforeAll, describe, expect, it } from 'vitest';
import type { Certificate } from './certificate.ts';
import { expiryNoticeMs, expiryWarnings } from './expiry-warnings.ts';
import type { Trust } from './pki-credentials.ts';
import { type PublicCertificate, readCertificate } from './public-certificate.ts';
import type { RevocationList } from './revocation-list.ts';
import { listIssuersOf } from './revocation-list-check.ts';
import { issueAuthority, issueCertificate } from './testing/certificates.ts';

const endMs = Date.UTC(2030, 0, 31);
let content: PublicCertificate;
beforeAll(() => {
  const { certificate } = issueCertificate({ subject: '/CN=coast' });
  const read = readCertificate(certificate);
  if (read === undefined) throw new Error('OpenSSL made no certificate');
  content = { ...read, notAfterMs: endMs };
});

function warningsAt(
  nowMs: number,
  over: Partial<Certificate> = {},
  trust: Partial<Trust> = {},
): readonly string[] {
  const certificate: Certificate = {
    uuid: '',
    name: 'keeper',
    scope: { kind: 'cluster' },
    type: 'server',
    content: { ...content, notAfterMs: endMs * 10 },
    intermediates: [],
    ...over,
  };
  const whole: Trust = {
    anchors: [{ ...content, notAfterMs: endMs * 10 }],
    revocationLists: [],
    revocation: 'relaxed',
    ...trust,
  };
  return expiryWarnings({ certificate, trust: whole }, nowMs);
}

describe('warnings of what expires', () => {
  it('begin thirty days before and change when it is over', () => {
    const at = (nowMs: number) => warningsAt(nowMs, { content });
    expect(at(endMs - expiryNoticeMs - 1)).toEqual([]);
    const soon = ['Certificate "keeper" expires on 2030-01-31. Install a new one before.'];
    expect(at(endMs - expiryNoticeMs)).toEqual(soon);
    expect(at(endMs)).toEqual(soon);
    expect(at(endMs + 1)).toEqual(['Certificate "keeper" has expired on 2030-01-31. Install a new one.']);
  });

  it('name the certificate between that expires', () => {
    expect(warningsAt(endMs, { intermediates: [content] })).toEqual([
      'Intermediate certificate "coast" of certificate "keeper" expires on 2030-01-31. Install a new one before.',
    ]);
  });

  it('are about the last trusted CA certificate only', () => {
    const later = { ...content, notAfterMs: endMs + 2 * expiryNoticeMs };
    const at = (...anchors: readonly PublicCertificate[]) => warningsAt(endMs, {}, { anchors });
    expect(at()).toEqual([expect.stringMatching(/^No CA certificate is trusted: no remote is let in/)]);
    expect(at(content, later)).toEqual([]);
    expect(at(content)).toEqual([
      expect.stringMatching(/^The only trusted CA certificate, "coast", expires/),
    ]);
    expect(at(content, { ...content, notAfterMs: endMs - 5 })).toEqual([
      expect.stringMatching(/^The last of 2 trusted CA certificates, "coast", expires on 2030-01-31/),
    ]);
  });

  const list = (nextUpdateMs: number, of?: PublicCertificate): RevocationList => ({
    der: new Uint8Array(),
    issuer: of === undefined ? '' : (listIssuersOf(of)[0] ?? ''),
    sha256: '',
    number: 7n,
    thisUpdateMs: 0,
    nextUpdateMs,
    revoked: new Set(),
  });

  it('tell of a trusted CA that is no root, unless its root is trusted too', () => {
    const root = issueAuthority('/CN=Root');
    const branch = issueAuthority('/CN=Branch', { issuer: root });
    const twig = issueAuthority('/CN=Twig', { issuer: branch });
    const at = (...authorities: readonly { readonly certificate: string }[]) =>
      warningsAt(
        Date.now(),
        {},
        { anchors: authorities.flatMap(({ certificate }) => readCertificate(certificate) ?? []) },
      );
    const rootless = (name: string) =>
      expect.stringMatching(
        new RegExp(`^Trusted CA certificate "${name}" is no root, and its root is not trusted`),
      );
    expect(at(root, branch, twig)).toEqual([]);
    expect(at(branch, twig)).toEqual([rootless('Branch'), rootless('Twig')]);
    expect(at(root, twig)).toEqual([rootless('Twig')]);
  });

  it('tell, of a strict policy, of each trusted CA without a current list', () => {
    const second = readCertificate(issueCertificate({ subject: '/CN=bay' }).certificate);
    if (second === undefined) throw new Error('OpenSSL made no certificate');
    const bay = { ...second, notAfterMs: endMs * 10 };
    const anchors = [{ ...content, notAfterMs: endMs * 10 }, bay];
    const strict = (...revocationLists: readonly RevocationList[]) =>
      warningsAt(1_000, {}, { anchors, revocation: 'strict', revocationLists });
    const of = (name: string) => expect.stringMatching(new RegExp(`^Revocation mode is strict .* "${name}"`));
    expect(strict()).toEqual([of('coast'), of('bay')]);
    expect(strict(list(1_001))).toEqual([of('coast'), of('bay')]);
    expect(strict(list(1_001, bay), list(1_000, content))).toEqual([of('coast')]);
    expect(strict(list(1_001, bay), list(1_001, content))).toEqual([]);
  });

  it('tell, of a relaxed policy, of a list that is overdue', () => {
    const relaxed = (...revocationLists: readonly RevocationList[]) =>
      warningsAt(1_000, {}, { revocationLists });
    expect(relaxed()).toEqual([]);
    expect(relaxed(list(1_001))).toEqual([]);
    expect(relaxed(list(1_000))).toEqual([
      expect.stringMatching(/^Revocation list number 7 is overdue since 1970-01-01: /),
    ]);
  });
});
