import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accepted, context, good, ipv6, key, local, problems, remote } from './good-draft.fixture.ts';
import { draftOf, type PolicyDraft } from './policy-draft.ts';
import { policyDefaults, validatePolicy } from './policy-validation.ts';
import { Secret } from './secret.ts';
import { prefix } from './testing/policies.ts';

describe('what is accepted', () => {
  test('a draft with the least in it gets ONTAP’s defaults', () => {
    expect(accepted()).toEqual({
      name: 'nfs',
      enabled: true,
      action: 'esp_transport',
      selector: {
        family: 'ipv4',
        local: prefix('10.0.0.1/32'),
        remote: prefix('10.0.0.2/32'),
        protocol: 0,
        localPort: 0,
        remotePort: 0,
      },
      authentication: { kind: 'psk', psk: expect.any(Secret) },
      cipherSuite: 'suiteb_gcm256',
      lifetimes: { ikeSeconds: 86_400, ipsecSeconds: 28_800, ipsecBytes: 0 },
    });
  });

  test('a key becomes bytes and a fingerprint', () => {
    const { authentication } = accepted({ secretKey: `0x${'00ff'.repeat(4)}` });
    expect(authentication.kind === 'psk' && [...authentication.psk.reveal()]).toEqual([
      0, 255, 0, 255, 0, 255, 0, 255,
    ]);
    expect(authentication.kind === 'psk' && authentication.psk.fingerprint).toBe('8 bytes');
  });

  test.each([
    ['201', 201],
    ['201-201', 201],
    ['0', 0],
    ['0-0', 0],
    ['65535', 65_535],
  ])('port %s is %i', (port, expected) => {
    expect(accepted(local({ port })).selector.localPort).toBe(expected);
  });

  test.each([
    ['any', 0],
    ['0', 0],
    ['tcp', 6],
    ['UDP', 17],
    ['icmp', 1],
    ['6', 6],
    ['132', 132],
    ['255', 255],
  ])('protocol %s is %i', (protocol, expected) => {
    expect(accepted({ protocol }).selector.protocol).toBe(expected);
  });

  test.each(['tcp', 'udp', 'any', '33', '132', '136'])('protocol %s may have ports', (protocol) => {
    expect(problems({ protocol, ...local({ port: '80' }), ...remote({ port: '81' }) })).toEqual([]);
  });

  test.each(['bypass', 'discard'])('%s may be for a multicast group', (action) => {
    const group = remote({ address: '224.0.0.18', netmask: '32' });
    expect(problems({ action, ...group }, ['secretKey'])).toEqual([]);
  });

  test('ESP may be for a subnet that multicast groups are in', () => {
    expect(problems(remote({ address: '128.0.0.0', netmask: '1' }))).toEqual([]);
  });

  test('subnets on both sides keep their host bits, masks become lengths', () => {
    const { selector } = accepted({
      localEndpoint: { address: '10.23.43.23', netmask: '24' },
      remoteEndpoint: { address: '192.168.0.63', netmask: '255.255.0.0' },
    });
    expect([selector.local, selector.remote]).toEqual([prefix('10.23.43.23/24'), prefix('192.168.0.63/16')]);
  });

  test('any remote is good with a port on either side', () => {
    const any = { address: '0.0.0.0', netmask: '0' };
    expect(problems({ remoteEndpoint: any, ...local({ port: '2049' }) })).toEqual([]);
    expect(problems({ remoteEndpoint: { ...any, port: '2049' } })).toEqual([]);
    const any6 = { address: '::', netmask: '0', port: '2049' };
    expect(problems({ localEndpoint: ipv6.localEndpoint, remoteEndpoint: any6, protocol: 'tcp' })).toEqual(
      [],
    );
  });

  test.each(['bypass', 'discard'])('%s ignores credentials, good or bad', (action) => {
    const over: PolicyDraft = {
      action,
      authenticationMethod: 'psk',
      secretKey: 'short',
      certificate: { name: 'c' },
    };
    expect(accepted(over).authentication).toEqual({ kind: 'none' });
  });

  test('anything as remote identity', () => {
    expect(accepted({ remoteIdentity: 'ANYTHING' }).remoteIdentity).toEqual({ kind: 'any' });
  });
});

describe('changing a policy', () => {
  const currentKey = new Secret(Buffer.from('the-key-it-had-so-far'), 'before');
  const current = { kind: 'psk', psk: currentKey } as const;

  test('what a policy says, said again, is the same policy, and the key stays', () => {
    const drafts = fc.record<PolicyDraft>(
      {
        enabled: fc.boolean(),
        action: fc.constantFrom('esp_transport', 'esp_udp'),
        protocol: fc.constantFrom('any', 'tcp', '132'),
        localEndpoint: fc.constantFrom(
          local({ port: '80' }).localEndpoint,
          local({ netmask: '24' }).localEndpoint,
        ),
        localIdentity: fc.constantFrom('a', 'b.example.com'),
        remoteIdentity: fc.constantFrom('ANYTHING', 'c'),
        cipherSuite: fc.constantFrom('suite_aescbc', 'suiteb_gmac256'),
        lifetimes: fc.constant({ ikeSeconds: 600 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(drafts, (over) => {
        const before = { ...accepted(over), authentication: current };
        const after = validatePolicy(draftOf(before), { ...context, current });
        expect(after).toEqual({ kind: 'valid', value: before });
        expect(after.kind === 'valid' && after.value.authentication).toHaveProperty('psk', currentKey);
      }),
    );
  });

  test('a new key replaces the current one', () => {
    const result = validatePolicy(good, { ...context, current });
    expect(result.kind === 'valid' && result.value.authentication).toHaveProperty(
      'psk.fingerprint',
      `${key.length} bytes`,
    );
  });

  test('a bypass turned into ESP needs a key', () => {
    const draft = { ...draftOf(accepted({ action: 'bypass' })), action: policyDefaults.action };
    expect(validatePolicy(draft, context)).toMatchObject({
      kind: 'invalid',
      problems: [{ code: '66257144' }],
    });
    expect(validatePolicy({ ...draft, secretKey: key }, context).kind).toBe('valid');
  });
});
