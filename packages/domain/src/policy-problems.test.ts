import { describe, expect, test } from 'vitest';
import { accepted, context, good, ipv6, key, local, problems, remote } from './good-draft.fixture.ts';
import type { PolicyDraft } from './policy-draft.ts';
import { validatePolicy } from './policy-validation.ts';
import { problemKinds } from './problem-kinds.ts';

/** What is wrong with an otherwise good draft, and the one problem it gets. */
const wrong: readonly (readonly [what: string, over: PolicyDraft, expected: string])[] = [
  ['an empty name', { name: '' }, '66257148 name'],
  ['a name of 65 characters', { name: 'n'.repeat(65) }, '66257148 name'],
  ['a name outside ASCII', { name: 'nfs-é' }, '66257148 name'],
  ['a name with a control character', { name: 'a\tb' }, '66257148 name'],
  ['a name with a space before it', { name: ' nfs' }, '66257148 name'],
  ['a name with a space after it', { name: 'nfs ' }, '66257148 name'],
  ['an unknown action', { action: 'esp_tunnel' }, '262185 action'],
  ['the name of an inherited property', { action: 'toString' }, '262185 action'],
  ['an unknown cipher suite', { cipherSuite: 'SUITEB_GCM256' }, '262185 cipher_suite'],
  ['an unknown method', { authenticationMethod: 'rsa' }, '262185 authentication_method'],
  ['no local endpoint', { localEndpoint: {} }, '66257143 local_endpoint.address'],
  ['no remote endpoint', { remoteEndpoint: {} }, '66257143 remote_endpoint.address'],
  ['an empty local address', local({ address: '' }), '66257143 local_endpoint.address'],
  ['an empty remote address', remote({ address: '' }), '66257143 remote_endpoint.address'],
  [
    'a local address without netmask',
    { localEndpoint: { address: '10.0.0.1' } },
    '66257125 local_endpoint.netmask',
  ],
  [
    'a remote address without netmask',
    { remoteEndpoint: { address: '10.0.0.2' } },
    '66257126 remote_endpoint.netmask',
  ],
  [
    'an IPv6 address without netmask',
    { ...ipv6, remoteEndpoint: { address: 'fd00::2' } },
    '66257126 remote_endpoint.netmask',
  ],
  [
    'a local netmask without address',
    { localEndpoint: { netmask: '24' } },
    '66257125 local_endpoint.address',
  ],
  [
    'a remote netmask without address',
    { remoteEndpoint: { netmask: '24' } },
    '66257126 remote_endpoint.address',
  ],
  ['two local subnets', local({ address: '10.0.0.1,10.0.0.9' }), '66257113 local_endpoint.address'],
  ['a range of local addresses', local({ address: '10.0.0.1-10.0.0.9' }), '66257113 local_endpoint.address'],
  ['two remote subnets', remote({ address: '10.0.0.2 10.0.0.9' }), '66257114 remote_endpoint.address'],
  ['an address with its length', remote({ address: '10.0.0.0/24' }), '262185 remote_endpoint.address'],
  ['an address that looks octal', local({ address: '010.0.0.1' }), '262185 local_endpoint.address'],
  ['an address with a zone', local({ address: 'fe80::1%eth0' }), '262185 local_endpoint.address'],
  ['a host name', remote({ address: 'filer.example.com' }), '262185 remote_endpoint.address'],
  ['a host name with a dash', remote({ address: 'filer' }), '262185 remote_endpoint.address'],
  [
    'an IPv4 address in IPv6 clothing',
    remote({ address: '::ffff:10.0.0.2', netmask: '128' }),
    '262197 remote_endpoint.address',
  ],
  ['a netmask too long for IPv4', local({ netmask: '64' }), '262185 local_endpoint.netmask'],
  ['a mask with a hole', remote({ netmask: '255.0.255.0' }), '262185 remote_endpoint.netmask'],
  [
    'a mask for IPv6',
    { ...ipv6, localEndpoint: { address: 'fd00::1', netmask: '255.255.0.0' } },
    '262185 local_endpoint.netmask',
  ],
  ['a local multicast group', local({ address: '239.1.2.3' }), '262197 local_endpoint.address'],
  ['the local broadcast address', local({ address: '255.255.255.255' }), '262197 local_endpoint.address'],
  ['a local address of this network', local({ address: '0.1.2.3' }), '262197 local_endpoint.address'],
  [
    'a local IPv6 multicast group',
    { ...ipv6, localEndpoint: { address: 'ff02::1', netmask: '128' } },
    '262197 local_endpoint.address',
  ],
  [
    'ESP for a remote multicast group',
    remote({ address: '224.0.0.0', netmask: '4' }),
    '262197 remote_endpoint.address',
  ],
  ['ESP for remote broadcasts', remote({ address: '255.255.255.255' }), '262197 remote_endpoint.address'],
  ['the zero address as a local host', local({ address: '0.0.0.0' }), '66257128 local_endpoint.netmask'],
  ['every local address', local({ address: '0.0.0.0', netmask: '0' }), '66257127 local_endpoint.address'],
  [
    'every local IPv6 address',
    { ...ipv6, localEndpoint: { address: '::', netmask: '0' } },
    '66257127 local_endpoint.address',
  ],
  [
    'an address in a wildcard',
    remote({ address: '10.0.0.2', netmask: '0', port: '22' }),
    '66257128 remote_endpoint.address',
  ],
  [
    'a wildcard with a length',
    remote({ address: '0.0.0.0', netmask: '24', port: '22' }),
    '66257128 remote_endpoint.netmask',
  ],
  ['a local address in a wildcard', local({ netmask: '0' }), '66257128 local_endpoint.address'],
  [
    'any remote without a port',
    remote({ address: '0.0.0.0', netmask: '0' }),
    '66257129 remote_endpoint.address',
  ],
  [
    'any remote without a port, said so',
    remote({ address: '0.0.0.0', netmask: '0.0.0.0', port: '0-0' }),
    '66257129 remote_endpoint.address',
  ],
  ['endpoints of two families', { localEndpoint: ipv6.localEndpoint }, '262197 remote_endpoint.address'],
  ['several local ports', local({ port: '80,443' }), '66257100 local_endpoint.port'],
  ['several remote ports', remote({ port: '80 443' }), '66257101 remote_endpoint.port'],
  ['a range of ports', local({ port: '80-81' }), '66257115 local_endpoint.port'],
  ['every port as a range', remote({ port: '0-65535' }), '66257115 remote_endpoint.port'],
  ['a port too large', local({ port: '65536' }), '66257132 local_endpoint.port'],
  ['a range that ends too large', remote({ port: '1-70000' }), '66257132 remote_endpoint.port'],
  ['a negative port', remote({ port: '-1' }), '66257132 remote_endpoint.port'],
  ['a port that is no number', remote({ port: 'nfs' }), '262185 remote_endpoint.port'],
  ['an empty port', remote({ port: '' }), '262185 remote_endpoint.port'],
  ['several protocols', { protocol: 'tcp,udp' }, '66257099 protocol'],
  ['a range of protocols', { protocol: '6-17' }, '66257099 protocol'],
  ['an unknown protocol', { protocol: 'ipv6-icmp' }, '262185 protocol'],
  ['a protocol too large', { protocol: '256' }, '262185 protocol'],
  ['an empty protocol', { protocol: '' }, '262185 protocol'],
  ['ICMP with a port', { ...local({ port: '8' }), protocol: 'icmp' }, '262197 local_endpoint.port'],
  [
    'ICMPv6 with a port',
    { ...ipv6, remoteEndpoint: { ...ipv6.remoteEndpoint, port: '8' }, protocol: '58' },
    '262197 remote_endpoint.port',
  ],
  ['GRE with a port', { ...remote({ port: '8' }), protocol: '47' }, '262197 remote_endpoint.port'],
  ['ICMP over IPv6', { ...ipv6, protocol: 'icmp' }, '262197 protocol'],
  ['ICMPv6 over IPv4', { protocol: '58' }, '262197 protocol'],
  ['the same host on both sides', remote({ address: '10.0.0.1' }), '262197 remote_endpoint.address'],
  [
    'a discard of what a host sends to itself',
    { ...remote({ address: '10.0.0.1' }), action: 'discard' },
    '262197 remote_endpoint.address',
  ],
  ['a loopback address of ours', local({ address: '127.0.0.1' }), '262197 local_endpoint.address'],
  ['a remote in loopback', remote({ address: '127.0.0.0', netmask: '9' }), '262197 remote_endpoint.address'],
  [
    'ESP with oneself over IPv6',
    { ...ipv6, remoteEndpoint: { address: 'fd00:0::1', netmask: '128' } },
    '262197 remote_endpoint.address',
  ],
  [
    'ESP over IPv6 loopback',
    { ...ipv6, remoteEndpoint: { address: '::1', netmask: '128' } },
    '262197 remote_endpoint.address',
  ],
  ['ESP in UDP over IPv6', { ...ipv6, action: 'esp_udp' }, '66257131 action'],
  ['an empty local identity', { localIdentity: '' }, '262185 local_identity'],
  ['anything as our own identity', { localIdentity: 'ANYTHING' }, '262185 local_identity'],
  ['an identity that means any', { remoteIdentity: '%any' }, '262185 remote_identity'],
  ['a certificate beside a key', { certificate: { name: 'c' } }, '66257136 certificate'],
  [
    'a certificate with psk',
    { authenticationMethod: 'psk', certificate: { uuid: 'u' } },
    '66257136 certificate',
  ],
  ['a short key', { secretKey: 'short' }, '66257200 secret_key'],
  ['a key of bad hex', { secretKey: `0x${'xy'.repeat(12)}` }, '66257107 secret_key'],
  ['a key of bad base64', { secretKey: `0s${'!'.repeat(20)}` }, '66257109 secret_key'],
  ['protection with method none', { authenticationMethod: 'none' }, '66257144 authentication_method'],
  ['too short an IKE lifetime', { lifetimes: { ikeSeconds: 59 } }, '262185 ike_lifetime'],
  ['half a second', { lifetimes: { ipsecSeconds: 600.5 } }, '262185 ipsec_lifetime'],
  ['too long a lifetime', { lifetimes: { ipsecSeconds: 2_592_001 } }, '262185 ipsec_lifetime'],
  ['too few bytes', { lifetimes: { ipsecBytes: 1 } }, '262185 ipsec_lifetime_bytes'],
];

/** The same for drafts without a secret key. */
const wrongWithoutKey: readonly (readonly [what: string, over: PolicyDraft, expected: readonly string[]])[] =
  [
    ['neither key nor certificate', {}, ['66257144 secret_key']],
    ['ESP in UDP with neither', { action: 'esp_udp' }, ['66257144 secret_key']],
    ['psk without a key', { authenticationMethod: 'psk' }, ['66257133 secret_key']],
    [
      'pki without a certificate',
      { authenticationMethod: 'pki', remoteIdentity: 'b' },
      ['66257134 certificate.uuid'],
    ],
    [
      'pki with an unknown certificate name',
      { authenticationMethod: 'pki', certificate: { name: 'c' }, remoteIdentity: 'b' },
      ['66257135 certificate.name'],
    ],
    [
      'pki with the certificate of a CA',
      { certificate: { name: 'ca' }, remoteIdentity: 'b' },
      ['66257140 certificate.name'],
    ],
    [
      'a name and a UUID of two certificates',
      { certificate: { name: 'host', uuid: '5d1a0c4e-0003' }, remoteIdentity: 'b' },
      ['66257305 certificate.uuid'],
    ],
    [
      'half a post-quantum key, the identity',
      { secretKey: key, postquantumKey: { identity: 'quantum' } },
      ['66257153 ppk.identity'],
    ],
    [
      'half a post-quantum key, the key',
      { secretKey: key, postquantumKey: { sharedKey: key } },
      ['66257154 ppk.shared_key'],
    ],
    [
      'keeping SAs without a certificate',
      { secretKey: key, keepsSas: true },
      ['262186 certificate_modify_keepsa'],
    ],
    [
      'an unknown certificate uuid',
      { certificate: { uuid: 'u' }, remoteIdentity: 'b' },
      ['66257139 certificate.uuid'],
    ],
    [
      'pki without remote identity',
      { certificate: { uuid: 'u' } },
      ['66257138 remote_identity', '66257139 certificate.uuid'],
    ],
    [
      'pki with a key',
      { authenticationMethod: 'pki', secretKey: key, certificate: { uuid: 'u' }, remoteIdentity: 'b' },
      ['66257137 secret_key', '66257139 certificate.uuid'],
    ],
  ];

describe('what is wrong gets its code and field', () => {
  test.each(wrong)('%s', (_what, over, expected) => {
    expect(problems(over)).toEqual([expected]);
  });

  test.each(wrongWithoutKey)('%s', (_what, over, expected) => {
    expect(problems(over, ['secretKey'])).toEqual(expected);
  });

  test('every code that validation may give stands in these tables', () => {
    const shown = [...wrong, ...wrongWithoutKey].flatMap(([, , expected]) => expected);
    const codes = new Set(shown.map((line) => line.split(' ')[0]));
    expect(codes).toEqual(new Set(Object.values(problemKinds).map(({ code }) => code)));
  });

  test('a protocol without ports for a policy that has one says how to take the port away', () => {
    const patched = validatePolicy({ ...good, ...local({ port: '2049' }), protocol: 'icmp' }, context);
    expect(patched).toMatchObject({
      problems: [{ message: expect.stringMatching(/has local port 2049.*Send local_endpoint\.port "0"/) }],
    });
    expect(accepted({ ...local({ port: '0' }), protocol: 'icmp' }).selector.localPort).toBe(0);
  });

  test('a missing name', () => {
    expect(problems({}, ['name'])).toEqual(['66257148 name']);
  });
});

test('everything wrong is said at once, in the order of the fields', () => {
  const draft: PolicyDraft = {
    action: 'esp_udp',
    localEndpoint: { address: 'fd00::1', port: '70000' },
    remoteEndpoint: { address: '::', netmask: '0', port: '80' },
    protocol: '58',
    remoteIdentity: '',
    cipherSuite: 'des',
    lifetimes: { ikeSeconds: 0, ipsecBytes: -1 },
  };
  const result = validatePolicy(draft, context);
  const found =
    result.kind === 'invalid' ? result.problems.map(({ code, target }) => `${code} ${target}`) : [];
  expect(found).toEqual([
    '66257148 name',
    '66257125 local_endpoint.netmask',
    '66257132 local_endpoint.port',
    '66257131 action',
    '262197 remote_endpoint.port',
    '262185 remote_identity',
    '66257144 secret_key',
    '262185 cipher_suite',
    '262185 ike_lifetime',
    '262185 ipsec_lifetime_bytes',
  ]);
});

test('no message repeats a secret, and a long value is cut', () => {
  const result = validatePolicy(
    { name: 'n'.repeat(500), action: 'x', secretKey: 'Tq7-not-long', authenticationMethod: 'pki' },
    context,
  );
  expect(result.kind).toBe('invalid');
  expect(JSON.stringify(result)).not.toContain('Tq7');
  expect(JSON.stringify(result)).not.toContain('n'.repeat(81));
});
