/** A body that makes a policy; `last` ends the remote's address. */
export function goodPolicy(name: string, last: number): object {
  return {
    name,
    svm: { name: 'svm1' },
    secret_key: 'a key of the fuzzed server',
    local_endpoint: { address: '192.0.2.1', netmask: '32', port: '2049' },
    remote_endpoint: { address: `192.0.2.${last}`, netmask: '255.255.255.255' },
    protocol: 'tcp',
  };
}

const policy = goodPolicy('made', 9);

/** One body for each thing that takes one: a line with method and path, and then JSON. Passwords are elsewhere. */
export const goodBodies: readonly (readonly [line: string, body: object])[] = [
  ['POST /api/security/ipsec/policies', policy],
  [
    'POST /api/security/ipsec/policies?return_records=true',
    { records: [policy, { ...policy, name: 'more', action: 'bypass' }] },
  ],
  [
    'POST /api/security/ipsec/policies',
    {
      ...policy,
      'ipspace.name': 'Default',
      ppk: { identity: 'quantum', shared_key: 'a key for the day after tomorrow' },
      local_identity: 'CN=a, O=b',
      remote_identity: '%any',
    },
  ],
  [
    'POST /api/security/ipsec/policies',
    {
      name: 'pki',
      svm: { name: 'svm1' },
      authentication_method: 'pki',
      certificate: { uuid: '{certificate}' },
      local_endpoint: { address: '192.0.2.1', netmask: '32' },
      remote_endpoint: { address: '::/0' },
    },
  ],
  [
    'PATCH /api/security/ipsec/policies/{policy}',
    {
      enabled: false,
      name: 'kept',
      protocol: '17',
      local_endpoint: { address: '2001:db8::', netmask: '64' },
      remote_endpoint: { address: '2001:db8:1::1', netmask: '128', port: '1-9' },
    },
  ],
  ['PATCH /api/security/ipsec/policies?name=kept', { secret_key: '0x00112233445566778899aabbccddeeff0011' }],
  ['PATCH /api/security/ipsec/policies', { records: [{ uuid: '{policy}', action: 'discard' }] }],
  ['DELETE /api/security/ipsec/policies', { records: [{ uuid: '{policy}' }] }],
  ['PATCH /api/security/ipsec', { enabled: true, replay_window: 64 }],
  ['POST /api/svm/svms', { name: 'made', ipspace: { name: 'Default' } }],
  ['PATCH /api/svm/svms/{svm}', { name: 'svm1' }],
  ['POST /api/network/ipspaces', { name: 'green' }],
  [
    'POST /api/network/ip/interfaces',
    { name: 'made', svm: { name: 'svm1' }, ip: { address: 'fd00::1', netmask: '64' } },
  ],
  ['PATCH /api/network/ip/interfaces/{lif}', { ip: { address: '192.0.2.1', netmask: '255.255.255.0' } }],
  [
    'POST /api/security/certificates',
    { name: 'made', type: 'root_ca', common_name: 'made', expiry_time: 'P10DT', hash_function: 'sha256' },
  ],
  [
    'POST /api/security/certificates/{ca}/sign',
    {
      signing_request: '-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n',
      expiry_time: 'P1DT',
      hash_function: 'sha384',
    },
  ],
  [
    'POST /api/security/ipsec/ca-certificates',
    { certificate: { uuid: '{certificate}' }, 'svm.name': 'svm1' },
  ],
  [
    'PATCH /api/esplanade/v1/certificate-revocation-lists/{ca}',
    { crl: '-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n', url: 'https://192.0.2.9/list.crl' },
  ],
  [
    'POST /api/private/cli/security/ipsec/policy',
    {
      vserver: 'svm1',
      name: 'cli',
      local_ip_subnets: '192.0.2.1/32',
      remote_ip_subnets: '192.0.2.7/32',
      shared_key: 'a key of the fuzzed server',
    },
  ],
  ['PATCH /api/private/cli/security/ipsec/config', { is_enabled: true }],
  ['PATCH /api/esplanade/v1/revocation-modes/{svm}', { mode: 'relaxed' }],
];

/** Those that make the server hash a password, which takes long on purpose. */
export const goodAccountBodies: readonly (readonly [line: string, body: object])[] = [
  [
    'POST /api/security/accounts',
    {
      name: 'made',
      owner: { name: 'svm1' },
      role: { name: 'vsadmin' },
      password: 'another password of it',
      applications: [{ application: 'http', authentication_methods: ['password'] }],
    },
  ],
  [
    'POST /api/security/accounts',
    { name: 'made2', role: { name: 'readonly' }, password: 'another password of it', locked: true },
  ],
  [
    'PATCH /api/security/accounts/{account}',
    { role: { name: 'vsadmin-readonly' }, locked: false, comment: 'x' },
  ],
  ['PATCH /api/security/accounts/{account}', { password: 'yet another password' }],
  [
    'POST /api/security/roles',
    {
      name: 'made',
      owner: { name: 'svm1' },
      privileges: [
        { path: '/api/security/ipsec', access: 'readonly' },
        { path: '/api/svm', access: 'all' },
      ],
    },
  ],
  [
    'POST /api/security/roles/{owner}/made/privileges',
    { path: '/api/network', access: 'read_create_modify' },
  ],
  ['PATCH /api/security/roles/{owner}/made/privileges/%2Fapi%2Fnetwork', { access: 'none' }],
];
