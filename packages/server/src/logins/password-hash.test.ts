import { describe, expect, it } from 'vitest';
import { hashPassword, verifyPassword } from './password-hash.ts';

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
