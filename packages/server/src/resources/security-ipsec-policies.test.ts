import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';

const policies = '/api/security/ipsec/policies';
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.request('PATCH', '/api/security/ipsec', { enabled: true });
});
afterAll(() => server.close());

/** Creates a policy and gives its whole record. */
async function created(over: object = {}): Promise<Record<string, unknown> & { readonly uuid: string }> {
  const { status, body } = await server.request('POST', `${policies}?return_records=true`, {
    ...goodPolicy,
    ...over,
  });
  expect({ status, body }).toMatchObject({ status: 201 });
  return body.records[0];
}

async function emptied(): Promise<void> {
  const { body } = await server.request('GET', policies);
  for (const { uuid } of body.records) await server.request('DELETE', `${policies}/${uuid}`);
}

describe('POST of a policy', () => {
  it('answers 201 with Location, and the record as ONTAP spells it', async () => {
    await emptied();
    const answer = await server.request('POST', `${policies}?return_timeout=30`, goodPolicy);
    expect(answer).toMatchObject({ status: 201, body: {} });
    const location = answer.headers['location'] ?? '';
    expect(location).toMatch(/^\/api\/security\/ipsec\/policies\/[0-9a-f-]{36}$/);
    const { body } = await server.request('GET', location, undefined, { accept: 'application/json' });
    const { svm, ipspace } = body;
    expect(body).toEqual({
      uuid: location.split('/').at(-1),
      name: 'nfs',
      scope: 'svm',
      svm: { name: 'svm1', uuid: svm.uuid },
      ipspace: { name: 'Default', uuid: ipspace.uuid },
      action: 'esp_transport',
      authentication_method: 'psk',
      enabled: true,
      local_endpoint: { address: '192.0.2.1', family: 'ipv4', netmask: '32', port: '0-0' },
      protocol: 'tcp',
      remote_endpoint: { address: '192.0.2.2', family: 'ipv4', netmask: '32', port: '2049-2049' },
    });
  });

  it('takes dotted keys, masks, bare ports, protocol numbers and long IPv6, and gives them back normalised', async () => {
    await emptied();
    const record = await created({
      name: 'v6',
      local_endpoint: { address: '2402:0940::0045', netmask: '64', port: 0 },
      remote_endpoint: { address: '2402:940:0:0::46', netmask: 128, port: '445-445', family: 'ipv6' },
      protocol: 6,
      'svm.name': 'svm1',
      'ipspace.name': 'Default',
    });
    expect(record).toMatchObject({
      local_endpoint: { address: '2402:940::45', family: 'ipv6', netmask: '64', port: '0-0' },
      remote_endpoint: { address: '2402:940::46', family: 'ipv6', netmask: '128', port: '445-445' },
      protocol: 'tcp',
    });
    const masked = await created({
      name: 'masked',
      local_endpoint: { address: '10.23.43.23', netmask: '255.255.255.0' },
      protocol: 'any',
    });
    expect(masked).toMatchObject({
      local_endpoint: { address: '10.23.43.23', netmask: '24' },
      protocol: 'any',
    });
  });

  it('ignores credentials of bypass and discard', async () => {
    await emptied();
    const bypass = await created({ name: 'b', action: 'bypass', remote_identity: 'x' });
    expect(bypass).toMatchObject({ action: 'bypass', authentication_method: 'none' });
    const { secret_key: _, ...keyless } = goodPolicy;
    const body = { ...keyless, name: 'd', action: 'discard', authentication_method: 'none' };
    expect(await server.request('POST', policies, body)).toMatchObject({ status: 201 });
  });

  it('makes a cluster-scoped policy with scope, in the IPspace Default or the one named', async () => {
    await emptied();
    const record = await created({ scope: 'cluster' });
    expect(record).toMatchObject({ scope: 'cluster', ipspace: { name: 'Default' } });
    expect(record).not.toHaveProperty('svm');
    const { body } = await server.request('GET', `${policies}?scope=cluster&name=nfs&fields=uuid`);
    expect(body.num_records).toBe(1);
  });

  it('refuses a name that the same SVM or the cluster has, and only there', async () => {
    await emptied();
    await created();
    expect(await server.request('POST', policies, goodPolicy)).toMatchObject({
      status: 409,
      body: { error: { code: '66257104', target: 'name' } },
    });
    await created({ scope: 'cluster' });
  });

  it('keeps one of two policies that race for a name', async () => {
    await emptied();
    const answers = await Promise.all([1, 2, 3].map(() => server.request('POST', policies, goodPolicy)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  it('refuses a second key for the same peer, naming the policy that has the first', async () => {
    await emptied();
    await created();
    const second = {
      ...goodPolicy,
      name: 'smb',
      protocol: 'udp',
      secret_key: 'another key of eighteen characters',
    };
    const { status, body } = await server.request('POST', policies, second);
    expect({ status, target: body.error.target }).toEqual({ status: 400, target: 'secret_key' });
    expect(body.error.message).toContain('"nfs"');
    expect(await server.request('POST', policies, { ...second, enabled: false })).toMatchObject({
      status: 201,
    });
  });

  it('answers when the datapath has applied it', async () => {
    await emptied();
    const { uuid } = await created();
    const { body } = await server.request('GET', `/api/esplanade/v1/policies/${uuid}`);
    expect(body).toMatchObject({ state: 'applied', name: 'nfs' });
    expect(body.applied_revision).toBe(body.desired_revision);
  });
});

describe('the owner of a new policy', () => {
  it('must be named when there are two SVMs, and may be by name, uuid or tunnel', async () => {
    await emptied();
    const { headers } = await server.request('POST', '/api/svm/svms', { name: 'svm2' });
    const svm2 = headers['location']?.split('/').at(-1);
    try {
      expect(await server.request('POST', policies, goodPolicy)).toMatchObject({
        status: 400,
        body: { error: { code: '2621707' } },
      });
      await created({ svm: { name: 'svm1' } });
      await created({ svm: { uuid: svm2, name: 'svm2' } });
      const tunnelled = await server.request(
        'POST',
        policies,
        { ...goodPolicy, name: 't' },
        { 'x-dot-svm-name': 'svm2' },
      );
      expect(tunnelled.status).toBe(201);
      const seen = await server.request('GET', policies, undefined, { 'x-dot-svm-uuid': String(svm2) });
      expect(seen.body.records.map(({ name }: { name: string }) => name).sort()).toEqual(['nfs', 't']);
      expect(
        await server.request('POST', policies, { ...goodPolicy, svm: { name: 'svm1', uuid: svm2 } }),
      ).toMatchObject({
        status: 400,
        body: { error: { code: '2621706' } },
      });
    } finally {
      await emptied();
      expect(await server.request('DELETE', `/api/svm/svms/${svm2}`)).toMatchObject({ status: 200 });
    }
  });

  it.each([
    [{ svm: { name: 'nobody' } }, '66257202', 'svm.name'],
    [{ 'svm.uuid': 'nobody' }, '66257203', 'svm.uuid'],
    [{ ipspace: { name: 'nowhere' } }, '262197', 'ipspace.name'],
    [{ ipspace: { uuid: 'nowhere' } }, '262197', 'ipspace.uuid'],
    [{ scope: 'cluster', svm: { name: 'svm1' } }, '262186', 'scope'],
  ])('is refused as %j', async (over, code, target) => {
    const { status, body } = await server.request('POST', policies, { ...goodPolicy, ...over });
    expect({ status, error: body.error }).toMatchObject({ status: 400, error: { code, target } });
  });

  it('must be in the IPspace that is named', async () => {
    const { headers } = await server.request('POST', '/api/network/ipspaces', { name: 'tenants' });
    const { body: all } = await server.request('GET', '/api/network/ipspaces?name=Default');
    const other = await server.request('POST', policies, { ...goodPolicy, ipspace: { name: 'tenants' } });
    expect(other).toMatchObject({
      status: 400,
      body: { error: { code: '66257205', target: 'ipspace.name' } },
    });
    const both = { name: 'tenants', uuid: all.records[0].uuid };
    expect(await server.request('POST', policies, { ...goodPolicy, ipspace: both })).toMatchObject({
      status: 400,
      body: { error: { code: '66257204', target: 'ipspace.uuid' } },
    });
    const cluster = { ...goodPolicy, scope: 'cluster', ipspace: { name: 'tenants' } };
    expect(await server.request('POST', policies, cluster)).toMatchObject({ status: 201 });
    await emptied();
    expect(await server.request('DELETE', headers['location'] ?? '')).toMatchObject({ status: 200 });
  });
});

describe('PATCH of a policy', () => {
  it('changes what it names and keeps the rest, the key too', async () => {
    await emptied();
    const { uuid } = await created({ local_identity: 'me@example', remote_identity: 'ANYTHING' });
    const change = {
      name: 'renamed',
      enabled: false,
      protocol: 'udp',
      remote_endpoint: { port: '2050' },
      local_identity: null,
    };
    expect(await server.request('PATCH', `${policies}/${uuid}?return_timeout=30`, change)).toMatchObject({
      status: 200,
      body: {},
    });
    const { body } = await server.request('GET', `${policies}/${uuid}`);
    expect(body).toMatchObject({
      name: 'renamed',
      enabled: false,
      protocol: 'udp',
      authentication_method: 'psk',
      remote_identity: 'ANYTHING',
      remote_endpoint: { address: '192.0.2.2', netmask: '32', port: '2050-2050' },
    });
    expect(body).not.toHaveProperty('local_identity');
    expect(await server.request('PATCH', `${policies}/${uuid}`, { enabled: true })).toMatchObject({
      status: 200,
    });
  });

  it('turns a bypass into ESP when it brings the key, and not without', async () => {
    await emptied();
    const { uuid } = await created({ action: 'bypass' });
    expect(await server.request('PATCH', `${policies}/${uuid}`, { action: 'esp_transport' })).toMatchObject({
      status: 400,
      body: { error: { code: '66257144', target: 'secret_key' } },
    });
    const change = { action: 'esp_transport', secret_key: goodPolicy.secret_key };
    expect(await server.request('PATCH', `${policies}/${uuid}`, change)).toMatchObject({ status: 200 });
    const { body } = await server.request('GET', `${policies}/${uuid}`);
    expect(body).toMatchObject({ action: 'esp_transport', authentication_method: 'psk' });
  });

  it.each([
    [{ svm: { name: 'svm1' } }, '262196', 'svm.name'],
    [{ 'svm.uuid': 'x' }, '262196', 'svm.uuid'],
    [{ ipspace: { name: 'Default' } }, '262196', 'ipspace.name'],
    [{ scope: 'cluster' }, '262196', 'scope'],
    [{ uuid: 'x' }, '262196', 'uuid'],
    [{ authentication_method: 'psk' }, '262196', 'authentication_method'],
    [{ certificate: { name: 'c' } }, '66257136', 'certificate'],
    [{ name: null }, '262197', 'name'],
    [{ secret_key: null }, '262197', 'secret_key'],
    [{ enabled: null }, '262197', 'enabled'],
    [{ remote_endpoint: { address: null } }, '262197', 'remote_endpoint.address'],
    [{ local_endpoint: { address: '192.0.2.9' } }, '66257125', 'local_endpoint.netmask'],
    [{ remote_endpoint: { address: '192.0.2.9' } }, '66257126', 'remote_endpoint.netmask'],
    [{ name: '' }, '66257148', 'name'],
    [{ nonsense: 1 }, '262179', 'nonsense'],
  ])('refuses %j', async (change, code, target) => {
    await emptied();
    const { uuid } = await created();
    const { status, body } = await server.request('PATCH', `${policies}/${uuid}`, change);
    expect({ status, error: body.error }).toMatchObject({ status: 400, error: { code } });
    expect(body.error.target).toContain(target);
  });

  it('refuses a name that another policy has', async () => {
    await emptied();
    await created({ name: 'first' });
    const { uuid } = await created({ name: 'second' });
    expect(await server.request('PATCH', `${policies}/${uuid}`, { name: 'first' })).toMatchObject({
      status: 409,
      body: { error: { code: '66257104', target: 'name' } },
    });
  });

  it('loses no field when many write at once', async () => {
    await emptied();
    const { uuid } = await created();
    const changes = [{ name: 'new' }, { enabled: false }, { protocol: 'udp' }, { remote_identity: 'them' }];
    const answers = await Promise.all(
      changes.map((change) => server.request('PATCH', `${policies}/${uuid}`, change)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { body } = await server.request('GET', `${policies}/${uuid}`);
    expect(body).toMatchObject({ name: 'new', enabled: false, protocol: 'udp', remote_identity: 'them' });
  });

  it('answers 404 for a policy that is not there', async () => {
    const answer = await server.request('PATCH', `${policies}/nothing`, { enabled: true });
    expect(answer).toMatchObject({
      status: 404,
      body: { error: { code: '4', message: "entry doesn't exist" } },
    });
  });
});

describe('many PATCHes of one policy at once', () => {
  it('are all written, each over what the others left', async () => {
    await emptied();
    const { uuid } = await created();
    const fields = [
      { name: 'renamed' },
      { action: 'esp_udp' },
      { enabled: false },
      { protocol: 'udp' },
      { local_identity: 'us' },
      { remote_identity: 'them' },
      { local_endpoint: { port: '40000-40000' } },
      { remote_endpoint: { port: '111-111' } },
      { local_endpoint: { address: '192.0.2.3', netmask: '32' } },
      { remote_endpoint: { address: '192.0.2.4', netmask: '32' } },
    ];
    const bodies = Array.from({ length: 50 }, (_, index) => fields[index % fields.length]);
    const answers = await Promise.all(
      bodies.map((body) => server.request('PATCH', `${policies}/${uuid}`, body)),
    );
    expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 200));
    const { body } = await server.request('GET', `${policies}/${uuid}`);
    expect(body).toMatchObject({
      name: 'renamed',
      action: 'esp_udp',
      enabled: false,
      protocol: 'udp',
      local_identity: 'us',
      remote_identity: 'them',
      local_endpoint: { address: '192.0.2.3', port: '40000-40000' },
      remote_endpoint: { address: '192.0.2.4', port: '111-111' },
    });
  });
});

describe('DELETE and GET of policies', () => {
  it('take the policy and its SAs away, a body notwithstanding', async () => {
    await emptied();
    const { uuid } = await created();
    expect(await server.request('DELETE', `${policies}/${uuid}?return_timeout=30`, {})).toMatchObject({
      status: 200,
      body: {},
    });
    expect(await server.request('GET', `${policies}/${uuid}`)).toMatchObject({ status: 404 });
    expect(await server.request('DELETE', `${policies}/${uuid}`)).toMatchObject({ status: 404 });
  });

  it('filter, order and page as the dialect does', async () => {
    await emptied();
    for (const [index, name] of ['c', 'a', 'b'].entries())
      await created({ name, remote_endpoint: { address: `192.0.2.${index + 10}`, netmask: '32' } });
    const sorted = await server.request('GET', `${policies}?order_by=name%20desc&max_records=2&fields=name`);
    expect(sorted.body.records.map(({ name }: { name: string }) => name)).toEqual(['c', 'b']);
    const rest = await server.request('GET', sorted.body._links.next.href);
    expect(rest.body.records.map(({ name }: { name: string }) => name)).toEqual(['a']);
    const found = await server.request('GET', `${policies}?remote_endpoint.address=192.0.2.11&svm.name=svm1`);
    expect(found.body).toMatchObject({ num_records: 1, records: [{ name: 'a' }] });
  });

  it.each([
    'protocol=6',
    'protocol=TCP',
    'protocol=!17',
    'protocol=1|6',
    'local_endpoint.netmask=255.255.255.255',
    'local_endpoint.netmask=255.255.255.0..32',
    'remote_endpoint.address=2001:DB8:0::b|192.0.2.2',
    'remote_endpoint.port=2049',
    'query=6&query_fields=protocol',
  ])('are found by %s as they may be written', async (filter) => {
    await emptied();
    await created();
    await created({
      name: 'other',
      protocol: 'udp',
      local_endpoint: { address: '192.0.2.0', netmask: '23' },
      remote_endpoint: { address: '192.0.3.0', netmask: '255.255.255.0' },
    });
    const { body } = await server.request('GET', `${policies}?${filter}&fields=name`);
    expect(body.records.map(({ name }: { name: string }) => name)).toEqual(['nfs']);
  });

  it('change and delete many by query', async () => {
    await emptied();
    await created({ name: 'one' });
    await created({ name: 'two', protocol: 'udp' });
    expect(await server.request('PATCH', `${policies}?name=*`, { enabled: false })).toMatchObject({
      status: 200,
    });
    const { body } = await server.request('GET', `${policies}?enabled=false`);
    expect(body.num_records).toBe(2);
    expect(await server.request('DELETE', `${policies}?name=t*`)).toMatchObject({
      status: 200,
      body: { num_records: 1 },
    });
  });
});
