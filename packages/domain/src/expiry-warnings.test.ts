import { beforeAll, describe, expect, it } from 'vitest';
import type { Certificate } from './certificate.ts';
import { expiryNoticeMs, expiryWarnings } from './expiry-warnings.ts';
import type { Trust } from './pki-credentials.ts';
import { type PublicCertificate, readCertificate } from './public-certificate.ts';
import type { RevocationList } from './revocation-list.ts';
import { issueCertificate } from './testing/certificates.ts';

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
  const whole: Trust = { anchors: [], revocationLists: [], revocation: 'relaxed', ...trust };
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
    expect(at()).toEqual([]);
    expect(at(content, later)).toEqual([]);
    expect(at(content)).toEqual([
      expect.stringMatching(/^The only trusted CA certificate, "coast", expires/),
    ]);
    expect(at(content, { ...content, notAfterMs: endMs - 5 })).toEqual([
      expect.stringMatching(/^The last of 2 trusted CA certificates, "coast", expires on 2030-01-31/),
    ]);
  });

  it('tell of strictness without a current list', () => {
    const list = (nextUpdateMs: number): RevocationList => ({
      der: new Uint8Array(),
      issuer: '',
      sha256: '',
      number: 1n,
      thisUpdateMs: 0,
      nextUpdateMs,
      revoked: new Set(),
    });
    const strict = (...revocationLists: readonly RevocationList[]) =>
      warningsAt(1_000, {}, { revocation: 'strict', revocationLists });
    expect(strict()).toEqual([expect.stringMatching(/^Revocation mode is strict/)]);
    expect(strict(list(1_000))).toEqual([expect.stringMatching(/^Revocation mode is strict/)]);
    expect(strict(list(1_000), list(1_001))).toEqual([]);
    expect(warningsAt(1_000)).toEqual([]);
  });
});
