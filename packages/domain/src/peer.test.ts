import { expect, test } from 'vitest';
import { peerKey } from './peer.ts';
import { Secret } from './secret.ts';
import { policy, selector } from './testing/policies.ts';

const one = policy(1);

test.each([
  ['another key', policy(2, { authentication: { kind: 'psk', psk: new Secret(Uint8Array.of(9), 'other') } })],
  [
    'other ports',
    policy(2, { selector: selector('10.0.0.1/32', '10.0.0.2/32', { protocol: 6, localPort: 22 }) }),
  ],
  ['its default identities spelled out', policy(2, { remoteIdentity: { kind: 'text', text: '10.0.0.2' } })],
  ['its identity with a type', policy(2, { remoteIdentity: { kind: 'text', text: 'ipv4:#0a000002' } })],
  ['another lifetime', policy(2, { lifetimes: { ikeSeconds: 60, ipsecSeconds: 60, ipsecBytes: 0 } })],
])('IKE cannot tell a policy from one with %s', (_what, other) => {
  expect(peerKey(other)).toBe(peerKey(one));
});

test.each([
  ['remote address', policy(2, { selector: selector('10.0.0.1/32', '10.0.0.3/32') })],
  ['local address', policy(2, { selector: selector('10.0.0.9/32', '10.0.0.2/32') })],
  ['IPspace', policy(2, { ipspace: { uuid: 'ipspace-2', name: 'blue' } })],
  ['remote identity', policy(2, { remoteIdentity: { kind: 'text', text: 'b' } })],
  ['local identity', policy(2, { localIdentity: { kind: 'text', text: 'a' } })],
  ['kind of authentication', policy(2, { authentication: { kind: 'none' } })],
])('another %s makes another peer', (_what, other) => {
  expect(peerKey(other)).not.toBe(peerKey(one));
});

test('host bits of a remote subnet do not make another peer', () => {
  const keys = ['10.1.0.0/16', '10.1.2.3/16'].map((remote) =>
    peerKey(policy(2, { selector: selector('10.0.0.1/32', remote) })),
  );
  expect(keys[0]).toBe(keys[1]);
});

test.each([
  ['storage', 'fqdn:Storage'],
  ['a@b', 'email:A@b'],
  ['2001:db8::1', '2001:DB8::1'],
  ['CN=a, O=b', 'CN=a,O=b'],
])('the identities %s and %s are one peer, on either side', (one, other) => {
  const first = { kind: 'text', text: one } as const;
  const second = { kind: 'text', text: other } as const;
  expect(peerKey(policy(1, { remoteIdentity: first }))).toBe(peerKey(policy(2, { remoteIdentity: second })));
  expect(peerKey(policy(1, { localIdentity: first }))).toBe(peerKey(policy(2, { localIdentity: second })));
});
