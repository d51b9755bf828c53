import { type IssuedCertificate, issueCertificate } from '@esplanade/domain/testing/certificates';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const path = '/api/security/ipsec/ca-certificates';
const certificates = '/api/security/certificates';
const plain = { accept: 'application/json' };
const nobody = '00000000-0000-4000-8000-000000000000';

let server: TestServer;
let root: IssuedCertificate;
beforeAll(async () => {
  server = await startTestServer();
  root = issueCertificate({ subject: '/CN=root', isCa: true });
});
afterEach(async () => {
  await server.request('DELETE', `${path}?certificate.uuid=*`);
  await server.request('DELETE', `${certificates}?uuid=*`);
});
afterAll(() => server.close());

/** Installs a certificate; its UUID. */
async function install(body: object): Promise<string> {
  const { status, text, headers } = await server.request('POST', certificates, body);
  expect({ status, text }).toMatchObject({ status: 201 });
  return headers['location']?.split('/').at(-1) ?? '';
}

function rootOf(svm?: string, type = 'server_ca'): Promise<string> {
  return install({ type, public_certificate: root.certificate, ...(svm && { svm: { name: svm } }) });
}

describe('the CA certificates of IPsec', () => {
  it.each([
    ['dotted', (uuid: string) => ({ 'certificate.uuid': uuid, 'svm.name': 'svm1' })],
    ['nested', (uuid: string) => ({ certificate: { uuid }, svm: { name: 'svm1' } })],
    ['without its SVM', (uuid: string) => ({ certificate: { uuid: uuid.toUpperCase() } })],
  ])('take one of an SVM, named %s', async (_, body) => {
    const uuid = await rootOf('svm1');
    const { status, headers } = await server.request('POST', path, body(uuid));
    expect([status, headers['location']]).toEqual([201, `${path}/${uuid}`]);
    const svm = await server.request('GET', '/api/svm/svms?name=svm1', undefined, plain);
    const expected = {
      certificate: { uuid },
      scope: 'svm',
      svm: { name: 'svm1', uuid: svm.body.records[0].uuid },
    };
    expect((await server.request('GET', `${path}/${uuid}`, undefined, plain)).body).toEqual(expected);
    expect((await server.request('GET', path, undefined, plain)).body).toEqual({
      num_records: 1,
      records: [expected],
    });
    const { body: linked } = await server.request('GET', `${path}/${uuid}`);
    expect(linked).toMatchObject({
      certificate: { _links: { self: { href: `${certificates}/${uuid}` } } },
      _links: { self: { href: `${path}/${uuid}` } },
    });
  });

  it('take one of the cluster, and tell it on request', async () => {
    const uuid = await rootOf(undefined, 'root_ca');
    const { body } = await server.request('POST', `${path}?return_records=true`, { certificate: { uuid } });
    expect(body).toMatchObject({ num_records: 1, records: [{ certificate: { uuid }, scope: 'cluster' }] });
    expect(body.records[0]).not.toHaveProperty('svm');
  });

  it('are found by any of their fields, and by pages', async () => {
    const [ofSvm, ofCluster] = [await rootOf('svm1'), await rootOf()];
    for (const uuid of [ofSvm, ofCluster]) await server.request('POST', path, { certificate: { uuid } });
    const found = async (query: string) => {
      const { body } = await server.request('GET', `${path}?${query}`, undefined, plain);
      return body.records.map(({ certificate }: { certificate: { uuid: string } }) => certificate.uuid);
    };
    expect(await found('scope=cluster')).toEqual([ofCluster]);
    expect(await found('svm.name=svm1')).toEqual([ofSvm]);
    expect(await found(`certificate.uuid=${ofSvm}`)).toEqual([ofSvm]);
    const first = await server.request('GET', `${path}?max_records=1`);
    const second = await server.request('GET', first.body._links.next.href);
    const both = [first, second].map(({ body }) => body.records[0].certificate.uuid);
    expect(both.sort()).toEqual([ofSvm, ofCluster].sort());
    const tunnel = { 'x-dot-svm-name': 'svm1' };
    expect((await server.request('GET', path, undefined, tunnel)).body.num_records).toBe(1);
    expect((await server.request('GET', `${path}/${ofCluster}`, undefined, tunnel)).status).toBe(404);
  });

  it('say of one that is not added what the Ansible module looks for', async () => {
    const uuid = await rootOf();
    for (const key of [uuid, nobody, 'x'])
      expect(await server.request('GET', `${path}/${key}`)).toMatchObject({
        status: 404,
        body: { error: { code: '4', message: "entry doesn't exist", target: 'certificate.uuid' } },
      });
  });

  it('take no certificate that is not there, not of a CA, or of another SVM', async () => {
    const own = issueCertificate({ subject: '/CN=own' });
    const server_ = { type: 'server', public_certificate: own.certificate, private_key: own.key };
    const [ofCluster, ofNoCa] = [await rootOf(), await install(server_)];
    const bodies = [
      { certificate: { uuid: nobody } },
      { certificate: { uuid: 'x' } },
      { certificate: { uuid: ofNoCa } },
      { certificate: { uuid: ofCluster }, svm: { name: 'svm1' } },
    ];
    for (const body of bodies)
      expect(await server.request('POST', path, body)).toMatchObject({
        status: 400,
        body: { error: { code: '66257304', target: 'certificate.uuid' } },
      });
    const tunnelled = await server.request('POST', path, bodies[2], { 'x-dot-svm-name': 'svm1' });
    expect(tunnelled).toMatchObject({ status: 400, body: { error: { code: '66257304' } } });
    expect((await server.request('GET', path)).body.num_records).toBe(0);
  });

  it.each([
    [{}, '262278', 'certificate.uuid'],
    [{ certificate: { uuid: null } }, '262278', 'certificate.uuid'],
    [{ certificate: { uuid: 'x', name: 'root' } }, '262179', 'certificate.name'],
    [{ certificate: { uuid: 'x' }, scope: 'svm' }, '262196', 'scope'],
    [{ certificate: { uuid: 'x' }, svm: { name: 'nobody' } }, '66257202', 'svm.name'],
    [{ certificate: { uuid: 'x' }, svm: { uuid: 'nobody' } }, '66257203', 'svm.uuid'],
  ])('take no body %j', async (body, code, target) => {
    expect(await server.request('POST', path, body)).toMatchObject({
      status: 400,
      body: { error: { code, target } },
    });
  });

  it('take each once', async () => {
    const uuid = await rootOf();
    expect((await server.request('POST', path, { certificate: { uuid } })).status).toBe(201);
    expect(await server.request('POST', path, { certificate: { uuid } })).toMatchObject({
      status: 409,
      body: { error: { code: '1', message: 'duplicate entry', target: 'certificate.uuid' } },
    });
  });

  it('go by UUID, by query and by records, and their certificates stay', async () => {
    const uuids = [await rootOf(), await rootOf('svm1'), await rootOf(undefined, 'client_ca')];
    const records = uuids.map((uuid) => ({ certificate: { uuid } }));
    expect((await server.request('POST', path, { records })).status).toBe(201);
    const [first = '', second = '', third = ''] = uuids;
    expect(await server.request('DELETE', `${path}/${first}?return_timeout=30`)).toMatchObject({
      status: 200,
      body: {},
    });
    expect(await server.request('DELETE', `${path}?svm.name=svm1`)).toMatchObject({
      status: 200,
      body: { num_records: 1 },
    });
    const byRecords = { records: [{ 'certificate.uuid': third }] };
    expect(await server.request('DELETE', path, byRecords)).toMatchObject({ body: { num_records: 1 } });
    expect((await server.request('GET', path)).body.num_records).toBe(0);
    expect((await server.request('GET', `${certificates}/${second}`)).status).toBe(200);
  });

  it('say why there is nothing to delete', async () => {
    const uuid = await rootOf();
    expect(await server.request('DELETE', `${path}/${uuid}`)).toMatchObject({
      status: 404,
      body: { error: { code: '66257298', message: expect.stringContaining("entry doesn't exist") } },
    });
    expect(await server.request('DELETE', `${path}/${nobody}`)).toMatchObject({
      status: 404,
      body: { error: { code: '66257303', message: expect.stringContaining("entry doesn't exist") } },
    });
    const records = [{ certificate: { uuid: nobody } }];
    expect(await server.request('DELETE', path, { records })).toMatchObject({
      status: 404,
      body: { error: { code: '66257303', target: 'records[0].certificate.uuid' } },
    });
  });

  it('tell nothing of the certificates of other SVMs', async () => {
    await server.request('POST', '/api/svm/svms', { name: 'svm2' });
    const uuid = await rootOf('svm2');
    await server.request('POST', path, { certificate: { uuid } });
    const tunnel = { 'x-dot-svm-name': 'svm1' };
    expect(await server.request('DELETE', `${path}/${uuid}`, undefined, tunnel)).toMatchObject({
      status: 404,
      body: { error: { code: '66257303' } },
    });
    expect((await server.request('GET', `${path}/${uuid}`)).status).toBe(200);
  });
});

describe('releases', () => {
  it('before 9.10.1 do not know them, and up to 9.12 have another code', async () => {
    const body = { certificate: { uuid: nobody } };
    for (const [release, status, code] of [
      ['9.9.1', 404, '3'],
      ['9.10.1', 400, '66257296'],
      ['9.12.1', 400, '66257296'],
      ['9.13.1', 400, '66257304'],
    ] as const) {
      const older = await startTestServer('--ontap-version', release);
      try {
        expect(await older.request('POST', path, body)).toMatchObject({ status, body: { error: { code } } });
      } finally {
        await older.close();
      }
    }
  });
});
