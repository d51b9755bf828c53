import { beforeAll, describe, expect, it } from 'vitest';
import { type Authenticator, type Credentialed, createAuthenticator } from './authenticator.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';
import { basic } from './testing/test-server.ts';

describe('a password hash', () => {
  it('is argon2id in the PHC format, salted, and knows its password', async () => {
    const [one, two] = await Promise.all([hashPassword('pässword'), hashPassword('pässword')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(two);
    expect(await verifyPassword('pässword', one)).toBe(true);
    expect(await verifyPassword('password', one)).toBe(false);
  });

  it('takes its cost from the text, so that stronger ones can come', async () => {
    await expect(verifyPassword('x', 'not a hash')).rejects.toThrow('not argon2id');
    const weak = (await hashPassword('x')).replace('t=2', 't=1');
    expect(await verifyPassword('x', weak)).toBe(false);
  });
});

describe('an authenticator', () => {
  const accounts = new Map<string, Credentialed>();
  let now = 0;
  let authenticator: Authenticator;
  beforeAll(async () => {
    accounts.set('admin', {
      name: 'admin',
      role: 'admin',
      scope: { kind: 'cluster' },
      passwordHash: await hashPassword('first:one'),
    });
    authenticator = createAuthenticator(
      (name) => accounts.get(name),
      () => now,
    );
  });

  it('lets in who knows the password, colons and all', async () => {
    expect(await authenticator.authenticate(basic('admin', 'first:one'))).toMatchObject({
      kind: 'authenticated',
    });
  });

  it.each([
    undefined,
    '',
    'Basic',
    'Basic !!!',
    'Basic YWRtaW4=',
    'Bearer YWRtaW46Zmlyc3Q6b25l',
    basic('admin', 'first:two'),
    basic('admin', ''),
    basic('nobody', 'first:one'),
    basic('', ''),
  ])('refuses %j', async (header) => {
    expect(await authenticator.authenticate(header)).toEqual({ kind: 'refused' });
  });

  it('answers again at once, without hashing, until some minutes later', async () => {
    const header = basic('admin', 'first:one');
    await authenticator.authenticate(header);
    expect(authenticator.authenticate(header)).toMatchObject({ kind: 'authenticated' });
    now += 600_000;
    const later = authenticator.authenticate(header);
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toMatchObject({ kind: 'authenticated' });
  });

  it('knows a changed password at once', async () => {
    const old = basic('admin', 'first:one');
    accounts.set('admin', {
      name: 'admin',
      role: 'admin',
      scope: { kind: 'cluster' },
      passwordHash: await hashPassword('second'),
    });
    expect(await authenticator.authenticate(old)).toEqual({ kind: 'refused' });
    expect(await authenticator.authenticate(basic('admin', 'second'))).toMatchObject({
      kind: 'authenticated',
    });
  });

  // 64 hashes that are slow on purpose.
  it('turns logins away when too many wait to be hashed', { timeout: 60_000 }, async () => {
    const attempts = Array.from({ length: 70 }, (_, index) =>
      authenticator.authenticate(basic('admin', `guess ${index}`)),
    );
    const results = await Promise.all(attempts);
    expect(results.filter(({ kind }) => kind === 'busy')).toHaveLength(6);
    expect(results.filter(({ kind }) => kind === 'authenticated')).toEqual([]);
  });

  it('hashes one password once for many requests at the same time', async () => {
    now += 600_000;
    const header = basic('admin', 'second');
    const results = await Promise.all(Array.from({ length: 200 }, () => authenticator.authenticate(header)));
    expect(results.every(({ kind }) => kind === 'authenticated')).toBe(true);
  });
});
