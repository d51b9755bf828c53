import type { PolicyUuid } from '@esplanade/domain';
import { describe, expect, it } from 'vitest';
import {
  blockConnectionName,
  childName,
  credentialsIn,
  isOurs,
  isPki,
  lastingName,
  neighbourDiscoveryName,
  parseChildName,
  parseConnectionName,
  parseSecretName,
  pkiConnectionName,
  replayWindowOf,
  secretName,
  sharedConnectionName,
  shuntConnectionName,
  withoutWindow,
} from './names.ts';

const form = {
  policyUuid: '5b1e8f6a-0000-4000-8000-000000000001' as PolicyUuid,
  fingerprint: '0123456789ab',
};

describe('names in charon', () => {
  it('tell what they stand for', () => {
    expect(parseChildName(childName(form))).toEqual(form);
    expect(parseConnectionName(shuntConnectionName(form))).toEqual({ kind: 'shunt', ...form });
    expect(parseConnectionName(blockConnectionName(form))).toEqual({ kind: 'block', ...form });
    expect(parseConnectionName(sharedConnectionName('0123456789ab'))).toEqual({ kind: 'shared' });
    expect(parseConnectionName(neighbourDiscoveryName)).toEqual({ kind: 'neighbour-discovery' });
  });

  it('tell the anti-replay window of an SA', () => {
    const windowed = { ...form, fingerprint: `${form.fingerprint}-w64` };
    expect(parseChildName(childName(windowed))).toEqual(windowed);
    expect([childName(windowed), childName(form), 'theirs-w64'].map(replayWindowOf)).toEqual([
      64,
      undefined,
      undefined,
    ]);
    expect(withoutWindow(childName(windowed))).toBe(childName(form));
  });

  it('tell by which certificates an SA came up', () => {
    const name = childName({
      ...form,
      fingerprint: `${form.fingerprint}-w64-cabcdef012345-t01234567.89abcdef`,
    });
    expect(credentialsIn(name)).toEqual({
      shown: 'abcdef012345',
      believed: new Set(['01234567', '89abcdef']),
    });
    expect(credentialsIn(`${childName(form)}-w64-cabcdef012345-t`)?.believed).toEqual(new Set());
    expect([name, `${childName(form)}-w0`].map(lastingName)).toEqual([childName(form), childName(form)]);
    expect(replayWindowOf(name)).toBe(64);
    expect(credentialsIn(`${childName(form)}-w64`)).toBeUndefined();
    const shared = pkiConnectionName('0123456789ab');
    expect(parseConnectionName(shared)).toEqual({ kind: 'shared' });
    expect([shared, sharedConnectionName('0123456789ab')].map(isPki)).toEqual([true, false]);
  });

  it.each([undefined, 'moved', 'replacing'] as const)('tell which key a secret is, marked %j', (mark) => {
    const key = { ringName: 'esplanade-0123456789ab', fingerprint: 'fedcba9876543210' };
    expect(parseSecretName(secretName(key.ringName, key.fingerprint, mark))).toEqual({ ...key, mark });
    expect(parseSecretName('theirs')).toBeUndefined();
  });

  it.each(['home', 'esplanad', '', 'esplanade-foo', `x${shuntConnectionName(form)}`])(
    '%j is foreign',
    (name) => {
      expect(isOurs(name)).toBe(false);
      expect(parseConnectionName(name)).toBeUndefined();
    },
  );

  it.each(['net', '', `${childName(form)}x`, childName(form).toUpperCase()])(
    '%j is no child of ours',
    (name) => {
      expect(parseChildName(name)).toBeUndefined();
    },
  );
});
