import { type IssuedCertificate, issueCertificate, testKeys } from '@esplanade/domain/testing/certificates';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const path = '/api/security/certificates';

let server: TestServer;
let root: IssuedCertificate;
let keeper: IssuedCertificate;
beforeAll(async () => {
  server = await startTestServer();
  root = issueCertificate({ subject: '/O=Lighthouses/CN=root', isCa: true });
  keeper = issueCertificate({ subject: '/O=Lighthouses/CN=keeper', issuer: root });
});
afterEach(async () => {
  await server.request('DELETE', `${path}?uuid=*`);
});
afterAll(() => server.close());

/** A body that is good but for the changes. */
function keeperBody(changes: object = {}): object {
  return {
    svm: { name: 'svm1' },
    type: 'server',
    public_certificate: keeper.certificate,
    private_key: keeper.key,
    name: 'keeper',
    ...changes,
  };
}

async function refused(body: object): Promise<readonly unknown[]> {
  const { status, body: answer } = await server.request('POST', path, body);
  return [status, answer.error?.code, answer.error?.target];
}

describe('a certificate that is not installed', () => {
  it('is no certificate, whatever was sent', async () => {
    for (const public_certificate of [
      '',
      'x',
      '\u0000',
      keeper.key,
      keeper.certificate + root.certificate,
      7,
    ])
      expect(await refused(keeperBody({ public_certificate }))).toEqual([
        400,
        '52559975',
        'public_certificate',
      ]);
    const huge = 'A'.repeat(500_000);
    const public_certificate = `-----BEGIN CERTIFICATE-----\n${huge}\n-----END CERTIFICATE-----\n`;
    expect(await refused(keeperBody({ public_certificate }))).toEqual([
      400,
      '52559975',
      'public_certificate',
    ]);
    expect(await refused(keeperBody({ intermediate_certificates: ['x'] }))).toEqual([
      400,
      '52559975',
      'intermediate_certificates',
    ]);
    expect(await refused(keeperBody({ public_certificate: { pem: 1 } }))).toEqual([
      400,
      '262197',
      'public_certificate',
    ]);
  });

  it('does not hold now, or cannot do what its type is for', async () => {
    const issue = (changes: object) =>
      issueCertificate({ subject: '/CN=odd', isCa: true, ...changes }).certificate;
    const dayMs = 86_400_000;
    const at = (days: number) => new Date(Date.now() + days * dayMs);
    const cases: readonly (readonly [string, string])[] = [
      [issue({ notBefore: at(1) }), '52559972'],
      [issue({ notBefore: at(-2), notAfter: at(-1) }), '52559973'],
      [issue({ isCa: false }), '3735632'],
      [issue({ subject: '/O=nameless' }), '3735558'],
      [issue({ key: testKeys.rsa(1024) }), '3735700'],
      [issue({ key: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1'] }), '52363366'],
      [issue({ issuer: root, hash: 'sha1' }), '52560173'],
    ];
    for (const [public_certificate, code] of cases)
      expect(await refused({ type: 'server_ca', public_certificate })).toEqual([
        400,
        code,
        'public_certificate',
      ]);
  });

  it.each([
    [{ private_key: undefined }, '3735693', 'private_key'],
    [{ private_key: '' }, '3735693', 'private_key'],
    [{ private_key: 'x' }, '52560123', 'private_key'],
    [{ intermediate_certificates: Array(11).fill('x') }, '262197', 'intermediate_certificates'],
    [{ svm: { name: 'nobody' } }, '2621462', 'svm.name'],
    [{ svm: { uuid: 'nobody' } }, '2621462', 'svm.uuid'],
  ])('comes without what it needs: %j', async (changes, code, target) => {
    const [, ...answer] = await refused(keeperBody(changes));
    expect(answer).toEqual([code, target]);
  });

  it('comes with the key of another, or with what one of a CA has not', async () => {
    expect(await refused(keeperBody({ private_key: root.key }))).toEqual([400, '52559976', 'private_key']);
    const ca = { type: 'server_ca', public_certificate: root.certificate };
    expect(await refused({ ...ca, private_key: root.key })).toEqual([400, '3735618', 'private_key']);
    expect(await refused({ ...ca, intermediate_certificates: [root.certificate] })).toEqual([
      400,
      '3735696',
      'intermediate_certificates',
    ]);
    const stray = issueCertificate({ subject: '/CN=stray', isCa: true }).certificate;
    expect(await refused(keeperBody({ intermediate_certificates: [stray] }))).toEqual([
      400,
      '262197',
      'intermediate_certificates',
    ]);
  });

  it('is there already, under this name or under another', async () => {
    expect((await server.request('POST', path, keeperBody())).status).toBe(201);
    const again = await server.request('POST', path, keeperBody({ name: 'again' }));
    expect(again).toMatchObject({
      status: 409,
      body: {
        error: {
          code: '1',
          target: 'public_certificate',
          message: 'duplicate entry.  Same certificate may already exist under a different name.',
        },
      },
    });
    const other = issueCertificate({ subject: '/CN=other' });
    const body = keeperBody({
      public_certificate: other.certificate,
      private_key: other.key,
      intermediate_certificates: [],
    });
    expect(await refused(body)).toEqual([409, '1', 'name']);
  });

  it('was never quoted: nothing of a text that may be a key is told again', async () => {
    const { text } = await server.request('POST', path, keeperBody({ public_certificate: 'canary-1' }));
    expect(text).not.toContain('canary');
  });
});
