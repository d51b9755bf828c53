import { describe, expect, it } from 'vitest';
import { FetchGuard, parseAllowance } from './fetch-guard.ts';

function guard(...allowances: readonly string[]): FetchGuard {
  return new FetchGuard(allowances.map((text) => parseAllowance(text) ?? expect.fail(text)));
}

/** The obstacle, or where the URL leads. */
function read(url: string, within = guard()): string {
  const result = within.readUrl(url);
  return result instanceof URL ? result.href : result;
}

describe('the guard of fetches', () => {
  it('takes http and https and nothing else', () => {
    expect(read('http://pki.example.org/root.crl')).toBe('http://pki.example.org/root.crl');
    expect(read('https://93.184.216.34/root.crl?a=b')).toBe('https://93.184.216.34/root.crl?a=b');
    for (const url of [
      'ldap://pki.example.org/cn=root?certificateRevocationList',
      'ldaps://pki.example.org/',
      'file:///etc/shadow',
      'ftp://pki.example.org/',
      'gopher://pki.example.org/',
      'data:text/plain,a',
      'javascript:alert(1)',
      'unix:/run/a.sock',
    ])
      expect(read(url), url).toBe('scheme');
    for (const url of ['', 'root.crl', '//pki.example.org/', 'http://', 'http://[::1', 'http://a b/'])
      expect(read(url), url).toBe('unreadable');
  });

  it('takes no user name or password', () => {
    expect(read('http://keeper@pki.example.org/')).toBe('credentials');
    expect(read('http://keeper:secret@pki.example.org/')).toBe('credentials');
    expect(read('http://:secret@pki.example.org/')).toBe('credentials');
  });

  it.each([
    '127.0.0.1',
    '127.255.255.254',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '0.0.0.0',
    '192.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.255',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:169.254.169.254',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '100::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fec0::1',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::1',
    '3fff::1',
  ])('lets nobody reach %s', (address) => {
    expect(guard().mayConnect(address, 80)).toBe(false);
    const host = address.includes(':') ? `[${address}]` : address;
    expect(read(`http://${host}/`)).toBe('address');
  });

  it.each(['93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:93.184.216.34'])(
    'lets anybody reach %s',
    (address) => {
      expect(guard().mayConnect(address, 80)).toBe(true);
    },
  );

  it.each([
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://127.0.0.1./',
    'http://１２７.0.0.1/',
    'http://127。0。0。1/',
    'http://%31%32%37.0.0.1/',
    'http://[::ffff:7f00:1]/',
    'http://[0:0:0:0:0:ffff:127.0.0.1]/',
    'http://[0000::0001]/',
    'http://2852039166/',
    'http:\\\\127.0.0.1\\',
    'http:127.0.0.1',
    '  http://127.0.0.1/\n',
  ])('knows %s for what it is', (url) => {
    expect(read(url)).toBe('address');
  });

  it('takes no port but 80 and 443', () => {
    expect(read('http://pki.example.org:443/')).toBe('http://pki.example.org:443/');
    for (const port of [0, 22, 25, 6379, 8080, 65535])
      expect(read(`http://pki.example.org:${port}/`)).toBe('port');
    expect(guard().mayConnect('93.184.216.34', 8080)).toBe(false);
  });

  it('opens what an administrator names, and no more', () => {
    const within = guard('10.1.0.0/16', 'fd00:1::/32=8080', '127.0.0.1/32=8443');
    expect(within.mayConnect('10.1.2.3', 80)).toBe(true);
    expect(within.mayConnect('::ffff:10.1.2.3', 443)).toBe(true);
    expect(within.mayConnect('10.1.2.3', 8080)).toBe(false);
    expect(within.mayConnect('10.2.0.1', 80)).toBe(false);
    expect(within.mayConnect('fd00:1::5', 8080)).toBe(true);
    expect(within.mayConnect('fd00:1::5', 80)).toBe(false);
    expect(within.mayConnect('127.0.0.1', 8443)).toBe(true);
    expect(within.mayConnect('127.0.0.2', 8443)).toBe(false);
    expect(within.mayConnect('93.184.216.34', 8080)).toBe(false);
    expect(read('http://10.1.2.3/', within)).toBe('http://10.1.2.3/');
    expect(read('http://10.1.2.3:8080/', within)).toBe('address');
  });

  it('opens links, groups and no address at all to nobody, whatever is named', () => {
    const everything = guard('0.0.0.0/0', '::/0', '0.0.0.0/0=8080');
    expect(everything.mayConnect('10.0.0.1', 80)).toBe(true);
    expect(everything.mayConnect('10.0.0.1', 8080)).toBe(true);
    for (const address of ['169.254.169.254', '0.0.0.0', '::', 'fe80::1', 'ff02::1', '224.0.0.1'])
      expect(everything.mayConnect(address, 80), address).toBe(false);
  });

  it('is no way round for what is no address', () => {
    const everything = guard('0.0.0.0/0', '::/0');
    for (const text of ['', 'localhost', 'fe80::1%eth0', '127.1', '010.0.0.1'])
      expect(everything.mayConnect(text, 80), text).toBe(false);
  });

  it('reads what it is told in one form', () => {
    expect(parseAllowance('10.0.0.0/8')).toMatchObject({ prefix: { length: 8 } });
    expect(parseAllowance('::1/128=65535')).toMatchObject({ port: 65535 });
    for (const text of [
      '',
      '10.0.0.0',
      '10.0.0.0/33',
      '10.0.0.0/8=',
      '10.0.0.0/8=0',
      '::/0=65536',
      '10.0.0.0/8=1=2',
    ])
      expect(parseAllowance(text), text).toBeUndefined();
  });
});
