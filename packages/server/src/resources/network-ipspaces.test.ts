import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer('--ontap-version', '9.16.1', '--node-name', 'node7');
});
afterAll(() => server.close());

async function create(path: string, body: object): Promise<string> {
  const { status, headers, text } = await server.request('POST', path, body);
  expect({ status, text }).toMatchObject({ status: 201 });
  return headers['location'] ?? '';
}

describe('IPspaces', () => {
  it('carry policies as soon as they are there', async () => {
    const ipspace = await create('/api/network/ipspaces', { name: 'green' });
    await server.request('PATCH', '/api/security/ipsec', { enabled: true });
    const policy = await create('/api/security/ipsec/policies', {
      ...goodPolicy,
      scope: 'cluster',
      ipspace: { name: 'green' },
    });
    const uuid = policy.split('/').at(-1);
    expect((await server.request('GET', `/api/esplanade/v1/policies/${uuid}`)).body).toMatchObject({
      state: 'applied',
      ipspace: { name: 'green' },
    });
    const datapaths = await server.request('GET', '/api/esplanade/v1/datapaths?ipspace.name=green&fields=*');
    expect(datapaths.body.records).toMatchObject([{ kind: 'simulated', ready: true, guard: 'simulated' }]);
    await server.request('DELETE', policy);
    expect((await server.request('DELETE', ipspace)).status).toBe(200);
    expect((await server.request('GET', '/api/esplanade/v1/datapaths')).body.num_records).toBe(1);
  });

  it.each([
    '../etc',
    'a/b',
    '.hidden',
    '-flag',
    'a b',
    'ü',
    'a%2Fb',
    'red.guard',
    'red.kernel',
    'x'.repeat(48),
  ])('have no name that is none of a network namespace and its sockets: %s', async (name) => {
    expect(await server.request('POST', '/api/network/ipspaces', { name })).toMatchObject({
      status: 400,
      body: { error: { code: '262197', target: 'name' } },
    });
  });

  it('do not know one another: what is equal in two but for the key is in force in both', async () => {
    const paths: string[] = [];
    for (const name of ['left', 'right']) {
      const ipspace = await create('/api/network/ipspaces', { name });
      const svm = await create('/api/svm/svms', { name: `svm-${name}`, 'ipspace.name': name });
      const address = { name: 'own', svm: { name: `svm-${name}` }, ip: { address: '192.0.2.1' } };
      const ipInterface = await create('/api/network/ip/interfaces', address);
      const owner = { svm: { name: `svm-${name}` } };
      const secret_key = `the key of everything ${name}`;
      const policy = await create('/api/security/ipsec/policies', { ...goodPolicy, ...owner, secret_key });
      const query = `name=${goodPolicy.name}&ipspace.name=${name}&fields=svm.name`;
      const { body } = await server.request('GET', `/api/security/ipsec/policies?${query}`);
      expect(body.records).toMatchObject([{ uuid: policy.split('/').at(-1), svm: { name: `svm-${name}` } }]);
      const state = await server.request('GET', `/api/esplanade/v1/policies/${policy.split('/').at(-1)}`);
      expect(state.body).toMatchObject({ state: 'applied', ipspace: { name } });
      paths.unshift(policy, ipInterface, svm, ipspace);
    }
    for (const path of paths) expect((await server.request('DELETE', path)).status).toBe(200);
  });

  it.each([
    ['an SVM', '/api/svm/svms', {}],
    ['an interface', '/api/network/ip/interfaces', { ip: { address: '192.0.2.66' } }],
    ['a policy', '/api/security/ipsec/policies', { ...goodPolicy, scope: 'cluster' }],
  ])('do not go while %s is in them', async (_, path, body) => {
    const ipspace = await create('/api/network/ipspaces', { name: 'busy' });
    const child = await create(path, { ...body, name: 'its', ipspace: { name: 'busy' } });
    expect(await server.request('DELETE', ipspace)).toMatchObject({
      status: 409,
      body: { error: { code: '8', message: expect.stringContaining('its') } },
    });
    expect((await server.request('DELETE', child)).status).toBe(200);
    expect((await server.request('DELETE', ipspace)).status).toBe(200);
  });

  it.each(['PATCH', 'PUT'])('are not renamed by %s: the name is the network namespace', async (method) => {
    const { body } = await server.request('GET', '/api/network/ipspaces?name=Default');
    const path = `/api/network/ipspaces/${body.records[0].uuid}`;
    expect(await server.request(method, path, { name: 'other' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD, OPTIONS, DELETE' },
    });
  });

  it('keep Default', async () => {
    const { body } = await server.request('GET', '/api/network/ipspaces?name=Default');
    expect(await server.request('DELETE', `/api/network/ipspaces/${body.records[0].uuid}`)).toMatchObject({
      status: 409,
    });
    expect(await server.request('POST', '/api/network/ipspaces', { name: 'Default' })).toMatchObject({
      status: 409,
    });
  });
});
