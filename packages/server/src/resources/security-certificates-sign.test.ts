import { X509Certificate } from 'node:crypto';
import { issueCertificate, requestCertificate, testKeys } from '@esplanade/domain/testing/certificates';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const path = '/api/security/certificates';
const nobody = '00000000-0000-4000-8000-000000000000';
const dayMs = 86_400_000;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterEach(async () => {
  await server.request('DELETE', `${path}?uuid=*`);
});
afterAll(() => server.close());

/** Installs or generates a certificate; its path. */
async function install(body: object): Promise<string> {
  const { status, text, headers } = await server.request('POST', path, body);
  expect({ status, text }).toMatchObject({ status: 201 });
  return headers['location'] ?? '';
}

const generatedCa = (changes: object = {}) =>
  install({ type: 'root_ca', common_name: 'Coast CA', ...changes });

async function certificateAt(location: string): Promise<X509Certificate> {
  return new X509Certificate((await server.request('GET', location)).body.public_certificate);
}

/** What POST …/sign answers, as a certificate. */
async function signed(ca: string, body: object): Promise<X509Certificate> {
  const { status, text, body: answer } = await server.request('POST', `${ca}/sign?return_records=true`, body);
  expect({ status, text }).toMatchObject({ status: 200 });
  expect(Object.keys(answer)).toEqual(['public_certificate']);
  return new X509Certificate(answer.public_certificate);
}

describe('signing a certificate', () => {
  const keeper = requestCertificate({
    subject: '/C=DE/O=Lighthouses/CN=keeper',
    extensions: ['subjectAltName=DNS:keeper.example.org,IP:192.0.2.1', 'basicConstraints=critical,CA:TRUE'],
  });

  it('gives the subject, key and other names of the request, the signature of the CA, and no power to sign', async () => {
    const ca = await generatedCa();
    const x509 = await signed(ca, { signing_request: keeper.request, expiry_time: 'P180DT' });
    const issuer = await certificateAt(ca);
    expect(x509.subject).toBe('C=DE\nO=Lighthouses\nCN=keeper');
    expect(x509.subjectAltName).toBe('DNS:keeper.example.org, IP Address:192.0.2.1');
    expect([x509.ca, x509.checkIssued(issuer), x509.verify(issuer.publicKey)]).toEqual([false, true, true]);
    expect(Math.round((x509.validToDate.getTime() - Date.now()) / dayMs)).toBe(180);
    expect(x509.signatureAlgorithm).toBe('sha256WithRSAEncryption');
  });

  it('makes what can be installed with its key and chain', async () => {
    const ca = await generatedCa();
    const own = await signed(ca, { signing_request: keeper.request, hash_function: 'sha384' });
    await install({
      type: 'server',
      public_certificate: own.toString(),
      private_key: keeper.key,
      intermediate_certificates: [(await certificateAt(ca)).toString()],
    });
    const { body } = await server.request('GET', `${path}?type=server&fields=*`);
    expect(body.records).toMatchObject([{ common_name: 'keeper', ca: 'Coast CA', hash_function: 'sha384' }]);
  });

  it.each([
    ['RSA', testKeys.rsa(2048), 'sha512WithRSAEncryption'],
    ['P-384', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'], 'ecdsa-with-SHA512'],
    ['Ed25519', ['-algorithm', 'ED25519'], 'ED25519'],
  ] as const)('works with a CA that was installed with its key, %s', async (_, key, algorithm) => {
    const issuer = issueCertificate({ subject: '/CN=own', isCa: true, key, hash: 'default' });
    const ca = await install({
      type: 'root_ca',
      public_certificate: issuer.certificate,
      private_key: issuer.key,
    });
    const x509 = await signed(ca, {
      signing_request: keeper.request,
      hash_function: 'sha512',
      expiry_time: 'P9D',
    });
    const own = new X509Certificate(issuer.certificate);
    expect([x509.verify(own.publicKey), x509.checkIssued(own)]).toEqual([true, true]);
    expect(x509.signatureAlgorithm).toBe(algorithm);
  });

  it('ends with the CA unless told otherwise', async () => {
    const ca = await generatedCa({ expiry_time: 'P30D' });
    const issuer = await certificateAt(ca);
    const x509 = await signed(ca, { signing_request: keeper.request });
    expect(x509.validToDate).toEqual(issuer.validToDate);
    expect(
      await server.request('POST', `${ca}/sign`, { signing_request: keeper.request, expiry_time: 'P31D' }),
    ).toMatchObject({ status: 400, body: { error: { code: '3735630', target: 'expiry_time' } } });
  });

  it('is for a CA of the SVM that asks', async () => {
    const ca = await generatedCa();
    const tunnel = { 'x-dot-svm-name': 'svm1' };
    const body = { signing_request: keeper.request };
    for (const [url, headers] of [
      [`${ca}/sign`, tunnel],
      [`${path}/${nobody}/sign`, {}],
      [`${path}/x/sign`, {}],
    ] as const)
      expect(await server.request('POST', url, body, headers)).toMatchObject({
        status: 404,
        body: { error: { code: '4', target: 'uuid' } },
      });
  });

  it('needs a root_ca with its key', async () => {
    const issuer = issueCertificate({ subject: '/CN=keyless', isCa: true });
    for (const body of [
      { type: 'root_ca', public_certificate: issuer.certificate },
      { type: 'server_ca', public_certificate: issuer.certificate },
      { type: 'server', common_name: 'self' },
    ]) {
      const answer = await server.request('POST', `${await install(body)}/sign`, {
        signing_request: keeper.request,
      });
      expect(answer).toMatchObject({ status: 400, body: { error: { code: '3735628', target: 'uuid' } } });
    }
  });

  it('refuses requests that are none, ask for the name of the CA, or have keys that are too weak', async () => {
    const ca = await generatedCa();
    const refusal = async (body: object) => {
      const { status, body: answer } = await server.request('POST', `${ca}/sign`, body);
      return [status, answer.error?.code, answer.error?.target];
    };
    const tampered = keeper.request.replace(/\n(.)/, (_, first) => `\n${first === 'A' ? 'B' : 'A'}`);
    const bad = [
      '',
      'x',
      keeper.key,
      keeper.request.repeat(2),
      tampered,
      '-----BEGIN CERTIFICATE REQUEST-----',
    ];
    for (const signing_request of bad)
      expect(await refusal({ signing_request })).toEqual([400, '52559975', 'signing_request']);
    const requested = (subject: string, key?: readonly string[]) => ({
      signing_request: requestCertificate({ subject, ...(key && { key }) }).request,
    });
    expect(await refusal(requested('/CN=Coast CA'))).toEqual([400, '3735629', 'signing_request']);
    expect(await refusal(requested('/O=nameless'))).toEqual([400, '3735558', 'signing_request']);
    expect(await refusal(requested('/CN=short', testKeys.rsa(1024)))).toEqual([
      400,
      '3735700',
      'signing_request',
    ]);
    const malformed = requestCertificate({ subject: '/CN=keeper', extensions: ['2.5.29.17=DER:0500'] });
    expect(await refusal({ signing_request: malformed.request })).toEqual([
      400,
      '52559975',
      'signing_request',
    ]);
    expect(await refusal({})).toEqual([400, '262278', 'signing_request']);
    const good = { signing_request: keeper.request };
    expect(await refusal({ ...good, hash_function: 'sha1' })).toEqual([400, '52560173', 'hash_function']);
    expect(await refusal({ ...good, expiry_time: 'PT1S' })).toEqual([400, '262197', 'expiry_time']);
    expect(await refusal({ ...good, public_certificate: 'x' })).toEqual([
      400,
      '262196',
      'public_certificate',
    ]);
    expect(await refusal({ ...good, name: 'x' })).toEqual([400, '262179', 'name']);
  });
});
