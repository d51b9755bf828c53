import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

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
