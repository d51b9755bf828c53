import type { PolicyUuid } from '@esplanade/domain';
import { describe, expect, it } from 'vitest';
import {
  blockConnectionName,
  childName,
  isOurs,
  neighbourDiscoveryName,
  parseChildName,
  parseConnectionName,
  parseSecretName,
  replayWindowOf,
  secretName,
  sharedConnectionName,
  shuntConnectionName,
  withoutWindow,
  withWindow,
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
    expect(withWindow(childName(windowed), 0)).toBe(`${childName(form)}-w0`);
    expect(withoutWindow(childName(windowed))).toBe(childName(form));
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
