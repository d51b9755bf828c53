import { createPrivateKey, X509Certificate } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const path = '/api/security/certificates';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterEach(async () => {
  await server.request('DELETE', `${path}?uuid=*`);
});
afterAll(() => server.close());

async function generated(body: object): Promise<string> {
  const { status, text, headers } = await server.request('POST', path, body);
  expect({ status, text }).toMatchObject({ status: 201 });
  return headers['location'] ?? '';
}

describe('a certificate that is generated', () => {
  it.each(['server', 'client'] as const)('is one of an end entity, %s', async (type) => {
    const location = await generated({ type, common_name: 'keeper.example.org', expiry_time: 'P30DT' });
    const { body } = await server.request('GET', location);
    const x509 = new X509Certificate(body.public_certificate);
    expect(x509.ca).toBe(false);
    expect(x509.verify(x509.publicKey)).toBe(true);
    expect(body).toMatchObject({
      common_name: 'keeper.example.org',
      ca: 'keeper.example.org',
      key_size: 2048,
      hash_function: 'sha256',
    });
    const days = (Date.parse(body.expiry_time) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(30);
    const [stored] = [...server.parts.desired.snapshot().certificates.values()];
    const key = Buffer.from(stored?.value.privateKey?.reveal() ?? []);
    expect(x509.checkPrivateKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' }))).toBe(true);
  });

  it('is one of a CA, as strong as it is asked for', async () => {
    const location = await generated({
      type: 'root-ca',
      common_name: 'Leuchtfeuer, Küste',
      hash_function: 'sha512',
      key_size: 3072,
    });
    const { body } = await server.request('GET', location);
    expect(new X509Certificate(body.public_certificate).ca).toBe(true);
    expect(body).toMatchObject({
      type: 'root_ca',
      common_name: 'Leuchtfeuer, Küste',
      hash_function: 'sha512',
      key_size: 3072,
    });
    const days = (Date.parse(body.expiry_time) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(365);
  });

  it.each([
    [{ type: 'server_ca', common_name: 'x' }, '3735622', 'type'],
    [{ type: 'server' }, '3735676', 'common_name'],
    [{ type: 'server', common_name: '' }, '3735588', 'common_name'],
    [{ type: 'server', common_name: 'x'.repeat(65) }, '3735588', 'common_name'],
    [{ type: 'server', common_name: '#12' }, '3735588', 'common_name'],
    [{ type: 'server', common_name: 'x', key_size: 1024 }, '3735700', 'key_size'],
    [{ type: 'server', common_name: 'x', key_size: 1e9 }, '3735700', 'key_size'],
    [{ type: 'server', common_name: 'x', hash_function: 'sha1' }, '52560173', 'hash_function'],
    [{ type: 'server', common_name: 'x', hash_function: 'md5' }, '52560173', 'hash_function'],
    [{ type: 'server', common_name: 'x', hash_function: 'crc' }, '262185', 'hash_function'],
    [{ type: 'server', common_name: 'x', expiry_time: 'PT1H' }, '262197', 'expiry_time'],
    [{ type: 'server', common_name: 'x', expiry_time: 'P11Y' }, '262197', 'expiry_time'],
    [{ type: 'server', common_name: 'x', expiry_time: 'soon' }, '262197', 'expiry_time'],
    [{ type: 'server', common_name: 'x', private_key: 'x' }, '262278', 'public_certificate'],
    [{ common_name: 'x' }, '262278', 'type'],
    [{ type: 'root', common_name: 'x' }, '262185', 'type'],
    [{ type: 'server', common_name: 'x', serial_number: 'AB' }, '262196', 'serial_number'],
    [{ type: 'server', common_name: 'x', name: '' }, '262197', 'name'],
    [{ type: 'server', common_name: 'x', name: 'a\nb' }, '262197', 'name'],
  ])('is refused as %j', async (body, code, target) => {
    const answer = await server.request('POST', path, body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code, target } } });
  });

  it('is told everything that is wrong at once', async () => {
    const { body } = await server.request('POST', path, { type: 'client_ca', key_size: 1, expiry_time: '' });
    expect([body.error.code, ...body.error.arguments.map(({ code }: { code: string }) => code)]).toEqual([
      '3735622',
      '3735676',
      '3735700',
      '262197',
    ]);
  });
});
