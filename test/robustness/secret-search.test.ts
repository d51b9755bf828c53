import { describe, expect, it } from 'vitest';
import { SecretSearch } from './secret-search.ts';

const secret = Buffer.from('kT7qLw0ZpX9vRb2NsYc4HdJm', 'latin1');
const search = new SecretSearch([{ label: 'the key', bytes: secret }]);

describe('the search for secrets', () => {
  it.for([0, 1, 2, 3, 4, 5])('finds one behind %i other bytes, in every encoding', (before) => {
    const around = Buffer.concat([Buffer.alloc(before, '>'), secret, Buffer.from('<<')]);
    const found = (text: string) => search.find(Buffer.from(text)).map(({ encoding }) => encoding);
    expect(found(around.toString('latin1'))).toEqual(['clear']);
    expect(found(around.toString('hex'))).toEqual(['hexadecimal']);
    expect(found(around.toString('hex').toUpperCase())).toEqual(['hexadecimal']);
    expect(found(around.toString('base64'))).toContain('base64');
    expect(found(around.toString('base64url'))).toContain('base64url');
  });

  it('finds a quotation of a dozen bytes', () => {
    for (let start = 0; start + 12 <= secret.length; start += 1) {
      const quotation = secret.subarray(start, start + 12);
      expect(search.find(quotation), `from ${start}`).toHaveLength(1);
    }
  });

  it('finds nothing where there is nothing', () => {
    expect(search.find(Buffer.from('kT7qLw0 ZpX9vRb 2NsYc4H dJm'))).toEqual([]);
  });
});
