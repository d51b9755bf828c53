import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SecretSearch } from './secret-search.ts';

const secret = Buffer.from('kT7qLw0ZpX9vRb2NsYc4HdJm', 'latin1');
const search = new SecretSearch([{ label: 'the key', bytes: secret }]);

describe('the search for secrets', () => {
  it.for([0, 1, 2, 3, 4, 5])('finds one behind %i other bytes, in every encoding', (before) => {
    const around = Buffer.concat([Buffer.alloc(before, '>'), secret, Buffer.from('<<')]);
    const found = (text: string) => search.find(Buffer.from(text)).map(({ encoding }) => encoding);
    expect(found(around.toString('latin1'))).toContain('clear');
    expect(found(around.toString('hex'))).toEqual(['hexadecimal']);
    expect(found(around.toString('hex').toUpperCase())).toEqual(['hexadecimal']);
    expect(found(around.toString('base64'))).toContain('base64');
    // Where there is nothing else in it than in base64.
    expect(found(around.toString('base64url'))).toContain('base64');
  });

  it.for([0, 1, 2])('finds bytes in base64url behind %i others', (before) => {
    const bytes = Buffer.alloc(24, 0xfb);
    const found = new SecretSearch([{ label: 'bytes', bytes }]).find(
      Buffer.from(Buffer.concat([Buffer.alloc(before), bytes]).toString('base64url')),
    );
    expect(found.map(({ encoding }) => encoding)).toEqual(['base64url']);
  });

  it('finds one within other texts', () => {
    const special = Buffer.from('q"w\\e%r t+z/u&i?o=p#a', 'latin1');
    const text = special.toString('latin1');
    const specialSearch = new SecretSearch([{ label: 'special', bytes: special }]);
    const found = (haystack: Buffer | string) =>
      specialSearch.find(Buffer.from(haystack)).map(({ encoding }) => encoding);
    expect(found(encodeURIComponent(text))).toContain('in a URL');
    expect(found(new URLSearchParams({ key: text }).toString())).toContain('in a form');
    expect(found(JSON.stringify({ text }))).toContain('in JSON');
    expect(found(JSON.stringify(JSON.stringify({ text })))).toContain('in JSON in JSON');
    expect(found(Buffer.from(text, 'utf16le'))).toContain('UTF-16');
    expect(found(Buffer.from(`>${text}`, 'utf16le').swap16())).toContain('UTF-16');
    expect(found(JSON.stringify(special))).toContain('decimal');
    expect(found(inspect(special))).toContain('hexadecimal in pairs');
  });

  it('says which file is there to hold it', () => {
    const found = new SecretSearch([{ label: 'key', bytes: secret, file: 'secrets.key' }]).find(secret);
    expect(found[0]).toMatchObject({ label: 'key', file: 'secrets.key' });
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
