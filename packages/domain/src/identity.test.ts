import { describe, expect, test } from 'vitest';
import { formatIdentity, parseIdentity } from './identity.ts';
import { effectiveIdentities } from './peer.ts';
import { selector } from './testing/policies.ts';

describe('reading identities', () => {
  test.each(['10.0.0.1', 'host.example.com', 'C=CH, O=Lab, CN=*', '@#0a0b', 'x', 'é'.repeat(127)])(
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
    ['%any', 'remote_identity', /Send ANYTHING/],
    ['0.0.0.0', 'remote_identity', /Send ANYTHING/],
    ['', 'remote_identity', /1 to 255 bytes/],
    ['é'.repeat(128), 'remote_identity', /this one has 256/],
    ['a\nb', 'local_identity', /control character/],
    [' a', 'local_identity', /space/],
  ] as const)('%j as %s is refused with what to send instead', (text, target, message) => {
    expect(parseIdentity(text, target)).toEqual({
      kind: 'invalid',
      problems: [{ code: '262185', target, message: expect.stringMatching(message) }],
    });
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
