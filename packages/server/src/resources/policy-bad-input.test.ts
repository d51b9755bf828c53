import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const local = goodPolicy.local_endpoint;
const remote = goodPolicy.remote_endpoint;
const ipv6 = {
  local_endpoint: { address: 'fd00::1', netmask: '128' },
  remote_endpoint: { address: 'fd00::2', netmask: '128' },
};

/** What is sent over a good policy, the code and the field that the error must name. */
const table: readonly (readonly [object, string, string])[] = [
  [{ name: undefined }, '66257148', 'name'],
  [{ name: '' }, '66257148', 'name'],
  [{ name: 'x'.repeat(65) }, '66257148', 'name'],
  [{ name: 'ümlaut' }, '66257148', 'name'],
  [{ name: ['a', 'b'] }, '262255', 'name'],
  [{ name: { first: 1 } }, '262197', 'name'],
  [{ action: 'encrypt' }, '262185', 'action'],
  [{ action: 'esp_udp', ...ipv6 }, '66257131', 'action'],
  [{ authentication_method: 'magic' }, '262185', 'authentication_method'],
  [{ authentication_method: 'none' }, '66257144', 'authentication_method'],
  [{ authentication_method: 'psk', secret_key: undefined }, '66257133', 'secret_key'],
  [{ secret_key: undefined }, '66257144', 'secret_key'],
  [{ authentication_method: 'pki' }, '66257137', 'secret_key'],
  [
    { authentication_method: 'pki', secret_key: undefined, remote_identity: 'x' },
    '66257134',
    'certificate.uuid',
  ],
  [
    { authentication_method: 'pki', secret_key: undefined, certificate: { name: 'c' } },
    '66257138',
    'remote_identity',
  ],
  [
    { authentication_method: 'pki', secret_key: undefined, remote_identity: 'x', certificate: { name: 'c' } },
    '66257135',
    'certificate.name',
  ],
  [
    { authentication_method: 'pki', secret_key: undefined, remote_identity: 'x', certificate: { uuid: 'c' } },
    '66257139',
    'certificate.uuid',
  ],
  [{ certificate: { name: 'c' } }, '66257136', 'certificate'],
  [{ certificate_modify_keepsa: true }, '262186', 'certificate_modify_keepsa'],
  [{ secret_key: 'too short' }, '66257200', 'secret_key'],
  [{ secret_key: 'x'.repeat(129) }, '66257200', 'secret_key'],
  [{ secret_key: 'not only ASCII: ümlaut' }, '66257200', 'secret_key'],
  [{ secret_key: '0xnothexadecimalatall' }, '66257107', 'secret_key'],
  [{ secret_key: '0s!!!!notbase64atall!!!!' }, '66257109', 'secret_key'],
  [{ enabled: 'perhaps' }, '262197', 'enabled'],
  [{ local_endpoint: undefined }, '66257143', 'local_endpoint.address'],
  [{ remote_endpoint: undefined }, '66257143', 'remote_endpoint.address'],
  [{ local_endpoint: { ...local, address: undefined } }, '66257125', 'local_endpoint.address'],
  [{ local_endpoint: { ...local, netmask: undefined } }, '66257125', 'local_endpoint.netmask'],
  [{ remote_endpoint: { ...remote, netmask: undefined } }, '66257126', 'remote_endpoint.netmask'],
  [{ local_endpoint: { ...local, address: '' } }, '66257143', 'local_endpoint.address'],
  [{ local_endpoint: { ...local, address: '192.0.2.1,192.0.2.9' } }, '66257113', 'local_endpoint.address'],
  [{ remote_endpoint: { ...remote, address: '192.0.2.2-192.0.2.9' } }, '66257114', 'remote_endpoint.address'],
  [{ local_endpoint: { ...local, address: 'a host' } }, '262185', 'local_endpoint.address'],
  [{ local_endpoint: { ...local, address: '010.1.1.1' } }, '262185', 'local_endpoint.address'],
  [{ local_endpoint: { ...local, address: '::ffff:192.0.2.1' } }, '262197', 'local_endpoint.address'],
  [{ remote_endpoint: { ...remote, address: '192.0.2.2/32' } }, '262185', 'remote_endpoint.address'],
  [{ local_endpoint: { ...local, address: '127.0.0.1' } }, '262197', 'local_endpoint.address'],
  [{ remote_endpoint: { ...remote, address: local.address } }, '262197', 'remote_endpoint.address'],
  [{ remote_identity: 'ü.example' }, '262185', 'remote_identity'],
  [{ local_endpoint: { ...local, netmask: '33' } }, '262185', 'local_endpoint.netmask'],
  [{ local_endpoint: { ...local, netmask: '255.0.255.0' } }, '262185', 'local_endpoint.netmask'],
  [{ remote_endpoint: { ...remote, netmask: '-1' } }, '262185', 'remote_endpoint.netmask'],
  [{ local_endpoint: { address: '0.0.0.0', netmask: '0' } }, '66257127', 'local_endpoint.address'],
  [{ remote_endpoint: { address: '0.0.0.0', netmask: '8' } }, '66257128', 'remote_endpoint.netmask'],
  [{ remote_endpoint: { address: '0.0.0.0', netmask: '0' } }, '66257129', 'remote_endpoint.address'],
  [{ local_endpoint: ipv6.local_endpoint }, '262197', 'remote_endpoint.address'],
  [{ local_endpoint: { ...local, family: 'ipv6' } }, '262197', 'local_endpoint.family'],
  [{ local_endpoint: { ...local, family: 'ipx' } }, '262185', 'local_endpoint.family'],
  [{ local_endpoint: { ...local, port: '1-2' } }, '66257115', 'local_endpoint.port'],
  [{ local_endpoint: { ...local, port: '1,2' } }, '66257100', 'local_endpoint.port'],
  [{ remote_endpoint: { ...remote, port: '1 2' } }, '66257101', 'remote_endpoint.port'],
  [{ remote_endpoint: { ...remote, port: '65536' } }, '66257132', 'remote_endpoint.port'],
  [{ remote_endpoint: { ...remote, port: 'nfs' } }, '262185', 'remote_endpoint.port'],
  [{ protocol: 'tcp,udp' }, '66257099', 'protocol'],
  [{ protocol: '256' }, '262185', 'protocol'],
  [{ protocol: 'tpc' }, '262185', 'protocol'],
  [{ protocol: '1' }, '262197', 'remote_endpoint.port'],
  [{ local_identity: 'ANYTHING' }, '262185', 'local_identity'],
  [{ remote_identity: '%any' }, '262185', 'remote_identity'],
  [{ remote_identity: 'x'.repeat(256) }, '262185', 'remote_identity'],
  [{ scope: 'galaxy' }, '262185', 'scope'],
  [{ ppk: { identity: 'x'.repeat(8) } }, '66257153', 'ppk.identity'],
  [{ ppk: { shared_key: 'x'.repeat(20) } }, '66257154', 'ppk.shared_key'],
  [{ ppk: { identity: 'short', shared_key: 'x'.repeat(20) } }, '262185', 'ppk.identity'],
  [{ ppk: { identity: 'x'.repeat(65), shared_key: 'x'.repeat(20) } }, '262185', 'ppk.identity'],
  [{ ppk: { identity: 'x'.repeat(8), shared_key: 'too short' } }, '66257200', 'ppk.shared_key'],
  [{ ppk: { identity: 'x'.repeat(8), shared_key: 123456789012345680 } }, '262197', 'ppk.shared_key'],
  [{ ppk: 'x' }, '262197', 'ppk'],
  [{ uuid: '0' }, '262196', 'uuid'],
  [{ priority: 1 }, '262179', 'priority'],
];

describe('a policy with one thing wrong', () => {
  it.each(table)('%j', async (over, code, target) => {
    const { status, body } = await server.request('POST', '/api/security/ipsec/policies', {
      ...goodPolicy,
      ...over,
    });
    expect({ status, error: body.error }).toMatchObject({ status: 400, error: { code, target } });
    expect(body.error.message).toMatch(/\S/);
  });

  it('leaves nothing behind', async () => {
    const { body } = await server.request('GET', '/api/security/ipsec/policies');
    expect(body.num_records).toBe(0);
  });
});

describe('a policy with several things wrong', () => {
  it('hears all of them at once', async () => {
    const { body } = await server.request('POST', '/api/security/ipsec/policies', {
      ...goodPolicy,
      name: '',
      protocol: 'x',
    });
    expect(body.error.code).toBe('66257148');
    expect(body.error.arguments).toMatchObject([{ code: '262185' }]);
  });

  it('hears of its owner, its words and its fields in one answer', async () => {
    const { body } = await server.request('POST', '/api/security/ipsec/policies', {
      ...goodPolicy,
      'svm.name': 'nowhere',
      'ipspace.name': 'nowhere',
      scope: 'galaxy',
      name: '',
      action: 'encrypt',
      protocol: 'x',
    });
    const said = [body.error, ...body.error.arguments].map(({ message }: { message: string }) => message);
    expect(said).toHaveLength(6);
    for (const what of [
      /"galaxy"/,
      /SVM.*"nowhere"/,
      /"ipspace.name"/,
      /no name/,
      /"encrypt"/,
      /"x" is not a protocol/,
    ])
      expect(said).toContainEqual(expect.stringMatching(what));
  });
});
