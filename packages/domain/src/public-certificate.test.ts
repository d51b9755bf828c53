import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkInstallation } from './certificate-installation.ts';
import { readCertificate } from './public-certificate.ts';
import { issueCertificate, testKeys } from './testing/certificates.ts';

function read(...request: Parameters<typeof issueCertificate>) {
  return readCertificate(issueCertificate(...request).certificate);
}

describe('what a certificate says', () => {
  it('is its names, dates, identifiers and alternatives', () => {
    const notBefore = new Date('2026-01-02T03:04:05Z');
    const notAfter = new Date('2049-12-31T23:59:59Z');
    const ca = issueCertificate({ subject: '/C=DE/O=Lights, and more/CN=coast', isCa: true });
    const alternatives =
      'subjectAltName=DNS:keeper.example,IP:192.0.2.1,IP:fd00::1,email:k@example.org,URI:https://example.org/';
    const certificate = read({
      subject: '/O=Lighthouses/CN=outer/CN=keeper, first',
      issuer: ca,
      notBefore,
      notAfter,
      extensions: ['subjectKeyIdentifier=hash', 'authorityKeyIdentifier=keyid', alternatives],
    });
    expect(certificate).toMatchObject({
      version: 3,
      commonName: 'keeper, first',
      issuer: 'coast',
      serialNumber: expect.stringMatching(/^[0-9A-F]{2,40}$/),
      isCa: false,
      isSelfSigned: false,
      notBeforeMs: notBefore.getTime(),
      notAfterMs: notAfter.getTime(),
      key: { kind: 'ec', bits: 256 },
      hash: 'sha256',
      subjectAlternatives: {
        dns: ['keeper.example'],
        ip: ['192.0.2.1', 'fd00::1'],
        email: ['k@example.org'],
        uri: ['https://example.org/'],
      },
    });
    expect(certificate?.authorityKeyIdentifier).toBe(readCertificate(ca.certificate)?.subjectKeyIdentifier);
    expect(certificate?.subjectKeyIdentifier).toMatch(/^[0-9A-F]{2}(:[0-9A-F]{2}){19}$/);
  });

  it('is less where there is less: version 1 has no extensions, an issuer need have no common name', () => {
    const certificate = read({ subject: '/C=DE/O=Lighthouses', extensions: [] });
    expect(certificate).toMatchObject({ version: 1, issuer: 'C=DE, O=Lighthouses', isSelfSigned: true });
    expect(certificate).not.toHaveProperty('commonName');
    expect(certificate).not.toHaveProperty('subjectKeyIdentifier');
    expect(certificate?.subjectAlternatives).toEqual({ dns: [], email: [], ip: [], uri: [] });
  });

  it('takes the common name from among others, and its special characters as they are', () => {
    for (const [subject, commonName] of [
      ['/CN=a/O=b+CN=c', 'c'],
      ['/CN=a, b\\+c "d" <e>;#', 'a, b+c "d" <e>;#'],
      ['/CN=#a', '#a'],
    ] as const)
      expect(read({ subject, extensions: [] })).toMatchObject({ commonName });
  });

  it('names key and digest of whatever algorithm', () => {
    expect(read({ subject: '/CN=a', key: testKeys.rsa(2048), hash: 'sha512' })).toMatchObject({
      key: { kind: 'rsa', bits: 2048 },
      hash: 'sha512',
    });
    const edwards = read({ subject: '/CN=b', key: ['-algorithm', 'ED25519'], hash: 'default' });
    expect(edwards).toMatchObject({ key: { kind: 'ed25519', bits: 256 } });
    expect(edwards).not.toHaveProperty('hash');
  });

  it('is refused, or the same each time it is read, whatever happened to its encoding', () => {
    const { certificate, key } = issueCertificate({
      subject: '/C=DE/CN=keeper',
      extensions: ['subjectKeyIdentifier=hash', 'subjectAltName=DNS:keeper.example,IP:192.0.2.1'],
    });
    const der = Buffer.from(certificate.replaceAll(/-----.*-----/g, ''), 'base64');
    const change = fc.record({ at: fc.nat(der.length - 1), byte: fc.nat(255), cut: fc.nat(2) });
    const context = { nowMs: Date.now(), fingerprint: () => 'fingerprint' };
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const changed = changes.reduce<Buffer>(
          (bytes, { at, byte, cut }) =>
            Buffer.concat([bytes.subarray(0, at), Buffer.of(byte), bytes.subarray(at + cut)]),
          der,
        );
        const pem = `-----BEGIN CERTIFICATE-----\n${changed.toString('base64')}\n-----END CERTIFICATE-----\n`;
        const first = readCertificate(pem);
        expect(readCertificate(first?.pem ?? pem)).toEqual(first);
        const draft = { type: 'server', publicCertificate: pem, privateKey: key } as const;
        const checked = checkInstallation(draft, context);
        if (first === undefined) expect(checked.kind).toBe('invalid');
      }),
      { numRuns: 500 },
    );
  });

  it('is nothing when its dates are none', () => {
    const { certificate } = issueCertificate({ subject: '/CN=keeper' });
    const der = Buffer.from(certificate.replaceAll(/-----.*-----/g, ''), 'base64');
    // UTCTime has the tag 0x17 and 13 octets: the month of the first becomes the 13th.
    const month = der.indexOf(Buffer.of(0x17, 13)) + 4;
    const changed = Buffer.from(der);
    changed.write('13', month, 'latin1');
    const pem = (bytes: Buffer) =>
      `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64')}\n-----END CERTIFICATE-----\n`;
    expect(readCertificate(pem(der))).toBeDefined();
    expect(readCertificate(pem(changed))).toBeUndefined();
  });
});
