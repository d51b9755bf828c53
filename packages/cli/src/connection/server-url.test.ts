import { describe, expect, it } from 'vitest';
import { CommandError, exitStatus } from '../exit-status.ts';
import { profileNameOf } from './profiles.ts';
import { parseServerUrl, urlText } from './server-url.ts';

describe('the URL of a server', () => {
  it.each([
    ['cluster1', 'https://cluster1'],
    ['cluster1:8443', 'https://cluster1:8443'],
    ['192.0.2.1:443', 'https://192.0.2.1'],
    ['[2001:db8::1]:8443', 'https://[2001:db8::1]:8443'],
    ['https://cluster1/', 'https://cluster1'],
    ['https://cluster1/api/', 'https://cluster1'],
    ['https://proxy.example.com/storage/api', 'https://proxy.example.com/storage'],
  ])('may be written %s', (written, url) => {
    expect(urlText(parseServerUrl(written, '-url'))).toBe(url);
  });

  it.each([
    ['http://cluster1', /^-url must begin with https:.*in clear/],
    ['ftp://cluster1', /^-url must begin with https:/],
    ['https://admin:secret@cluster1', /login/],
    ['https://cluster1/?a=1', /must end with the name/],
    ['https://', /no URL/],
  ])('may not be %s', (written, sentence) => {
    const parse = () => parseServerUrl(written, '-url');
    expect(parse).toThrow(sentence);
    expect(parse).not.toThrow(/secret/);
    expect(parse).toThrow(expect.objectContaining({ status: exitStatus.misused }));
    expect(parse).toThrow(CommandError);
  });

  it.each([
    ['https://cluster1.example.com', 'cluster1.example.com'],
    ['https://127.0.0.1:8443', '127.0.0.1-8443'],
    ['https://[::1]:8443', '1-8443'],
  ])('of %s gives its profile a name', (url, name) => {
    expect(profileNameOf(new URL(url))).toBe(name);
  });
});
