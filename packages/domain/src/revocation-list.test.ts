import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCertificate } from './public-certificate.ts';
import { newlyRevoked, type RevocationList } from './revocation-list.ts';
import {
  checkRevocationList,
  mostRevocationListBytes,
  parseRevocationList,
  type RevocationListContext,
} from './revocation-list-check.ts';
import { type IssuedCertificate, issueCertificate, testKeys } from './testing/certificates.ts';
import { derOfPem, issueRevocationList, type RevocationListRequest } from './testing/revocation-lists.ts';

const hourMs = 3_600_000;
let ca: IssuedCertificate;
let context: RevocationListContext;
beforeAll(() => {
  ca = issueCertificate({ subject: '/O=Lighthouses/CN=coast', isCa: true });
  context = contextOf(ca);
});

function contextOf({ certificate }: IssuedCertificate): RevocationListContext {
  const read = readCertificate(certificate);
  if (read === undefined) throw new Error('OpenSSL made no certificate');
  return { ca: read, nowMs: Date.now() };
}

const issued = (over: Partial<RevocationListRequest> = {}): string =>
  issueRevocationList({ issuer: ca, number: 1, ...over });

function good(text: string, within = context): RevocationList {
  const parsed = parseRevocationList(text, within);
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  return parsed.value;
}

function messages(text: string, within = context): readonly string[] {
  const parsed = parseRevocationList(text, within);
  return parsed.kind === 'valid' ? [] : parsed.problems.map(({ message }) => message);
}

describe('a certificate revocation list', () => {
  it('is read from PEM, from DER and from base64 of DER alike', () => {
    const revoked = [new X509Certificate(issueCertificate({ subject: '/CN=a', issuer: ca }).certificate)];
    const pem = issued({ number: 258, revoked: revoked.map(({ serialNumber }) => serialNumber) });
    const list = good(pem);
    expect(list.number).toBe(258n);
    expect([...list.revoked]).toEqual(revoked.map(({ serialNumber }) => serialNumber));
    expect(list.nextUpdateMs - list.thisUpdateMs).toBe(25 * hourMs);
    const der = derOfPem(pem);
    expect(list.der).toEqual(der);
    expect(good(Buffer.from(der).toString('base64'))).toEqual(list);
    expect(checkRevocationList(der, context)).toEqual({ kind: 'valid', value: list });
    expect(good(`Issued by hand\r\n${pem.replaceAll('\n', '\r\n')}`)).toEqual(list);
  });

  it.each([
    ['RSA', testKeys.rsa(2048), 'sha256'],
    ['P-384', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'], 'sha384'],
    ['Ed25519', ['-algorithm', 'ED25519'], 'default'],
  ])('is verified with a CA that has a key of %s', (_, key, hash) => {
    const other = issueCertificate({
      subject: '/CN=other',
      isCa: true,
      key,
      ...(hash === 'default' && { hash }),
    });
    expect(good(issued({ issuer: other, hash }), contextOf(other)).number).toBe(1n);
  });

  it('of another CA is refused, also when that one has the same name', () => {
    const named = issueCertificate({ subject: '/O=Lighthouses/CN=coast', isCa: true });
    const other = issueCertificate({ subject: '/CN=other', isCa: true });
    for (const issuer of [named, other])
      expect(messages(issued({ issuer }))).toEqual([expect.stringMatching(/not signed by this CA/)]);
  });

  it('that anybody has changed a bit of is refused, wherever that bit is', () => {
    const der = derOfPem(issued({ revoked: ['0102030405060708'] }));
    for (let at = 0; at < der.length; at += 1) {
      const changed = Uint8Array.from(der);
      changed[at] = (changed[at] ?? 0) ^ 0x04;
      expect(checkRevocationList(changed, context).kind, `octet ${at}`).toBe('invalid');
    }
  });

  it('that is cut short is refused, wherever it is cut', () => {
    const der = derOfPem(issued());
    for (let length = 0; length < der.length; length += 1)
      expect(checkRevocationList(der.subarray(0, length), context).kind).toBe('invalid');
  });

  it('signed over what can be forged is refused', () => {
    expect(messages(issued({ hash: 'sha1' }))).toEqual([expect.stringMatching(/signed in a way/)]);
  });

  it('is refused when the key usage of the CA does not allow to sign it', () => {
    const mute = issueCertificate({
      subject: '/CN=mute',
      extensions: ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign'],
    });
    const list = issued({ issuer: mute, extensions: ['issuerAltName=email:a@example.org'] });
    expect(messages(list, contextOf(mute))).toEqual([expect.stringMatching(/cRLSign/)]);
    const speaking = issueCertificate({
      subject: '/CN=speaking',
      extensions: [
        'basicConstraints=critical,CA:TRUE',
        'keyUsage=critical,keyCertSign,cRLSign',
        'subjectKeyIdentifier=hash',
      ],
    });
    expect(good(issued({ issuer: speaking }), contextOf(speaking)).number).toBe(1n);
  });

  it('that does not tell of all certificates by itself is refused', () => {
    const wholeOf = (extensions: readonly string[]) => messages(issued({ extensions }));
    expect(wholeOf(['2.5.29.27=critical,DER:020100'])).toEqual([expect.stringMatching(/is a delta/)]);
    for (const partial of ['onlyuser:TRUE', 'onlyCA:TRUE', 'onlyAA:TRUE', 'indirectCRL:TRUE'])
      expect(wholeOf([`issuingDistributionPoint=critical,${partial}`]), partial).toEqual([
        expect.stringMatching(/covers only some/),
      ]);
    expect(wholeOf(['1.2.3.4=critical,DER:0500'])).toEqual([expect.stringMatching(/critical extension/)]);
    expect(wholeOf(['1.2.3.4=DER:0500'])).toEqual([]);
  });

  it('without a number is refused', () => {
    expect(messages(issueRevocationList({ issuer: ca }))).toEqual([
      expect.stringMatching(/has no CRL number/),
    ]);
  });

  it('is refused before its time and after it, with some patience for the clock of the CA', () => {
    const { nowMs } = context;
    const later = issued({ thisUpdate: new Date(nowMs + hourMs) });
    expect(messages(later)).toEqual([expect.stringMatching(/not valid before/)]);
    expect(messages(issued({ thisUpdate: new Date(nowMs + 60_000) }))).toEqual([]);
    const over = issued({
      thisUpdate: new Date(nowMs - 2 * hourMs),
      nextUpdate: new Date(nowMs - hourMs),
    });
    expect(messages(over)).toEqual([expect.stringMatching(/newer .* was due on/)]);
  });

  it('takes the place of one with a lower number only, or of itself', () => {
    const before = good(issued({ number: 5 }));
    const within = { ...context, before };
    expect(messages(Buffer.from(before.der).toString('base64'), within)).toEqual([]);
    expect(messages(issued({ number: 6 }), within)).toEqual([]);
    for (const number of [4, 5])
      expect(messages(issued({ number, revoked: ['0A'] }), within)).toEqual([
        expect.stringMatching(`has number ${number} and .* has 5`),
      ]);
  });

  it('larger than strongSwan takes is refused', () => {
    const revoked = Array.from({ length: 2_000 }, (_, index) =>
      (2n ** 126n + BigInt(index)).toString(16).toUpperCase(),
    );
    const large = issued({ revoked });
    expect(derOfPem(large).length).toBeGreaterThan(mostRevocationListBytes);
    expect(messages(large)).toEqual([expect.stringMatching(/strongSwan takes 65535/)]);
    expect(good(issued({ revoked: revoked.slice(0, 1_500) })).revoked.size).toBe(1_500);
  });

  it.each([
    ['no text at all', ''],
    ['prose', 'please revoke everybody'],
    ['base64 of prose', Buffer.from('please revoke everybody').toString('base64')],
    ['empty PEM', '-----BEGIN X509 CRL-----\n-----END X509 CRL-----\n'],
  ])('is refused when it is %s', (_, text) => {
    expect(messages(text)).toEqual([expect.stringMatching(/no certificate revocation list/)]);
  });

  it('is refused when it is a certificate, or has anything beside it', () => {
    expect(messages(ca.certificate)).toEqual([expect.stringMatching(/no certificate revocation list/)]);
    for (const text of [ca.certificate + issued(), issued() + issued()])
      expect(messages(text)).toEqual([expect.stringMatching(/more than one block .* Send one/)]);
  });

  it('that names another key than that of its CA is refused: charon tells lists by it', () => {
    const twin = issueCertificate({
      subject: '/O=Lighthouses/CN=coast',
      extensions: ['basicConstraints=critical,CA:TRUE', 'subjectKeyIdentifier=0102030405'],
    });
    expect(messages(issued({ issuer: twin }), contextOf(twin))).toEqual([]);
    const naming = (identifier: string) => [`2.5.29.35=DER:${identifier}`];
    const of = (identifier: string) =>
      messages(issued({ issuer: twin, extensions: naming(identifier) }), contextOf(twin));
    expect(of('300780050102030405')).toEqual([]);
    expect(of('300780050102030406')).toEqual([expect.stringMatching(/names another key/)]);
  });

  it('is told from that of a CA with the same name and another key', () => {
    const [one, other] = [1, 2].map(() => issueCertificate({ subject: '/CN=twin', isCa: true }));
    if (one === undefined || other === undefined) throw new Error('there are two');
    const issuerOf = (issuer: IssuedCertificate, number: number) =>
      good(issued({ issuer, number }), contextOf(issuer)).issuer;
    expect(issuerOf(one, 2)).toBe(issuerOf(one, 1));
    expect(issuerOf(other, 1)).not.toBe(issuerOf(one, 1));
  });

  it('tells which certificates it revokes that an earlier one did not', () => {
    const before = good(issued({ number: 1, revoked: ['0A', '0B'] }));
    const after = good(issued({ number: 2, revoked: ['0B', '0C'] }));
    expect([...newlyRevoked(after, before)]).toEqual(['0C']);
    expect([...newlyRevoked(after, undefined)]).toEqual(['0B', '0C']);
    expect([...newlyRevoked(undefined, before)]).toEqual([]);
  });
});
