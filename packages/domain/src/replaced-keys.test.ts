import { describe, expect, test } from 'vitest';
import type { Authentication } from './policy.ts';
import { acceptedKeys, endReplacedKeys, nextKeyEndMs, replaceKey } from './replaced-keys.ts';
import { Secret } from './secret.ts';

const key = (name: string) => ({
  kind: 'psk' as const,
  psk: new Secret(new TextEncoder().encode(name), name),
});
const names = (authentication: Authentication): readonly string[] =>
  acceptedKeys(authentication).map(({ fingerprint }) => fingerprint);
const hour = { nowMs: 1_000, overlapMs: 3_600_000 };

describe('a key that replaces another', () => {
  test('comes first, and the other is accepted until the overlap is over', () => {
    const rotated = replaceKey(key('old'), key('new'), hour);
    expect(names(rotated)).toEqual(['new', 'old']);
    expect(nextKeyEndMs(rotated)).toBe(3_601_000);
    expect(names(endReplacedKeys(rotated, 3_600_999))).toEqual(['new', 'old']);
    expect(endReplacedKeys(rotated, 3_601_000)).toEqual(key('new'));
  });

  test('leaves those replaced before it their own ends', () => {
    const twice = replaceKey(replaceKey(key('a'), key('b'), hour), key('c'), {
      nowMs: 2_000,
      overlapMs: 60_000,
    });
    expect(names(twice)).toEqual(['c', 'b', 'a']);
    expect(nextKeyEndMs(twice)).toBe(62_000);
    expect(names(endReplacedKeys(twice, 62_000))).toEqual(['c', 'a']);
  });

  test('without an overlap ends all others at once', () => {
    const rotated = replaceKey(key('a'), key('b'), hour);
    expect(replaceKey(rotated, key('c'), { nowMs: 2_000, overlapMs: 0 })).toEqual(key('c'));
  });

  test('is not among the replaced when it comes back', () => {
    const back = replaceKey(replaceKey(key('a'), key('b'), hour), key('a'), hour);
    expect(names(back)).toEqual(['a', 'b']);
  });

  test('pushes out the oldest when there are too many', () => {
    let authentication: Authentication = key('0');
    for (let n = 1; n <= 20; n += 1) authentication = replaceKey(authentication, key(String(n)), hour);
    expect(names(authentication)).toEqual(['20', '19', '18', '17', '16', '15', '14', '13', '12']);
  });
});

describe('what is beside a pre-shared key', () => {
  const quantum = (name: string) => ({
    ...key('same'),
    postquantumKey: { identity: name, key: new Secret(new TextEncoder().encode(name), name) },
  });

  test('is the new one at once, whether the pre-shared key changes or not', () => {
    expect(replaceKey(quantum('a'), quantum('b'), hour)).toEqual(quantum('b'));
    expect(replaceKey(quantum('a'), key('same'), hour)).toEqual(key('same'));
    const both = replaceKey(key('old'), quantum('b'), hour);
    expect(both).toMatchObject({ postquantumKey: { identity: 'b' } });
    expect(names(both)).toEqual(['same', 'old']);
    expect(endReplacedKeys(both, 3_601_000)).toEqual(quantum('b'));
  });
});

describe('writing', () => {
  test('the same key again keeps what is replaced, and drops what is over', () => {
    const rotated = replaceKey(key('old'), key('new'), hour);
    expect(names(replaceKey(rotated, key('new'), { nowMs: 2_000, overlapMs: 0 }))).toEqual(['new', 'old']);
    expect(replaceKey(rotated, key('new'), { nowMs: 3_601_000, overlapMs: 0 })).toEqual(key('new'));
  });

  test('a key where there was none, or none where there was one, replaces nothing', () => {
    expect(replaceKey({ kind: 'none' }, key('new'), hour)).toEqual(key('new'));
    expect(replaceKey(key('old'), { kind: 'none' }, hour)).toEqual({ kind: 'none' });
    expect(acceptedKeys({ kind: 'none' })).toEqual([]);
    expect(nextKeyEndMs({ kind: 'none' })).toBeUndefined();
    expect(nextKeyEndMs(key('old'))).toBeUndefined();
  });
});
