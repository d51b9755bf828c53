import { afterAll, expect, it } from 'vitest';
import { goodPolicy, startTestServer } from '../testing/test-server.ts';

const server = await startTestServer();
afterAll(() => server.close());

async function make(path: string, body: object): Promise<string> {
  const { status, text, headers } = await server.request('POST', path, body);
  expect(status, text).toBe(201);
  return String(headers['location']);
}

it('an SVM that is renamed is called so wherever it is shown, asked for and tunnelled to, and its SAs stay', async () => {
  const owner = { svm: { name: 'svm1' } };
  await server.request('PATCH', '/api/security/ipsec', { enabled: true });
  await make('/api/network/ip/interfaces', { ...owner, name: 'lif', ip: { address: '192.0.2.1' } });
  await make('/api/security/ipsec/policies', { ...goodPolicy, ...owner });
  const ca = await make('/api/security/certificates', {
    ...owner,
    name: 'ca',
    type: 'root_ca',
    common_name: 'ca',
  });
  await make('/api/security/ipsec/ca-certificates', { 'certificate.uuid': ca.split('/').at(-1) });
  await make('/api/security/accounts', {
    name: 'keeper',
    owner: { name: 'svm1' },
    password: 'a secret of tests',
  });
  const sas = async () =>
    (await server.request('GET', '/api/security/ipsec/security-associations?fields=svm.name')).body.records;
  await expect.poll(async () => (await sas()).length > 0).toBe(true);
  const before = await sas();
  const paths = [
    '/api/svm/svms?',
    '/api/network/ip/interfaces?fields=svm.name',
    '/api/security/ipsec/policies?fields=svm.name',
    '/api/security/certificates?fields=svm.name',
    '/api/security/ipsec/ca-certificates?fields=svm.name',
    '/api/security/accounts?scope=svm',
    '/api/security/ipsec/security-associations?fields=svm.name',
    '/api/private/cli/security/ipsec/policy?fields=action',
    '/api/private/cli/security/ipsec/ca-certificate?fields=ca_certs',
    '/api/private/cli/security/ipsec/ipsecsa?fields=vserver',
    '/api/esplanade/v1/policies?fields=svm.name',
  ];
  const shown = () => Promise.all(paths.map(async (path) => (await server.request('GET', path)).text));
  for (const text of await shown()) expect(text).toContain('"svm1"');
  const { body } = await server.request('GET', '/api/svm/svms?name=svm1');
  const svm = `/api/svm/svms/${body.records[0].uuid}`;
  expect((await server.request('PATCH', svm, { name: 'harbour', comment: 'moved' })).status).toBe(200);
  for (const [index, text] of (await shown()).entries()) {
    expect(text, paths[index]).toContain('"harbour"');
    expect(text, paths[index]).not.toContain('"svm1"');
  }
  expect((await server.request('GET', svm)).body).toMatchObject({ name: 'harbour', comment: 'moved' });
  const uuids = (records: readonly { uuid: string }[]) => records.map(({ uuid }) => uuid);
  expect(uuids(await sas())).toEqual(uuids(before));
  const tunnelled = async (name: string) =>
    server.request('GET', '/api/security/ipsec/policies', undefined, { 'x-dot-svm-name': name });
  expect((await tunnelled('harbour')).body.num_records).toBe(1);
  expect((await tunnelled('svm1')).status).toBe(404);
  await make('/api/svm/svms', { name: 'svm1' });
  expect(await server.request('PATCH', svm, { name: 'svm1' })).toMatchObject({
    status: 409,
    body: { error: { code: '1', target: 'name' } },
  });
  expect((await server.request('PATCH', svm, { name: 'harbour' })).status).toBe(200);
});
