import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';

const cli = '/api/private/cli/security/ipsec';
const nfs = `${cli}/policy?vserver=svm1&name=nfs`;
const policies = '/api/security/ipsec/policies';
const plain = { accept: 'application/json' };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.request('PATCH', '/api/security/ipsec', { enabled: true });
});
beforeEach(async () => {
  await server.request('DELETE', `${policies}?name=*`);
  await server.request('POST', policies, { ...goodPolicy, 'svm.name': 'svm1' });
});
afterAll(() => server.close());

/** The record of policy nfs, with these columns. */
async function columns(...names: readonly string[]): Promise<Record<string, unknown>> {
  const { body } = await server.request('GET', `${nfs}&fields=${names.join(',')}`, undefined, plain);
  const { vserver, name, ...rest } = body.records[0];
  expect({ vserver, name }).toEqual({ vserver: 'svm1', name: 'nfs' });
  return rest;
}

/** The policy as the desired state holds it. */
function stored() {
  const [policy] = [...server.parts.desired.snapshot().policies.values()];
  if (policy === undefined) throw new Error('there is no policy');
  return policy.value;
}

describe('GET of security ipsec policy', () => {
  it('shows vserver and name, and no more', async () => {
    const { status, body } = await server.request('GET', `${cli}/policy`, undefined, plain);
    expect({ status, body }).toEqual({
      status: 200,
      body: { records: [{ vserver: 'svm1', name: 'nfs' }], num_records: 1 },
    });
  });

  it('shows every column that is asked for, in the CLI’s words', async () => {
    const subnets = ['local_ip_subnets', 'remote-ip-subnets', 'local_ports', 'remote_ports', 'protocols'];
    expect(await columns(...subnets)).toEqual({
      local_ip_subnets: ['192.0.2.1/32'],
      remote_ip_subnets: ['192.0.2.2/32'],
      local_ports: ['0-0'],
      remote_ports: ['2049-2049'],
      protocols: ['tcp'],
    });
    const lifetimes = ['cipher_suite', 'ike_lifetime', 'ipsec_lifetime', 'ipsec_lifetime_bytes'];
    expect(await columns(...lifetimes, 'action', 'is_enabled', 'auth_method', 'local_identity')).toEqual({
      action: 'esp_tra',
      cipher_suite: 'suiteb_gcm256',
      ike_lifetime: 86_400,
      ipsec_lifetime: 28_800,
      ipsec_lifetime_bytes: 0,
      is_enabled: true,
      auth_method: 'psk',
    });
  });

  it.each([
    'protocols=6',
    'local_ports=0',
    'remote_ports=2049',
    'local_ip_subnets=192.0.2.1/255.255.255.255',
  ])('is found by %s as it may be written', async (filter) => {
    expect((await server.request('GET', `${nfs}&${filter}`)).body).toMatchObject({ num_records: 1 });
  });

  it('never shows the key', async () => {
    for (const field of ['shared_key', 'secret_key']) {
      const { status, body } = await server.request('GET', `${nfs}&fields=${field}`);
      expect({ status, code: body.error.code }).toEqual({ status: 400, code: '262197' });
    }
  });

  it.each(['cipher-suite=SUITEB_GCM256', 'action=ESP-TRA', 'ike_lifetime=>86000', 'protocols=tcp'])(
    'finds by %s',
    async (filter) => {
      const { body } = await server.request('GET', `${cli}/policy?${filter}`);
      expect(body.num_records).toBe(1);
    },
  );

  it('calls the owner of a cluster-scoped policy by the name of the cluster', async () => {
    await server.request('POST', policies, { ...goodPolicy, name: 'wide', scope: 'cluster' });
    const { name } = server.parts.desired.snapshot().cluster;
    const { body } = await server.request('GET', `${cli}/policy?name=wide`);
    expect(body.records).toMatchObject([{ vserver: name, name: 'wide' }]);
  });

  it('shows an SVM only its own policies', async () => {
    const { headers } = await server.request('POST', '/api/svm/svms', { name: 'other' });
    const { body } = await server.request('GET', `${cli}/policy`, undefined, { 'x-dot-svm-name': 'other' });
    expect(body.num_records).toBe(0);
    expect(await server.request('DELETE', headers['location'] ?? '')).toMatchObject({ status: 200 });
  });
});

describe('POST of security ipsec policy', () => {
  const smb = {
    vserver: 'svm1',
    name: 'smb',
    'local-ip-subnets': ['192.0.2.1/32'],
    remote_ip_subnets: '198.51.100.0/255.255.255.0',
    remote_ports: ['445'],
    protocols: ['TCP'],
    action: 'ESP_TRA',
    'cipher-suite': 'SUITE_AESCBC',
    'ike-lifetime': 3600,
    ipsec_lifetime: '1800',
    ipsec_lifetime_bytes: 0,
    auth_method: 'PSK',
    shared_key: 'another key of eighteen characters',
    ppk_identity: 'quantum',
    ppk_shared_key: 'a key for the day after tomorrow',
    remote_identity: 'ANYTHING',
  };

  it('creates a policy with every column, REST’s and the CLI’s own', async () => {
    const { status, headers, body } = await server.request('POST', `${cli}/policy`, smb);
    expect({ status, body, location: headers['location'] }).toEqual({ status: 201, body: {} });
    const { body: shown } = await server.request('GET', `${policies}?name=smb&fields=*`);
    expect(shown.records).toMatchObject([
      {
        svm: { name: 'svm1' },
        action: 'esp_transport',
        authentication_method: 'psk',
        enabled: true,
        local_endpoint: { address: '192.0.2.1', netmask: '32', port: '0-0' },
        remote_endpoint: { address: '198.51.100.0', netmask: '24', port: '445-445' },
        protocol: 'tcp',
        remote_identity: 'ANYTHING',
        ppk: { identity: 'quantum' },
      },
    ]);
    const [policy] = [...server.parts.desired.snapshot().policies.values()].filter(
      ({ value }) => value.name === 'smb',
    );
    expect(policy?.value).toMatchObject({
      cipherSuite: 'suite_aescbc',
      lifetimes: { ikeSeconds: 3600, ipsecSeconds: 1800, ipsecBytes: 0 },
    });
    const url = `${cli}/policy?ppk-identity=quantum&fields=auth-method,cipher_suite`;
    expect((await server.request('GET', url, undefined, plain)).body.records).toEqual([
      {
        vserver: 'svm1',
        name: 'smb',
        ppk_identity: 'quantum',
        auth_method: 'psk',
        cipher_suite: 'suite_aescbc',
      },
    ]);
  });

  it('shows what it made when asked to, and takes many', async () => {
    const one = await server.request('POST', `${cli}/policy?return_records=true&fields=action`, smb, plain);
    expect(one.body).toEqual({
      num_records: 1,
      records: [{ vserver: 'svm1', name: 'smb', action: 'esp_tra' }],
    });
    const records = ['a', 'b'].map((name) => ({ ...smb, name }));
    expect(await server.request('POST', `${cli}/policy`, { records })).toMatchObject({
      status: 201,
      body: { num_records: 2 },
    });
  });

  it('means the only SVM without a vserver, and the cluster by its name', async () => {
    const { vserver: _, ...implied } = smb;
    expect((await server.request('POST', `${cli}/policy`, implied)).status).toBe(201);
    const { name } = server.parts.desired.snapshot().cluster;
    expect((await server.request('POST', `${cli}/policy`, { ...smb, vserver: name })).status).toBe(201);
    const { body } = await server.request('GET', `${policies}?name=smb&fields=scope&order_by=scope`);
    expect(body.records).toMatchObject([{ scope: 'cluster' }, { scope: 'svm' }]);
  });

  it.each([
    [{ vserver: 'nobody' }, '66257202', 'vserver'],
    [{ name: undefined }, '66257148', 'name'],
    [{ name: 'nfs' }, '66257104', 'name'],
    [{ local_ip_subnets: undefined, 'local-ip-subnets': undefined }, '66257143', 'local_ip_subnets'],
    [{ auth_method: 'rot13' }, '262185', 'auth_method'],
    [{ auth_method: 'NONE' }, '66257144', 'auth_method'],
    [{ auth_method: 'pki', remote_identity: undefined }, '66257137', 'shared_key'],
    [{ cert_name: 'us' }, '66257136', 'cert_name'],
    [{ ppk_shared_key: undefined }, '66257153', 'ppk_identity'],
    [{ shared_key: undefined }, '66257133', 'shared_key'],
    [{ uuid: 'x' }, '262179', 'uuid'],
  ])('refuses %j by the column', async (over, code, target) => {
    const { status, body } = await server.request('POST', `${cli}/policy`, { ...smb, ...over });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body.error).toMatchObject({ code, target });
    expect(body.error.message).not.toMatch(/secret_key|svm\.name|certificate\.\w|authentication_method/);
  });

  it.each([
    [{ name: 'secret_key' }, /^A policy with the name "secret_key" exists already/],
    [{ vserver: 'svm.name' }, /^There is no SVM with the name "svm\.name"/],
    [
      { cert_name: 'ppk.identity', auth_method: 'pki', shared_key: undefined },
      /no certificate "ppk\.identity"/,
    ],
    [{ protocols: ['remote_endpoint.port'] }, /^"remote_endpoint\.port" is not/],
  ])('tells what %j was given as it was given', async (over, message) => {
    const { ppk_identity: _, ppk_shared_key: __, ...plainSmb } = smb;
    const policy = { ...plainSmb, ...over };
    if ('name' in over) expect((await server.request('POST', `${cli}/policy`, policy)).status).toBe(201);
    const { body } = await server.request('POST', `${cli}/policy`, policy);
    expect(body.error.message).toMatch(message);
  });

  it.each([
    [undefined, /^The remote subnet is empty\. Send one subnet as address\/length, such as/],
    ['203.0.113.51', /^remote_ip_subnets is given without a length\. Send one subnet as/],
    [
      ['203.0.113.51/32', '203.0.113.52/32'],
      /^"203\.0\.113\.51\/32,203\.0\.113\.52\/32" is more than one remote subnet and a policy has one\. Send one/,
    ],
    ['203.0.113.0/24/24', /^"203\.0\.113\.0\/24" is not an IP address\. Send one subnet as/],
    ['203.0.113.0/33', /^"33" is not a netmask\. Send one subnet as/],
  ])('says of the subnet %j what to send in its column', async (subnets, message) => {
    const { body } = await server.request('POST', `${cli}/policy`, { ...smb, remote_ip_subnets: subnets });
    expect(body.error).toMatchObject({ target: 'remote_ip_subnets' });
    expect(body.error.message).toMatch(message);
    expect(body.error).not.toHaveProperty('arguments');
  });

  it('is not known to a release before post-quantum keys', async () => {
    const old = await startTestServer('--ontap-version', '9.16.1');
    const { body } = await old.request('POST', `${cli}/policy`, smb);
    expect(body.error).toMatchObject({ code: '262179', target: 'ppk_identity' });
    await old.close();
  });
});

describe('DELETE of security ipsec policy', () => {
  it('takes what a query selects, and nothing without one', async () => {
    await server.request('POST', policies, { ...goodPolicy, name: 'kept' });
    expect(await server.request('DELETE', `${cli}/policy`)).toMatchObject({ status: 400 });
    expect(await server.request('DELETE', nfs)).toMatchObject({ status: 200, body: { num_records: 1 } });
    const { body } = await server.request('GET', `${cli}/policy`, undefined, plain);
    expect(body.records).toEqual([{ vserver: 'svm1', name: 'kept' }]);
    expect(await server.request('DELETE', nfs)).toMatchObject({ status: 200, body: { num_records: 0 } });
  });

  it('is among the verbs of OPTIONS, as POST is', async () => {
    const { headers } = await server.request('OPTIONS', `${cli}/policy`);
    expect(headers['allow']).toBe('GET, HEAD, OPTIONS, POST, PATCH, DELETE');
  });
});

describe('PATCH of security ipsec policy', () => {
  it('sets what REST has no field for, and the policy is carried out with it', async () => {
    const before = stored();
    const answer = await server.request('PATCH', nfs, {
      'cipher-suite': 'SUITE_AESCBC',
      ike_lifetime: 3600,
      'ipsec-lifetime': '1800',
      ipsec_lifetime_bytes: 1_073_741_824,
    });
    expect(answer).toMatchObject({ status: 200, body: { num_records: 1 } });
    expect(stored()).toEqual({
      ...before,
      cipherSuite: 'suite_aescbc',
      lifetimes: { ikeSeconds: 3600, ipsecSeconds: 1800, ipsecBytes: 1_073_741_824 },
    });
    const { body } = await server.request('GET', `/api/esplanade/v1/policies/${before.uuid}`);
    expect(body.state).toBe('applied');
    expect(body.applied_revision).toBeGreaterThanOrEqual(body.desired_revision);
    await expect
      .poll(async () => {
        const sas = '/api/security/ipsec/security-associations?type=ipsec&fields=cipher_suite,lifetime';
        return (await server.request('GET', sas)).body.records;
      })
      .toMatchObject([{ cipher_suite: 'suite_aescbc', lifetime: 1800 }]);
  });

  it('keeps what it set when REST changes something else', async () => {
    await server.request('PATCH', nfs, { cipher_suite: 'suiteb_gmac256', ike_lifetime: 7200 });
    await server.request('PATCH', `${policies}/${stored().uuid}`, { enabled: false });
    expect(stored()).toMatchObject({
      enabled: false,
      cipherSuite: 'suiteb_gmac256',
      lifetimes: { ikeSeconds: 7200, ipsecSeconds: 28_800 },
    });
  });

  it('sets the columns that REST has too', async () => {
    const answer = await server.request('PATCH', nfs, {
      action: 'ESP-UDP',
      'local-ip-subnets': ['198.51.100.0/24'],
      remote_ip_subnets: '203.0.113.7/32',
      local_ports: ['111'],
      remote_ports: 0,
      protocols: ['udp'],
      local_identity: 'us.example',
      remote_identity: 'ANYTHING',
      'is-enabled': false,
      shared_key: 'another key of eighteen characters',
    });
    expect(answer).toMatchObject({ status: 200 });
    const { body } = await server.request('GET', `${policies}/${stored().uuid}`);
    expect(body).toMatchObject({
      action: 'esp_udp',
      local_endpoint: { address: '198.51.100.0', netmask: '24', port: '111-111' },
      remote_endpoint: { address: '203.0.113.7', netmask: '32', port: '0-0' },
      protocol: 'udp',
      local_identity: 'us.example',
      remote_identity: 'ANYTHING',
      enabled: false,
    });
    await server.request('PATCH', nfs, { local_identity: '', remote_identity: null });
    expect(await columns('local_identity', 'remote_identity')).toEqual({});
  });

  it.each([
    [{ ike_lifetime: 59 }, '262185', 'ike_lifetime', /whole seconds from 60 to 2592000/],
    [{ ipsec_lifetime: 2_592_001 }, '262185', 'ipsec_lifetime', /whole seconds from 60 to 2592000/],
    [{ ipsec_lifetime_bytes: 1 }, '262185', 'ipsec_lifetime_bytes', /0 for no limit/],
    [{ cipher_suite: 'rot13' }, '262185', 'cipher_suite', /suiteb_gcm256/],
    [{ cipher_suite: null }, '262197', 'cipher_suite', /null/],
    [{ ike_lifetime: null }, '262197', 'ike_lifetime', /null/],
    [{ ike_lifetime: 'long' }, '262197', 'ike_lifetime', /integer/],
    [{ local_ip_subnets: ['192.0.2.1'] }, '66257125', 'local_ip_subnets', /local_ip_subnets/],
    [
      { remote_ip_subnets: ['10.0.0.0/24', '10.1.0.0/24'] },
      '66257114',
      'remote_ip_subnets',
      /more than one remote subnet/,
    ],
    [{ remote_ports: ['2049', '445'] }, '66257101', 'remote_ports', /several remote ports/],
    [{ protocols: ['tcp', 'udp'] }, '66257099', 'protocols', /more than one protocol/],
    [{ shared_key: '0xnothexadecimalatall' }, '66257107', 'shared_key', /./],
    [{ cert_name: 'us' }, '66257136', 'cert_name', /certificate/],
    [{ auth_method: 'pki' }, '262196', 'auth_method', /./],
    [{ vserver: 'svm2' }, '262196', 'vserver', /./],
    [{ 'log-level': 5 }, '262179', 'log_level', /./],
  ])('refuses %j by the column, and says what to send', async (columnsSent, code, target, message) => {
    const before = stored();
    const { status, body } = await server.request('PATCH', nfs, columnsSent);
    expect({ status, error: body.error }).toMatchObject({ status: 400, error: { code } });
    expect(body.error.target).toMatch(new RegExp(`${target}$`));
    expect(body.error.message).toMatch(message);
    expect(stored()).toBe(before);
  });

  it('says everything that is wrong at once', async () => {
    const { body } = await server.request('PATCH', nfs, { ike_lifetime: 1, ipsec_lifetime: 2 });
    // ONTAP puts the first problem into the error itself and the others into its arguments.
    const messages = [body.error, ...body.error.arguments].map(({ message }) => message);
    expect(messages).toEqual([expect.stringContaining('1 is not'), expect.stringContaining('2 is not')]);
  });

  it('changes nothing without a query', async () => {
    const { status } = await server.request('PATCH', `${cli}/policy`, { ike_lifetime: 3600 });
    expect(status).toBe(400);
    expect(stored().lifetimes.ikeSeconds).toBe(86_400);
  });

  it('keeps a replaced key acceptable for the overlap, as REST does', async () => {
    const patch = await server.request('PATCH', `${nfs}&overlap=60`, {
      shared_key: 'another key of eighteen characters',
    });
    expect(patch.status).toBe(200);
    expect(stored().authentication).toMatchObject({ kind: 'psk', replaced: [{}] });
  });

  it('has no fields of its own for REST', async () => {
    const url = `${policies}/${stored().uuid}`;
    const { status, body } = await server.request('PATCH', url, { ike_lifetime: 3600 });
    expect({ status, code: body.error.code }).toEqual({ status: 400, code: '262179' });
  });
});
