import { describe, expect, test } from 'vitest';
import { formatIdentity, identityKey, parseIdentity } from './identity.ts';
import { effectiveIdentities } from './peer.ts';
import { selector } from './testing/policies.ts';

describe('reading identities', () => {
  test.each(['10.0.0.1', 'host.example.com', 'C=CH, O=Lab*, CN=a', '@#0a0b', 'key*:1', 'x', 'e'.repeat(255)])(
    '%j is kept as it came',
    (text) => {
      const identity = parseIdentity(text, 'local_identity');
      expect(identity).toEqual({ kind: 'valid', value: { kind: 'text', text } });
    },
  );

  test('ANYTHING is any remote, and reads back so', () => {
    const identity = parseIdentity('ANYTHING', 'remote_identity');
    expect(identity).toEqual({ kind: 'valid', value: { kind: 'any' } });
    expect(formatIdentity({ kind: 'any' })).toBe('ANYTHING');
  });

  test.each([
    ['ANYTHING', 'local_identity', /any remote/],
    ['a\ud800', 'remote_identity', /surrogate/],
    ['@#0g', 'remote_identity', /hexadecimal digits/],
    ['fqdn:', 'remote_identity', /names nothing/],
    ['@', 'local_identity', /names nothing/],
    ['ipv4:#010203', 'remote_identity', /no address of that family/],
    ['ipv6:#01020304', 'remote_identity', /no address of that family/],
    ['ipv4:10.0.0.1', 'remote_identity', /address .* alone/],
    ['ipv4:0.0.0.0', 'local_identity', /address .* alone/],
    ['IPv6:2001:db8::1', 'local_identity', /address .* alone/],
    ['asn1dn:CN=a, O=b', 'remote_identity', /distinguished name alone/],
    ['{2}:host', 'remote_identity', /encoding/],
    ['asn1dn:#3000', 'remote_identity', /encoding/],
    ['ASN1GN:a', 'remote_identity', /encoding/],
    ['uri:urn:storage', 'remote_identity', /encoding/],
    ['', 'remote_identity', /1 to 255 bytes/],
    ['é'.repeat(128), 'remote_identity', /this one has 256/],
    ['ü.example', 'remote_identity', /outside ASCII.*xn--/],
    ['@ü.example', 'local_identity', /outside ASCII.*xn--/],
    ['ü@example.org', 'remote_identity', /outside ASCII.* email:#c3bc406578616d706c652e6f7267\.$/],
    ['rück:7', 'remote_identity', /outside ASCII.* keyid:#72c3bc636b3a37\.$/],
    ['C=DE, O=Müller', 'remote_identity', /outside ASCII.*another kind/],
    ['a\nb', 'local_identity', /control character/],
    [' a', 'local_identity', /space/],
  ] as const)('%j as %s is refused with what to send instead', (text, target, message) => {
    expect(parseIdentity(text, target)).toMatchObject({
      kind: 'invalid',
      problems: [{ code: '262185', target, message: expect.stringMatching(message) }],
    });
  });
});

test.each([
  ...['%any', '%', '*', 'fqdn:*', '@*', '*.example.com', 'a*b', 'FQDN:#2a', '*@example.com', 'email:*'],
  ...['CN=*', 'C=CH, CN = *', '/C=CH/CN=*'],
  ...['0.0.0.0', '::', '0::0', '0:0:0:0:0:0:0:0', 'ipv4:#00000000'],
  ...['10.0.0.0/8', '0.0.0.0/0', '10.0.0.1/32', '::/0', 'fd00::/8', 'ipv4net:10.0.0.0/8'],
  ...['10.0.0.1-10.0.0.9', 'fd00::1-fd00::9', 'ipv6range:fd00::1-fd00::9'],
  ...['fqdn:^.*$', 'DNS:^a$', 'email:^.+@example\\.org$', 'userfqdn:^x$'],
])('%j stands for several and is no identity', (text) => {
  for (const target of ['local_identity', 'remote_identity'] as const) {
    expect(parseIdentity(text, target)).toMatchObject({
      kind: 'invalid',
      problems: [{ code: '262185', target, message: expect.stringMatching(/more than one.*ANYTHING/) }],
    });
  }
});

describe('what IKE compares of identities', () => {
  const keyOf = (text: string) => {
    const parsed = parseIdentity(text, 'remote_identity');
    if (parsed.kind === 'invalid') throw new Error(`${text} was refused`);
    return identityKey(parsed.value);
  };

  test.each([
    ['storage', '@storage', 'STORAGE', 'fqdn:storage', 'FQDN:Storage', 'dns:storage', 'fqdn:#73746F72616765'],
    ['2001:db8::1', '2001:DB8::1', '2001:db8:0::0001', 'ipv6:#20010db8000000000000000000000001'],
    ['1.2.3.4', 'ipv4:#01020304', 'ipv4:#01:02:03:04'],
    ['a@b', 'A@B', 'email:a@b', 'rfc822:a@b', 'userfqdn:a@b', '@@a@b'],
    ['CN=a, O=b', 'CN=a,O=b', 'cn = a ,  o=b', '/CN=a/O=b', 'CN=A, O=B,'],
    ['E=a@b', 'Email=a@b', 'emailAddress=a@b'],
    ['@#0a0b', '@#A0B', '@#0x0a0b', 'keyid:#0a:0b'],
    ['rack:7', 'keyid:rack:7', '@#7261636b3a37'],
    ['shelf=7', 'keyid:shelf=7'],
    ['ANYTHING'],
  ])('%s is the same however it is written', (first, ...others) => {
    for (const other of others) expect(keyOf(other)).toEqual(keyOf(first));
  });

  test('what only looks alike is not the same', () => {
    const texts = [
      'storage',
      '@@storage',
      'keyid:storage',
      'keyid:Storage',
      'x@storage',
      'CN=storage',
      'ANYTHING',
    ];
    const names = [
      'CN=a, O=b',
      'O=b, CN=a',
      'CN=a',
      'CN=a, OU=b',
      'CN=a b',
      'shelf=a',
      'Shelf=a',
      'fqdn:#c3a9',
      'fqdn:#c389',
    ];
    const addresses = ['1.2.3.4', '::ffff:1.2.3.4', '::1.2.3.4', 'fqdn:1.2.3.4', '01.2.3.4', 'keyid:1.2.3.4'];
    const all = [...texts, ...names, ...addresses];
    expect(new Set(all.map((text) => JSON.stringify(keyOf(text)))).size).toBe(all.length);
  });

  test('a wildcard that was stored once is itself alone', () => {
    const stored = { kind: 'text', text: '*.example.com' } as const;
    expect(identityKey(stored)).toEqual({ type: 'unread', value: '*.example.com' });
  });
});

describe('identities that IKE uses', () => {
  const effective = (local: string, remote: string) => {
    const identities = effectiveIdentities({ selector: selector(local, remote) });
    return [formatIdentity(identities.local), formatIdentity(identities.remote)];
  };

  test('between hosts both default to their addresses', () => {
    expect(effective('10.0.0.1/32', '10.0.0.2/32')).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(effective('2001:db8:0::1/128', 'fd00::2/128')).toEqual(['2001:db8::1', 'fd00::2']);
  });

  test('a remote of several hosts may be anyone, even when written with host bits', () => {
    expect(effective('10.0.0.1/32', '192.168.0.63/24')).toEqual(['10.0.0.1', 'ANYTHING']);
  });

  test('a local address with a netmask is that address; a bare local network has none', () => {
    expect(effective('10.0.0.7/24', '10.0.1.1/32')).toEqual(['10.0.0.7', '10.0.1.1']);
    expect(effective('10.0.0.0/24', '10.0.1.1/32')).toEqual(['ANYTHING', '10.0.1.1']);
  });

  test('what the user says stands', () => {
    const identities = effectiveIdentities({
      selector: selector('10.0.0.1/32', '10.0.0.2/32'),
      localIdentity: { kind: 'text', text: 'us' },
      remoteIdentity: { kind: 'any' },
    });
    expect(identities).toEqual({ local: { kind: 'text', text: 'us' }, remote: { kind: 'any' } });
  });
});
