import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Secret } from './secret.ts';
import { parseSecretKey } from './secret-key.ts';

const keyRule = '66257200';
const notHex = '66257107';
const notBase64 = '66257109';

function codes(text: string): readonly string[] {
  const parsed = parseSecretKey(text);
  return parsed.kind === 'invalid' ? parsed.problems.map((problem) => problem.code) : [];
}

describe('a pre-shared key', () => {
  test('is its own characters when it has no prefix', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', minLength: 17, maxLength: 127 }), (text) => {
        expect(parseSecretKey(`k${text}`)).toEqual({
          kind: 'valid',
          value: Uint8Array.from(Buffer.from(`k${text}`)),
        });
      }),
    );
  });

  test('survives as any bytes in hex and in base64', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 63 }), fc.boolean(), (bytes, isUpper) => {
        const hex = Buffer.from(bytes).toString('hex');
        const expected = { kind: 'valid', value: Uint8Array.from(bytes) };
        expect(parseSecretKey(isUpper ? `0X${hex.toUpperCase()}` : `0x${hex}`)).toEqual(expected);
        expect(parseSecretKey(`${isUpper ? '0S' : '0s'}${Buffer.from(bytes).toString('base64')}`)).toEqual(
          expected,
        );
      }),
    );
  });

  test.each([
    ['17 characters', 'k'.repeat(17), [keyRule]],
    ['18 characters', 'k'.repeat(18), []],
    ['128 characters', 'k'.repeat(128), []],
    ['129 characters', 'k'.repeat(129), [keyRule]],
    ['nothing', '', [keyRule]],
    ['a letter outside ASCII', `${'k'.repeat(20)}é`, [keyRule]],
    ['a control character', `${'k'.repeat(20)}\n`, [keyRule]],
    ['18 characters of hex, prefix included', `0x${'ab'.repeat(8)}`, []],
    ['16 characters of hex, prefix included', `0x${'ab'.repeat(7)}`, [keyRule]],
    ['half a byte of hex', `0x${'a'.repeat(17)}`, [notHex]],
    ['hex with another letter', `0x${'ag'.repeat(10)}`, [notHex]],
    ['no digits after 0x', '0x', [keyRule, notHex]],
    ['base64 without its padding', `0s${'QUJD'.repeat(5)}QQ`, [notBase64]],
    ['base64 with its padding', `0s${'QUJD'.repeat(5)}QQ==`, []],
    ['base64 with a foreign character', `0s${'QU-D'.repeat(5)}`, [notBase64]],
    ['base64 whose last bits are lost', `0s${'QUJD'.repeat(5)}QR==`, [notBase64]],
    ['no base64 after 0s', '0s', [keyRule, notBase64]],
  ])('of %s is judged', (_what, text, expected) => {
    expect(codes(text)).toEqual(expected);
  });

  test('is repeated in no message, not even in part', () => {
    for (const text of ['short-Tq7', `0x${'Zq'.repeat(10)}`, `0s${'Z~q7'.repeat(5)}`, 'Zq7é'.repeat(40)]) {
      const parsed = parseSecretKey(text, 'secret_key');
      expect(parsed.kind).toBe('invalid');
      expect(JSON.stringify(parsed)).not.toMatch(/Zq|Z~q|Tq7|short/);
    }
  });
});

test('a secret prints as [redacted] by every route', () => {
  const secret = new Secret(Buffer.from('very-private-material'), 'f00d');
  const shown = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }, { showHidden: true }),
  ];
  for (const text of shown) {
    expect(text).toContain('[redacted]');
    expect(text).not.toMatch(/very-private|118/);
  }
  expect(Buffer.from(secret.reveal()).toString()).toBe('very-private-material');
});
