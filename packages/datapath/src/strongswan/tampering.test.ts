import { describe, expect, it } from 'vitest';
import { CharonHoldings } from './charon-holdings.ts';
import { neighbourDiscoveryName } from './names.ts';
import { contradicts, type Deed, deedOf } from './tampering.ts';

const child = 'd0000000-0000-4000-8000-000000000001-0123456789ab';
const secret = 'esplanade-0123456789ab-0011223344556677';
const connection = 'esplanade-0123456789ab';

describe('a line of the log', () => {
  it.each<[string, Deed | undefined]>([
    [`uninstalling '${child}'`, { kind: 'child gone', name: child }],
    [`vici uninstall '${child}'`, { kind: 'child gone', name: child }],
    ["uninstalling 'theirs'", { kind: 'child gone', name: 'theirs' }],
    [`unloaded shared key with id '${secret}'`, { kind: 'secret gone', name: secret }],
    ['added vici connection: theirs', { kind: 'connection loaded', name: 'theirs' }],
    ['updated vici connection: theirs', { kind: 'connection loaded', name: 'theirs' }],
    ['replaced vici connection: theirs', { kind: 'connection loaded', name: 'theirs' }],
    ["loaded IKE shared key with id 'theirs' for: 'a', 'b'", { kind: 'credentials loaded' }],
    ["loaded IKE shared key for: 'a', 'b'", { kind: 'credentials loaded' }],
    ["loaded certificate 'CN=theirs'", { kind: 'credentials loaded' }],
    ["no shared key found for 'a' - 'b'", { kind: 'key not found' }],
    ["no private key found for 'CN=ours'", { kind: 'private key not found' }],
    ['loaded RSA private key', { kind: 'credentials loaded' }],
    [`loaded IKE shared key with id '${secret}' for: 'a', 'b'`, undefined],
    [`installing '${child}'`, undefined],
  ])('%s says what was done', (line, expected) => {
    expect(deedOf(line)).toEqual(expected);
  });
});

describe('what was done', () => {
  const gone: readonly Deed[] = [
    { kind: 'child gone', name: child },
    { kind: 'child gone', name: 'type-135' },
    { kind: 'secret gone', name: secret },
  ];

  it('contradicts the account of what is held until we have taken it away ourselves', () => {
    const account = new CharonHoldings([secret]);
    account.setChildren(connection, [child]);
    account.setChildren(neighbourDiscoveryName, ['type-135', 'type-136']);
    for (const deed of gone) expect(contradicts(deed, account), JSON.stringify(deed)).toBe(true);
    account.setChildren(connection, []);
    account.setChildren(neighbourDiscoveryName, []);
    account.deleteSecret(secret);
    for (const deed of gone) expect(contradicts(deed, account), JSON.stringify(deed)).toBe(false);
  });

  it('contradicts it when a connection bears a name of ours, whether we have it or not', () => {
    const account = new CharonHoldings([]);
    expect(contradicts({ kind: 'connection loaded', name: connection }, account)).toBe(true);
    expect(contradicts({ kind: 'connection loaded', name: 'theirs' }, account)).toBe(false);
    account.setChildren(connection, [child]);
    expect(contradicts({ kind: 'connection loaded', name: connection }, account)).toBe(true);
  });
});
