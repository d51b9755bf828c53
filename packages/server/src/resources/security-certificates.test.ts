import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type IssuedCertificate, issueCertificate, testKeys } from '@esplanade/domain/testing/certificates';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const path = '/api/security/certificates';
const cas = '/api/security/ipsec/ca-certificates';
const plain = { accept: 'application/json' };

let server: TestServer;
let root: IssuedCertificate;
let coast: IssuedCertificate;
let keeper: IssuedCertificate;
beforeAll(async () => {
  server = await startTestServer();
  root = issueCertificate({ subject: '/O=Lighthouses/CN=root', isCa: true });
  coast = issueCertificate({ subject: '/O=Lighthouses/CN=coast', isCa: true, issuer: root });
  keeper = issueCertificate({
    subject: '/O=Lighthouses/CN=keeper',
    issuer: coast,
    extensions: [
      'subjectKeyIdentifier=hash',
      'authorityKeyIdentifier=keyid',
      'subjectAltName=DNS:keeper.example.org,IP:192.0.2.1',
    ],
  });
});
afterEach(async () => {
  await server.request('DELETE', `${path}?uuid=*`);
});
afterAll(() => server.close());

/** The body that NetApp's Ansible module sends to install the keeper's certificate. */
function keeperBody(changes: object = {}): object {
  return {
    svm: { name: 'svm1' },
    type: 'server',
    common_name: 'keeper',
    public_certificate: keeper.certificate,
    private_key: keeper.key,
    intermediate_certificates: [coast.certificate, root.certificate],
    name: 'keeper',
    ...changes,
  };
}

async function install(body: object): Promise<string> {
  const { status, text, headers } = await server.request('POST', path, body);
  expect({ status, text }).toMatchObject({ status: 201 });
  return headers['location'] ?? '';
}

async function refused(body: object): Promise<readonly unknown[]> {
  const { status, body: answer } = await server.request('POST', path, body);
  return [status, answer.error?.code, answer.error?.target];
}

describe('a certificate that is installed', () => {
  it('shows what it says, and its key to nobody', async () => {
    const location = await install(keeperBody());
    const { body, text } = await server.request('GET', location, undefined, plain);
    const x509 = new X509Certificate(keeper.certificate);
    const svm = await server.request('GET', '/api/svm/svms?name=svm1', undefined, plain);
    expect(body).toEqual({
      uuid: location.split('/').at(-1),
      name: 'keeper',
      scope: 'svm',
      svm: { name: 'svm1', uuid: svm.body.records[0].uuid },
      type: 'server',
      common_name: 'keeper',
      ca: 'coast',
      serial_number: x509.serialNumber,
      expiry_time: x509.validToDate.toISOString().replace('.000', ''),
      hash_function: 'sha256',
      key_size: 256,
      subject_key_identifier: expect.stringMatching(/^([0-9A-F]{2}:){19}[0-9A-F]{2}$/),
      authority_key_identifier: expect.stringMatching(/^([0-9A-F]{2}:){19}[0-9A-F]{2}$/),
      subject_alternatives: { dns: ['keeper.example.org'], ip: ['192.0.2.1'] },
      public_certificate: keeper.certificate,
      intermediate_certificates: [coast.certificate, root.certificate],
    });
    expect(text).not.toContain('PRIVATE');
    for (const query of ['fields=private_key', 'private_key=*', 'order_by=private_key'])
      expect(await server.request('GET', `${path}?${query}`)).toMatchObject({ status: 400 });
  });

  it('keeps its key sealed on disk, out of answers and out of the log', async () => {
    await install(keeperBody());
    await server.request('POST', path, keeperBody({ name: 'again' }));
    await server.request('POST', path, keeperBody({ type: 'server_ca' }));
    await server.request('POST', path, keeperBody({ public_certificate: keeper.key }));
    await server.request('POST', path, keeperBody({ name: keeper.key }));
    const line = keeper.key.split('\n')[1] ?? '';
    expect(server.log.join('\n')).not.toContain(line);
    const secret = createPrivateKey(keeper.key).export({ format: 'der', type: 'pkcs8' });
    for (const name of readdirSync(server.directory)) {
      const bytes = readFileSync(join(server.directory, name));
      expect({ name, shows: bytes.includes(secret) || bytes.includes(line) }).toEqual({ name, shows: false });
    }
    const [stored] = [...server.parts.desired.snapshot().certificates.values()];
    expect(Buffer.from(stored?.value.privateKey?.reveal() ?? []).equals(secret)).toBe(true);
  });

  it('is found as clients look for it', async () => {
    const uuid = (await install(keeperBody())).split('/').at(-1);
    await install({ type: 'server-ca', public_certificate: root.certificate, name: 'root' });
    const names = async (query: string) => {
      const { status, body } = await server.request('GET', `${path}?${query}`, undefined, plain);
      expect(status).toBe(200);
      return body.records.map(({ name }: { name: string }) => name);
    };
    expect(await server.request('GET', `${path}?fields=uuid&name=keeper&svm.name=svm1`)).toMatchObject({
      body: { num_records: 1, records: [{ uuid, name: 'keeper' }] },
    });
    expect(await names('scope=cluster&fields=uuid')).toEqual(['root']);
    expect(await names('common_name=keeper&type=server&svm.name=svm1')).toEqual(['keeper']);
    expect(await names('type=server-ca')).toEqual(['root']);
    expect(await names('type=*_ca')).toEqual(['root']);
    expect(await names('ca=coast')).toEqual(['keeper']);
    expect(await names('expiry_time=<2020-01-01')).toEqual([]);
    expect(await names('expiry_time=>2020-01-01&order_by=name')).toEqual(['keeper', 'root']);
    expect(await names('key_size=256&hash_function=sha256&order_by=name%20desc')).toEqual(['root', 'keeper']);
    expect(await names('subject_alternatives.dns=keeper.*')).toEqual(['keeper']);
    const none = await server.request('GET', `${path}?name=nobody&scope=cluster&fields=uuid`);
    expect(none).toMatchObject({ status: 200, body: { num_records: 0, records: [] } });
  });

  it('comes back when it was asked for, and links to its SVM', async () => {
    const { body } = await server.request('POST', `${path}?return_records=true`, keeperBody());
    const { uuid, svm } = body.records[0];
    expect(body).toMatchObject({
      num_records: 1,
      records: [{ name: 'keeper', _links: { self: { href: `${path}/${uuid}` } } }],
    });
    expect(svm._links.self.href).toBe(`/api/svm/svms/${svm.uuid}`);
  });

  it('belongs to the cluster without an SVM, and to the SVM of a tunnelled request', async () => {
    const ofCluster = await install({ type: 'client_ca', public_certificate: root.certificate });
    expect((await server.request('GET', ofCluster)).body).toMatchObject({ scope: 'cluster' });
    const tunnel = { 'x-dot-svm-name': 'svm1' };
    expect(await server.request('GET', ofCluster, undefined, tunnel)).toMatchObject({ status: 404 });
    const { headers } = await server.request(
      'POST',
      path,
      { type: 'client_ca', public_certificate: root.certificate },
      tunnel,
    );
    expect((await server.request('GET', headers['location'] ?? '')).body).toMatchObject({
      scope: 'svm',
      svm: { name: 'svm1' },
    });
  });

  it('gets a name of its own where none is given', async () => {
    const { serialNumber } = new X509Certificate(root.certificate);
    const bodies = ['server_ca', 'client_ca'].map((type) => ({ type, public_certificate: root.certificate }));
    for (const body of bodies) await install(body);
    const { body } = await server.request('GET', `${path}?order_by=name`);
    expect(body.records.map(({ name }: { name: string }) => name)).toEqual([
      `root_${serialNumber}`,
      `root_${serialNumber}_client_ca`,
    ]);
    const fromElsewhere = await server.request('POST', path, { svm: { name: 'svm1' }, ...bodies[0] });
    expect(fromElsewhere.status).toBe(201);
  });

  it('may be one of many', async () => {
    const records = [
      { type: 'server_ca', public_certificate: root.certificate },
      { type: 'server_ca', public_certificate: 'garbage' },
      { type: 'server_ca', public_certificate: coast.certificate },
    ];
    const { status, body } = await server.request('POST', `${path}?continue_on_failure=true`, { records });
    expect([status, body.num_records]).toEqual([400, 2]);
    expect(body.error).toMatchObject({ code: '52559975', target: 'records[1].public_certificate' });
  });
});

describe('a certificate that is generated', () => {
  it.each(['server', 'client'] as const)('is one of an end entity, %s', async (type) => {
    const location = await install({ type, common_name: 'keeper.example.org', expiry_time: 'P30DT' });
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
    const location = await install({
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
    expect(await refused(body)).toEqual([400, code, target]);
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

describe('a certificate that is refused', () => {
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
    await install(keeperBody());
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

describe('deleting certificates', () => {
  it('works by UUID, by query and by records', async () => {
    const location = await install(keeperBody());
    expect(await server.request('DELETE', location)).toMatchObject({ status: 200, body: {} });
    expect(await server.request('GET', location)).toMatchObject({
      status: 404,
      body: { error: { code: '4' } },
    });
    expect(await server.request('DELETE', location)).toMatchObject({ status: 404 });
    await install(keeperBody());
    const uuid = (await install({ type: 'server_ca', public_certificate: root.certificate }))
      .split('/')
      .at(-1);
    expect(await server.request('DELETE', `${path}?type=server`)).toMatchObject({
      status: 200,
      body: { num_records: 1 },
    });
    expect(await server.request('DELETE', path, { records: [{ uuid }] })).toMatchObject({
      status: 200,
      body: { num_records: 1 },
    });
    expect((await server.request('GET', path)).body.num_records).toBe(0);
    await install(keeperBody());
  });

  it('is refused while IPsec trusts it or a policy shows it', async () => {
    const ca = await install({ type: 'server_ca', public_certificate: root.certificate, name: 'root' });
    const entry = await server.request('POST', cas, { 'certificate.uuid': ca.split('/').at(-1) });
    expect(await server.request('DELETE', ca)).toMatchObject({
      status: 409,
      body: { error: { code: '52560272', target: 'uuid', message: expect.stringContaining('IPsec') } },
    });
    await server.request('DELETE', entry.headers['location'] ?? '');
    expect((await server.request('DELETE', ca)).status).toBe(200);
    const own = await install(keeperBody());
    const policy = await server.request('POST', '/api/security/ipsec/policies', {
      name: 'nfs',
      svm: { name: 'svm1' },
      authentication_method: 'pki',
      certificate: { name: 'keeper' },
      local_endpoint: { address: '192.0.2.1', netmask: '32' },
      remote_endpoint: { address: '192.0.2.2', netmask: '32' },
      remote_identity: 'CN=remote',
    });
    expect(policy).toMatchObject({ status: 201 });
    expect(await server.request('DELETE', own)).toMatchObject({
      status: 409,
      body: { error: { code: '52560272', message: expect.stringContaining('nfs') } },
    });
    await server.request('DELETE', policy.headers['location'] ?? '');
    expect((await server.request('DELETE', own)).status).toBe(200);
  });

  it('goes before its SVM', async () => {
    await server.request('POST', '/api/svm/svms', { name: 'brief' });
    const own = await install(keeperBody({ svm: { name: 'brief' } }));
    const { body } = await server.request('GET', '/api/svm/svms?name=brief');
    const svm = `/api/svm/svms/${body.records[0].uuid}`;
    expect(await server.request('DELETE', svm)).toMatchObject({
      status: 409,
      body: { error: { code: '8', message: expect.stringContaining('certificate "keeper"') } },
    });
    await server.request('DELETE', own);
    expect((await server.request('DELETE', svm)).status).toBe(200);
  });

  it('is refused of what may not be changed at all', async () => {
    const location = await install(keeperBody());
    expect(await server.request('PATCH', location, { name: 'other' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD, OPTIONS, DELETE' },
    });
  });
});

describe('earlier releases', () => {
  it('know neither names before 9.8 nor alternatives before 9.15', async () => {
    const older = await startTestServer('--ontap-version', '9.14.1');
    try {
      const { status, body } = await older.request('GET', `${path}?fields=subject_alternatives`);
      expect([status, body.error.code]).toEqual([400, '262197']);
      expect((await older.request('GET', `${path}?fields=subject_key_identifier,name`)).status).toBe(200);
    } finally {
      await older.close();
    }
  });
});
