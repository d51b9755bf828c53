import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type IssuedCertificate, issueCertificate } from '@esplanade/domain/testing/certificates';
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

  it('is found by its hexadecimal fields in either case', async () => {
    const location = await install(keeperBody());
    const { body } = await server.request('GET', location, undefined, plain);
    for (const field of ['serial_number', 'subject_key_identifier', 'authority_key_identifier']) {
      const text: string = body[field];
      for (const spelling of [text.toLowerCase(), text, `${text.slice(0, 11).toLowerCase()}*`]) {
        const found = await server.request('GET', `${path}?${field}=${encodeURIComponent(spelling)}`);
        expect([field, spelling, found.body.num_records]).toEqual([field, spelling, 1]);
      }
    }
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
