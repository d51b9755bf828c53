import { describe, expect, test } from 'vitest';
import { accepted, context, good, hostCertificate, key, problems } from './good-draft.fixture.ts';
import type { Authentication } from './policy.ts';
import { draftOf, type PolicyDraft } from './policy-draft.ts';
import { validatePolicy } from './policy-validation.ts';

const ppk = { identity: 'quantum', sharedKey: 'a-key-for-the-day-after' };
const { secretKey: _, ...keyless } = good;
const pki = { remoteIdentity: 'them', certificate: { name: 'host' } } as const;

function authenticationOf(draft: PolicyDraft): Authentication {
  const result = validatePolicy(draft, context);
  if (result.kind === 'invalid') throw new Error(JSON.stringify(result.problems));
  return result.value.authentication;
}

/** What becomes of the authentication of a policy made of `first` when `change` is written over it; else the codes. */
function changed(first: PolicyDraft, change: PolicyDraft): Authentication | readonly string[] {
  const before = validatePolicy(first, context);
  if (before.kind === 'invalid') throw new Error(JSON.stringify(before.problems));
  const current = before.value.authentication;
  const after = validatePolicy({ ...draftOf(before.value), ...change }, { ...context, current });
  if (after.kind === 'invalid') return after.problems.map(({ code, target }) => `${code} ${target}`);
  return after.value.authentication;
}

/** What is said to be wrong with a draft, of a new policy or of one that authenticates so already. */
function advice(draft: PolicyDraft, current?: Authentication): readonly string[] {
  const result = validatePolicy(draft, { ...context, ...(current !== undefined && { current }) });
  return result.kind === 'invalid' ? result.problems.map(({ message }) => message) : [];
}

describe('a certificate', () => {
  test('is shown instead of a key, and its change ends SAs unless they are to be kept', () => {
    const expected = { kind: 'pki', certificate: hostCertificate, keepsSas: false };
    expect(authenticationOf({ ...keyless, ...pki })).toEqual(expected);
    expect(authenticationOf({ ...keyless, ...pki, authenticationMethod: 'pki' })).toEqual(expected);
    expect(authenticationOf({ ...keyless, ...pki, keepsSas: true })).toEqual({ ...expected, keepsSas: true });
  });

  test('stays with whether SAs are kept when a change is about something else', () => {
    const first = { ...keyless, ...pki, keepsSas: true };
    expect(changed(first, { name: 'renamed' })).toEqual(authenticationOf(first));
    expect(changed(first, { keepsSas: false })).toMatchObject({ keepsSas: false });
    expect(changed(first, { certificate: { uuid: hostCertificate.uuid } })).toEqual(authenticationOf(first));
    const other = changed(first, { certificate: { name: 'laptop' } });
    expect(other).toMatchObject({ certificate: { name: 'laptop' }, keepsSas: true });
  });

  test('is not advised to change its method, which stays', () => {
    const both = { ...keyless, ...pki, secretKey: key, authenticationMethod: 'pki' };
    const current = authenticationOf({ ...keyless, ...pki });
    const { authenticationMethod: _, ...change } = both;
    expect(advice(both)).toEqual([expect.stringContaining('or send authentication_method psk.')]);
    expect(advice(change, current)).toEqual([expect.stringContaining('or create a policy with')]);
    expect(advice(keyless)).toEqual([expect.stringContaining('Send authentication_method psk')]);
    expect(advice(keyless, { kind: 'none' })).toEqual([expect.stringContaining('Send secret_key, or cert')]);
  });

  test('can be neither taken away nor exchanged for a key', () => {
    expect(changed({ ...keyless, ...pki }, { certificate: null })).toEqual(['66257134 certificate.uuid']);
    expect(changed({ ...keyless, ...pki }, { secretKey: key })).toEqual(['66257137 secret_key']);
    expect(changed(good, { certificate: { name: 'host' } })).toEqual(['66257136 certificate']);
  });
});

describe('whether SAs are kept', () => {
  test('is no question without a certificate', () => {
    expect(problems({ keepsSas: true })).toEqual(['262186 certificate_modify_keepsa']);
    expect(problems({ keepsSas: false })).toEqual([]);
  });
});

describe('a post-quantum key', () => {
  test('goes with a pre-shared key, and is read as one', () => {
    const { authentication } = accepted({ postquantumKey: ppk });
    expect(authentication).toMatchObject({ kind: 'psk', postquantumKey: { identity: 'quantum' } });
    expect(JSON.stringify(authentication)).not.toContain(ppk.sharedKey);
  });

  test('stays until another comes or it is taken away', () => {
    const first = { ...good, postquantumKey: ppk };
    expect(changed(first, { name: 'renamed' })).toMatchObject({ postquantumKey: { identity: 'quantum' } });
    const other = { ...ppk, identity: 'another' };
    expect(changed(first, { postquantumKey: other })).toMatchObject({
      postquantumKey: { identity: 'another' },
    });
    expect(changed(first, { postquantumKey: null })).not.toHaveProperty('postquantumKey');
    expect(changed(good, { postquantumKey: null })).not.toHaveProperty('postquantumKey');
  });

  test.each<[string, PolicyDraft, readonly string[]]>([
    ['without its key', { postquantumKey: { identity: 'quantum' } }, ['66257153 ppk.identity']],
    ['without its identity', { postquantumKey: { sharedKey: key } }, ['66257154 ppk.shared_key']],
    ['with a short identity', { postquantumKey: { ...ppk, identity: 'short' } }, ['262185 ppk.identity']],
    [
      'with a long identity',
      { postquantumKey: { ...ppk, identity: 'x'.repeat(65) } },
      ['262185 ppk.identity'],
    ],
    ['with a short key', { postquantumKey: { ...ppk, sharedKey: 'short' } }, ['66257200 ppk.shared_key']],
    [
      'with a key that is no hexadecimal',
      { postquantumKey: { ...ppk, sharedKey: '0xnothexadecimalatall' } },
      ['66257107 ppk.shared_key'],
    ],
  ])('%s is refused', (_, over, expected) => {
    expect(problems(over)).toEqual(expected);
  });

  test('does not go with a certificate', () => {
    expect(problems({ ...pki, authenticationMethod: 'pki', postquantumKey: ppk }, ['secretKey'])).toEqual([
      '262186 ppk.identity',
    ]);
  });

  test.each(['bypass', 'discard'])('is ignored by %s, whole or half', (action) => {
    expect(accepted({ action, postquantumKey: ppk }).authentication).toEqual({ kind: 'none' });
    expect(accepted({ action, postquantumKey: { identity: '' } }).authentication).toEqual({ kind: 'none' });
  });
});
