import { describe, expect, it } from 'vitest';
import { spelledKeys } from './spelled-keys.ts';

const bytesOf = (text: string): readonly number[] => [
  ...Buffer.from(text.slice(2), text.startsWith('0x') ? 'hex' : 'base64'),
];
const spelledWith = (prefix: string): readonly string[] =>
  spelledKeys.map(({ ours }) => ours).filter((key) => key.startsWith(prefix));
const texts = spelledKeys.map(({ ours }) => ours).filter((key) => !/^0[xs]/.test(key));

describe('the keys that are tried on a stock peer', () => {
  it.each(['0x', '0s'])('have every byte value, spelled with %s', (prefix) => {
    expect(new Set(spelledWith(prefix).flatMap(bytesOf)).size).toBe(256);
  });

  it('have every printable character as text', () => {
    expect(new Set(texts.join('')).size).toBe(95);
  });

  it('reach both limits of length in each spelling', () => {
    const lengths = (keys: readonly string[]) => keys.map(({ length }) => length);
    for (const keys of [texts, spelledWith('0x'), spelledWith('0s')])
      expect(Math.min(...lengths(keys))).toBe(18);
    for (const keys of [texts, spelledWith('0x')]) expect(Math.max(...lengths(keys))).toBe(128);
    // Base64 comes in groups of four, so 126 is the most that 128 characters leave room for.
    expect(Math.max(...lengths(spelledWith('0s')))).toBe(126);
  });

  it('begin with a NUL in both binary spellings', () => {
    for (const prefix of ['0x', '0s'])
      expect(spelledWith(prefix).some((key) => bytesOf(key)[0] === 0)).toBe(true);
  });
});
