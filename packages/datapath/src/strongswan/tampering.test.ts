import { describe, expect, it } from 'vitest';
import { CharonHoldings } from './charon-holdings.ts';
import { isCountedOn, letGo } from './tampering.ts';

const child = 'd0000000-0000-4000-8000-000000000001-0123456789ab';
const secret = 'esplanade-0123456789ab-0011223344556677';

describe('a line of the log', () => {
  it.each([
    [`uninstalling '${child}'`, { kind: 'child', name: child }],
    [`vici uninstall '${child}'`, { kind: 'child', name: child }],
    [`unloaded shared key with id '${secret}'`, { kind: 'secret', name: secret }],
    ["uninstalling 'theirs'", undefined],
    ["unloaded shared key with id 'theirs'", undefined],
    [`installing '${child}'`, undefined],
  ])('%s says what was let go of', (line, expected) => {
    expect(letGo(line)).toEqual(expected);
  });
});

describe('what was let go of', () => {
  it('is counted on until we have taken it away ourselves', () => {
    const account = new CharonHoldings([secret]);
    account.setChildren('esplanade-0123456789ab', [child]);
    for (const one of [
      { kind: 'child', name: child },
      { kind: 'secret', name: secret },
    ] as const)
      expect(isCountedOn(one, account)).toBe(true);
    account.setChildren('esplanade-0123456789ab', []);
    account.deleteSecret(secret);
    for (const one of [
      { kind: 'child', name: child },
      { kind: 'secret', name: secret },
    ] as const)
      expect(isCountedOn(one, account)).toBe(false);
  });
});
