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

describe('the cluster and its node', () => {
  it('tell the release they emulate and who they are', async () => {
    const { body } = await server.request('GET', '/api/cluster?fields=version');
    expect(body.version).toEqual({
      full: expect.stringMatching(/^Esplanade .*9\.16\.1$/),
      generation: 9,
      major: 16,
      minor: 1,
    });
    const nodes = await server.request('GET', '/api/cluster/nodes?fields=*');
    expect(nodes.body.records).toMatchObject([
      {
        name: 'node7',
        state: 'up',
        membership: 'available',
        version: { major: 16 },
        uptime: expect.any(Number),
      },
    ]);
    expect(await server.request('GET', `/api/cluster/nodes/${nodes.body.records[0].uuid}`)).toMatchObject({
      status: 200,
    });
    expect(await server.request('GET', '/api/cluster/nodes/nothing')).toMatchObject({ status: 404 });
  });
});

describe('jobs', () => {
  it('there are none, and none of any UUID', async () => {
    const { status, body } = await server.request('GET', '/api/cluster/jobs?state=running&fields=*');
    expect({ status, body }).toMatchObject({ status: 200, body: { records: [], num_records: 0 } });
    const answer = await server.request('GET', '/api/cluster/jobs/1f0cbd2e-6ed6-4ff3-9b2f-8c1f86d4f001');
    expect(answer).toMatchObject({
      status: 404,
      body: { error: { code: '4', message: "entry doesn't exist", target: 'uuid' } },
    });
  });

  it('have every field that clients poll for', async () => {
    const fields = 'state,message,code,error,description,start_time,end_time,node,svm';
    expect((await server.request('GET', `/api/cluster/jobs?fields=${fields}`)).status).toBe(200);
  });
});

describe('SVMs', () => {
  it('begin with svm1 in Default', async () => {
    const { body } = await server.request('GET', '/api/svm/svms?fields=*');
    expect(body.records).toMatchObject([{ name: 'svm1', state: 'running', ipspace: { name: 'Default' } }]);
  });

  it('are made in an IPspace, hold it, and go', async () => {
    const ipspace = await create('/api/network/ipspaces', { name: 'red' });
    const svm = await create('/api/svm/svms', { name: 'svm2', 'ipspace.name': 'red' });
    expect((await server.request('GET', svm)).body).toMatchObject({ name: 'svm2', ipspace: { name: 'red' } });
    expect(await server.request('DELETE', ipspace)).toMatchObject({
      status: 409,
      body: { error: { code: '8' } },
    });
    expect(await server.request('DELETE', svm)).toMatchObject({ status: 200 });
    expect(await server.request('DELETE', ipspace)).toMatchObject({ status: 200 });
    expect(await server.request('GET', svm)).toMatchObject({ status: 404 });
  });

  it.each([
    [{}, 400, '262278', 'name'],
    [{ name: '-x' }, 400, '262197', 'name'],
    [{ name: 'a/b' }, 400, '262197', 'name'],
    [{ name: 'svm1' }, 409, '1', 'name'],
    [{ name: 'new', ipspace: { name: 'nowhere' } }, 400, '262197', 'ipspace.name'],
  ])('are refused as %j', async (body, status, code, target) => {
    const answer = await server.request('POST', '/api/svm/svms', body);
    expect(answer).toMatchObject({ status, body: { error: { code, target } } });
  });

  it('have a comment that can be changed and taken away', async () => {
    const svm = await create('/api/svm/svms', { name: 'told', comment: 'first floor' });
    const shown = async () => (await server.request('GET', svm)).body.comment;
    expect(await shown()).toBe('first floor');
    expect((await server.request('PATCH', svm, { comment: 'second floor' })).status).toBe(200);
    expect(await shown()).toBe('second floor');
    expect((await server.request('PATCH', svm, {})).status).toBe(200);
    expect(await shown()).toBe('second floor');
    for (const none of [null, '']) {
      await server.request('PATCH', svm, { comment: 'again' });
      await server.request('PATCH', svm, { comment: none });
      expect(await shown()).toBeUndefined();
    }
    expect((await server.request('DELETE', svm)).status).toBe(200);
  });

  it.each([
    ['an interface', '/api/network/ip/interfaces', { name: 'its', ip: { address: '192.0.2.66' } }],
    ['a certificate', '/api/security/certificates', { name: 'its', type: 'root_ca', common_name: 'its' }],
    ['a policy', '/api/security/ipsec/policies', { ...goodPolicy, name: 'its' }],
  ])('do not go while %s is theirs', async (_, path, body) => {
    const svm = await create('/api/svm/svms', { name: 'busy' });
    const child = await create(path, { ...body, svm: { name: 'busy' } });
    expect(await server.request('DELETE', svm)).toMatchObject({
      status: 409,
      body: { error: { code: '8', message: expect.stringContaining('its') } },
    });
    expect((await server.request('DELETE', child)).status).toBe(200);
    expect((await server.request('DELETE', svm)).status).toBe(200);
  });

  it.each([
    [{ comment: 'x'.repeat(256) }, '262197', 'comment'],
    [{ comment: ['x'] }, '262255', 'comment'],
    [{ name: '-x' }, '262197', 'name'],
    [{ name: null }, '262278', 'name'],
    [{ ipspace: { name: 'Default' } }, '262196', 'ipspace.name'],
    [{ aggregates: [] }, '262179', 'aggregates'],
  ])('are not changed by %j', async (body, code, target) => {
    const { body: found } = await server.request('GET', '/api/svm/svms?name=svm1');
    const answer = await server.request('PATCH', `/api/svm/svms/${found.records[0].uuid}`, body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code, target } } });
  });

  it('are not for tunnelled requests to make', async () => {
    const headers = { 'x-dot-svm-name': 'svm1' };
    for (const path of ['/api/svm/svms', '/api/network/ipspaces'])
      expect(await server.request('POST', path, { name: 'other' }, headers)).toMatchObject({
        status: 403,
        body: { error: { code: '6' } },
      });
    expect((await server.request('PATCH', '/api/security/ipsec', { enabled: true }, headers)).status).toBe(
      403,
    );
  });
});

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

describe('IP interfaces', () => {
  it('belong to an SVM, or to an IPspace', async () => {
    const lif = await create('/api/network/ip/interfaces', {
      name: 'lif1',
      'svm.name': 'svm1',
      ip: { address: '192.0.2.1', netmask: '255.255.255.0' },
    });
    expect((await server.request('GET', lif)).body).toMatchObject({
      name: 'lif1',
      scope: 'svm',
      svm: { name: 'svm1' },
      ipspace: { name: 'Default' },
      ip: { address: '192.0.2.1', netmask: '24', family: 'ipv4' },
      enabled: true,
    });
    const wide = await create('/api/network/ip/interfaces', {
      name: 'lif1',
      ipspace: { name: 'Default' },
      ip: { address: 'FD00::0001' },
      enabled: false,
    });
    const { body } = await server.request('GET', wide);
    expect(body).toMatchObject({
      scope: 'cluster',
      ip: { address: 'fd00::1', netmask: '128' },
      enabled: false,
    });
    expect(body).not.toHaveProperty('svm');
    for (const path of [lif, wide]) expect((await server.request('DELETE', path)).status).toBe(200);
    expect((await server.request('GET', '/api/network/ip/interfaces')).body.num_records).toBe(0);
  });

  it('change name, address, mask and use, and free what they had', async () => {
    const path = '/api/network/ip/interfaces';
    const ip = { address: '192.0.2.7', netmask: '24' };
    const lif = await create(path, { name: 'before', ip });
    const shown = async () => (await server.request('GET', lif)).body;
    const change = { name: 'after', ip: { address: '192.0.2.8' }, enabled: 'false' };
    expect((await server.request('PATCH', lif, change)).status).toBe(200);
    expect(await shown()).toMatchObject({
      name: 'after',
      ip: { address: '192.0.2.8', netmask: '24' },
      enabled: false,
    });
    const heir = await create(path, { name: 'before', ip });
    for (const taken of [{ name: 'before' }, { ip: { address: '192.0.2.7' } }])
      expect(await server.request('PATCH', lif, taken)).toMatchObject({
        status: 409,
        body: { error: { code: '1' } },
      });
    expect((await server.request('PATCH', lif, { 'ip.address': 'fd00::8' })).status).toBe(200);
    expect(await shown()).toMatchObject({ ip: { address: 'fd00::8', netmask: '128', family: 'ipv6' } });
    expect((await server.request('PATCH', lif, { ip: { netmask: 64 }, enabled: null })).status).toBe(200);
    expect(await shown()).toMatchObject({ ip: { netmask: '64' }, enabled: true });
    const many = await server.request('PATCH', `${path}?svm.name=svm1`, { enabled: false });
    expect(many).toMatchObject({ status: 200, body: { num_records: 2 } });
    for (const each of [lif, heir]) expect((await server.request('DELETE', each)).status).toBe(200);
  });

  it.each([
    [{ name: '' }, '262197', 'name'],
    [{ name: null }, '262278', 'name'],
    [{ ip: { address: null } }, '262278', 'ip.address'],
    [{ ip: { address: '300.0.2.1' } }, '262197', 'ip.address'],
    [{ ip: { netmask: '255.0.255.0' } }, '262197', 'ip.netmask'],
    [{ ip: { netmask: '0' } }, '262197', 'ip.netmask'],
    [{ ip: { address: '224.0.0.1' } }, '262197', 'ip.address'],
    [{ svm: { name: 'svm1' } }, '262196', 'svm.name'],
    [{ scope: 'cluster' }, '262196', 'scope'],
  ])('are not changed by %j', async (body, code, target) => {
    const lif = await create('/api/network/ip/interfaces', { name: 'same', ip: { address: '192.0.2.6' } });
    const before = (await server.request('GET', lif)).body;
    const answer = await server.request('PATCH', lif, body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code, target } } });
    expect((await server.request('GET', lif)).body).toEqual(before);
    await server.request('DELETE', lif);
  });

  it('have an address of their own', async () => {
    const lif = await create('/api/network/ip/interfaces', { name: 'a', ip: { address: '192.0.2.1' } });
    const again = await server.request('POST', '/api/network/ip/interfaces', {
      name: 'b',
      ip: { address: '192.0.2.1' },
    });
    expect(again).toMatchObject({ status: 409, body: { error: { code: '1', target: 'ip.address' } } });
    await server.request('DELETE', lif);
  });

  it.each([
    [{ name: 'x' }, '262278', 'ip.address'],
    [{ ip: { address: '192.0.2.1' } }, '262278', 'name'],
    [{ name: 'x', ip: { address: 'x' } }, '262197', 'ip.address'],
    [{ name: 'x', ip: { address: '192.0.2.1', netmask: '33' } }, '262197', 'ip.netmask'],
    [{ name: 'x', scope: 'cluster', ip: { address: '192.0.2.1' } }, '262278', 'ipspace.name'],
    [{ name: 'x', scope: 'cluster', svm: { name: 'svm1' }, ip: { address: '192.0.2.1' } }, '262186', 'scope'],
    [{ name: 'x', scope: 'node', ip: { address: '192.0.2.1' } }, '262185', 'scope'],
    [{ name: 'x', ip: { address: '192.0.2.1', family: 'ipv4' } }, '262196', 'ip.family'],
  ])('are refused as %j', async (body, code, target) => {
    const answer = await server.request('POST', '/api/network/ip/interfaces', body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code, target } } });
  });

  it.each([
    [{ name: 'nowhere' }, 'svm.name'],
    [{ uuid: '1f0cbd2e-6ed6-4ff3-9b2f-8c1f86d4f001' }, 'svm.uuid'],
  ])('need an SVM that exists, and not %j', async (svm, target) => {
    const body = { name: 'x', svm, ip: { address: '192.0.2.1' } };
    expect(await server.request('POST', '/api/network/ip/interfaces', body)).toMatchObject({
      status: 404,
      body: { error: { code: '2621462', target } },
    });
  });

  it('are of the single SVM where the scope is svm and only its IPspace is named', async () => {
    const body = { name: 'x', scope: 'svm', 'ipspace.name': 'Default', 'ip.address': '192.0.2.1' };
    const lif = await create('/api/network/ip/interfaces', body);
    expect((await server.request('GET', lif)).body).toMatchObject({ scope: 'svm', svm: { name: 'svm1' } });
    await server.request('DELETE', lif);
  });
});

describe('an address that no host has', () => {
  it.each([
    ['0.0.0.0', '0'],
    ['0.0.0.0', '32'],
    ['0.1.2.3', '24'],
    ['224.0.0.1', '8'],
    ['255.255.255.255', '32'],
    ['::', '0'],
    ['::', '128'],
    ['ff02::1', '64'],
    ['::ffff:192.0.2.1', '128'],
  ])('is refused to interfaces: %s/%s', async (address, netmask) => {
    const body = { name: 'x', ip: { address, netmask } };
    expect(await server.request('POST', '/api/network/ip/interfaces', body)).toMatchObject({
      status: 400,
      body: { error: { code: '262197', target: 'ip.address' } },
    });
  });

  it.each(['127.0.0.1', '::1', '169.254.1.1', 'fe80::1'])(
    'is not %s, which an IPspace can have, but no SVM, for every host may have it',
    async (address) => {
      const interfaces = '/api/network/ip/interfaces';
      const shared = { status: 400, body: { error: { code: '262197', target: 'ip.address' } } };
      const own = { name: 'own', svm: { name: 'svm1' }, ip: { address } };
      expect(await server.request('POST', interfaces, own)).toMatchObject(shared);
      const lif = await create(interfaces, { ...own, ip: { address: '192.0.2.1' } });
      expect(await server.request('PATCH', lif, { ip: { address } })).toMatchObject(shared);
      const wide = await create(interfaces, { name: 'lo', ipspace: { name: 'Default' }, ip: { address } });
      for (const each of [lif, wide]) await server.request('DELETE', each);
    },
  );

  it('is what a netmask of 0 makes of any', async () => {
    const body = { name: 'x', ip: { address: '192.0.2.1', netmask: '0' } };
    expect(await server.request('POST', '/api/network/ip/interfaces', body)).toMatchObject({
      status: 400,
      body: { error: { code: '262197', target: 'ip.netmask' } },
    });
  });
});

describe('bad input', () => {
  const strange = [null, '', -1, 1e300, [], { x: 1 }, 'x'.repeat(70_000), '\u0000', '\ud800'];
  const names = ['name', 'comment', 'svm', 'svm.name', 'svm.uuid', 'ipspace', 'ipspace.name', 'ipspace.uuid'];
  const others = [
    'scope',
    'ip',
    'ip.address',
    'ip.netmask',
    'enabled',
    '__proto__',
    'constructor',
    'records',
  ];

  it.each(['/api/svm/svms', '/api/network/ipspaces', '/api/network/ip/interfaces'])(
    'is refused by %s, and nothing of it stays',
    async (path) => {
      const before = (await server.request('GET', `${path}?fields=*`)).body.records;
      for (const name of [...names, ...others])
        for (const value of strange) {
          const body = `{"name": "strange", "ip": {"address": "192.0.2.250"}, ${JSON.stringify(name)}: ${JSON.stringify(value)}}`;
          const made = await server.request('POST', path, body);
          expect([201, 400, 404]).toContain(made.status);
          if (made.status === 201 && made.headers['location'] !== undefined)
            expect((await server.request('DELETE', made.headers['location'])).status).toBe(200);
          const changed = await server.request(
            'PATCH',
            `${path}/none`,
            `{${JSON.stringify(name)}: ${JSON.stringify(value)}}`,
          );
          expect([400, 404, 405]).toContain(changed.status);
          const found = await server.request(
            'GET',
            `${path}?${encodeURIComponent(name)}=${encodeURIComponent(String(value).slice(0, 200).toWellFormed())}`,
          );
          expect([200, 400]).toContain(found.status);
        }
      expect((await server.request('GET', `${path}?fields=*`)).body.records).toEqual(before);
    },
  );
});
