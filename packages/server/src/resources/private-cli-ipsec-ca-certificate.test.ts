import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const cli = '/api/private/cli/security/ipsec/ca-certificate';
const plain = { accept: 'application/json' };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await trust('coast', { svm: { name: 'svm1' } });
  await trust('bay', { svm: { name: 'svm1' } });
  await trust('everywhere', {});
});
afterAll(() => server.close());

async function install(name: string, owner: object): Promise<string | undefined> {
  const ca = { name, type: 'root_ca', common_name: name, ...owner };
  const { headers } = await server.request('POST', '/api/security/certificates', ca);
  return headers['location']?.split('/').at(-1);
}

async function trust(name: string, owner: object): Promise<void> {
  const uuid = await install(name, owner);
  const body = { certificate: { uuid }, ...owner };
  expect((await server.request('POST', '/api/security/ipsec/ca-certificates', body)).status).toBe(201);
}

it('security ipsec ca-certificate show tells of each SVM and of the cluster', async () => {
  const { name } = server.parts.desired.snapshot().cluster;
  const { body } = await server.request('GET', `${cli}?fields=ca-certs&order_by=ca_certs`, undefined, plain);
  expect(body.records).toEqual([
    { vserver: 'svm1', ca_certs: ['bay', 'coast'] },
    { vserver: name, ca_certs: ['everywhere'] },
  ]);
  const found = await server.request('GET', `${cli}?ca-certs=coast`, undefined, plain);
  expect(found.body.records).toMatchObject([{ vserver: 'svm1' }]);
});

it('an SVM is told of its own, and only told', async () => {
  const tunnelled = { ...plain, 'x-dot-svm-name': 'svm1' };
  const { body } = await server.request('GET', cli, undefined, tunnelled);
  expect(body.records).toEqual([{ vserver: 'svm1' }]);
  const { headers } = await server.request('OPTIONS', cli);
  expect(headers['allow']).toBe('GET, HEAD, OPTIONS');
});

describe('security ipsec ca-certificate add and remove', () => {
  const svm = { svm: { name: 'svm1' } };
  const own = { ...plain, 'x-dot-svm-name': 'svm1' };
  const change = (verb: 'add' | 'remove', body: object, headers: Readonly<Record<string, string>> = plain) =>
    server.request('POST', `${cli}/${verb}`, body, headers);
  const names = async (vserver: string): Promise<unknown> =>
    (await server.request('GET', `${cli}?vserver=${vserver}&fields=ca_certs`, undefined, plain)).body
      .records[0]?.ca_certs;

  it('take several at once, in a list or with commas, and what is said twice once', async () => {
    for (const name of ['cape', 'cove']) await install(name, svm);
    expect(await change('add', { vserver: 'svm1', 'ca-certs': 'cape, cove,cape' })).toMatchObject({
      status: 200,
      body: { vserver: 'svm1', ca_certs: ['cape', 'cove'] },
    });
    expect(await names('svm1')).toEqual(['bay', 'cape', 'coast', 'cove']);
    expect((await change('remove', { ca_certs: ['cove', 'cape'] }, own)).status).toBe(200);
    expect(await names('svm1')).toEqual(['bay', 'coast']);
  });

  it('are about those of no SVM where the cluster is named', async () => {
    const { name } = server.parts.desired.snapshot().cluster;
    await install('anywhere', {});
    expect((await change('add', { vserver: name, ca_certs: ['anywhere'] })).status).toBe(200);
    expect(await names(name)).toEqual(['anywhere', 'everywhere']);
    expect((await change('remove', { vserver: name, ca_certs: ['anywhere'] })).status).toBe(200);
    expect((await change('add', { vserver: name, ca_certs: ['anywhere'] }, own)).body.error).toMatchObject({
      code: '66257202',
      target: 'vserver',
    });
  });

  it.each([
    ['add', ['delta', 'nowhere'], 400, '66257304'],
    ['add', ['delta', 'everywhere'], 400, '66257304'],
    ['add', ['delta', 'coast'], 409, '1'],
    ['add', [], 400, '262278'],
    ['remove', ['coast', 'delta'], 404, '66257298'],
    ['remove', ['coast', 'nowhere'], 404, '66257303'],
  ] as const)('%s %j does nothing at all', async (verb, given, status, code) => {
    await install('delta', svm);
    const before = await names('svm1');
    const { body, ...answer } = await change(verb, { vserver: 'svm1', ca_certs: given });
    expect({ status: answer.status, error: body.error }).toMatchObject({
      status,
      error: { code, target: 'ca_certs' },
    });
    expect(body.error.message).not.toMatch(/UUID/);
    expect(await names('svm1')).toEqual(before);
  });

  it('name the SVM that there is not', async () => {
    const { body } = await change('add', { vserver: 'nobody', ca_certs: ['coast'] });
    expect(body.error).toMatchObject({ code: '66257202', target: 'vserver' });
    expect((await server.request('GET', `${cli}/add`)).status).toBe(405);
  });
});

it('releases without IPsec certificates do not know it', async () => {
  const old = await startTestServer('--ontap-version', '9.9.1');
  expect((await old.request('GET', cli)).status).toBe(404);
  expect((await old.request('POST', `${cli}/add`, { ca_certs: ['coast'] })).status).toBe(404);
  await old.close();
});
