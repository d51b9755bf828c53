import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SealError, type SealingKey, SecretBox } from './secret-box.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const first: SealingKey = { id: '00000001', key: new Uint8Array(32).fill(1) };
const second: SealingKey = { id: '00000002', key: new Uint8Array(32).fill(2) };
const box = new SecretBox([first]);

describe('SecretBox', () => {
  it('opens what it sealed, whatever the bytes and the place', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary' }), (plain, place) => {
        expect(box.open(box.seal(plain, place), place)).toEqual(plain);
      }),
    );
  });

  it('seals the same bytes differently each time', () => {
    const sealed = Array.from({ length: 100 }, () => box.seal(bytes('key'), 'place'));
    expect(new Set(sealed).size).toBe(100);
  });

  it('refuses a sealed text at another place', () => {
    expect(() => box.open(box.seal(bytes('key'), 'policies/1'), 'policies/2')).toThrow(SealError);
  });

  it('refuses any text that differs in a single character', () => {
    const sealed = box.seal(bytes('key'), 'place');
    for (let index = 0; index < sealed.length; index += 1) {
      for (const other of ['A', '_', '.', '0']) {
        const changed = sealed.slice(0, index) + other + sealed.slice(index + 1);
        // The last character of base64 has bits that mean nothing; the same bytes are not a change.
        if (changed === sealed || sameBytes(changed, sealed)) continue;
        expect(() => box.open(changed, 'place'), `at ${index}`).toThrow(SealError);
      }
    }
  });

  it('refuses what is cut short', () => {
    const sealed = box.seal(bytes('key'), 'place');
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => box.open(sealed.slice(0, length), 'place'), `${length}`).toThrow(SealError);
    }
  });

  it('opens with any of its keys and seals with the first', () => {
    const sealed = box.seal(bytes('key'), 'place');
    const rotated = new SecretBox([second, first]);
    expect(rotated.open(sealed, 'place')).toEqual(bytes('key'));
    expect(() => new SecretBox([second]).open(sealed, 'place')).toThrow(/00000001.*not in the key file/);
    expect(() => box.open(rotated.seal(bytes('key'), 'place'), 'place')).toThrow(/00000002/);
  });

  it('has a key for each purpose, which stays as long as the key of fingerprints', () => {
    const rotated = new SecretBox([second, first]);
    expect(box.keyFor('tags')).toHaveLength(32);
    expect(rotated.keyFor('tags')).not.toEqual(box.keyFor('tags'));
    rotated.useFingerprintKey(box.fingerprintKey);
    expect(rotated.keyFor('tags')).toEqual(box.keyFor('tags'));
    expect(box.keyFor('others')).not.toEqual(box.keyFor('tags'));
  });

  it('names equal secrets alike under one key only', () => {
    expect(box.fingerprint(bytes('key'))).toMatch(/^[0-9a-f]{16}$/);
    expect(box.secret(bytes('key')).fingerprint).toBe(box.fingerprint(bytes('key')));
    expect(box.fingerprint(bytes('key'))).not.toBe(box.fingerprint(bytes('kez')));
    expect(box.fingerprint(bytes('key'))).not.toBe(new SecretBox([second]).fingerprint(bytes('key')));
  });
});

function sameBytes(a: string, b: string): boolean {
  const decode = (text: string) =>
    text.split('.').map((part, index) => (index < 2 ? part : Buffer.from(part, 'base64url').toString('hex')));
  return decode(a).join('.') === decode(b).join('.');
}
