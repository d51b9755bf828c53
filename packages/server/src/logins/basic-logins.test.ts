import { setImmediate as turn } from 'node:timers/promises';
import type { Account } from '@esplanade/desired';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { basic } from '../testing/test-server.ts';
import { BasicLogins } from './basic-logins.ts';
import type { FailedLoginRates } from './failed-logins.ts';
import { hashPassword } from './password-hash.ts';

const rates: FailedLoginRates = {
  perAccount: { burst: 3, refillMs: 10_000 },
  perSource: { burst: 5, refillMs: 1_000 },
};
const [home, office, abroad] = ['192.0.2.1', '192.0.2.2', '2001:db8::1'];
const hashes = { first: '', second: '' };

let accounts: Map<string, Account>;
let nowMs: number;
let logins: BasicLogins;
const admin = (over: Partial<Account> = {}): Account => ({
  name: 'admin',
  scope: { kind: 'cluster' },
  role: 'admin',
  authenticationMethods: ['password'],
  passwordHash: hashes.first,
  isLocked: false,
  ...over,
});
const right = basic('admin', 'first:one');
const tell = async (header: string, source = home) => (await logins.authenticate(header, source)).kind;
const wrong = (index: number, name = 'admin'): string => basic(name, `guess ${index}`);

beforeAll(async () => {
  hashes.first = await hashPassword('first:one');
  hashes.second = await hashPassword('second');
});
beforeEach(() => {
  accounts = new Map([
    ['admin', admin()],
    ['other', admin({ name: 'other' })],
  ]);
  nowMs = 0;
  logins = new BasicLogins({ find: (name) => accounts.get(name), rates, nowMs: () => nowMs });
});

describe('a login by password', () => {
  it('lets in who knows it, colons and all', async () => {
    expect(await logins.authenticate(right, home)).toEqual({ kind: 'authenticated', account: admin() });
  });

  it.each(['Basic', 'Basic !!!', 'Basic YWRtaW4=', 'Bearer YWRtaW46Zmlyc3Q6b25l'])(
    'is not made by %j',
    (header) => {
      expect(logins.authenticate(header, home)).toEqual({ kind: 'refused', reason: 'nothing-shown' });
    },
  );

  it('is not made by bytes that are not UTF-8, to which others would be equal', async () => {
    accounts.set('other', admin({ name: 'other', passwordHash: await hashPassword('p\ufffdsswort12') }));
    for (const password of ['p\xe4sswort12', 'p\xf6sswort12']) {
      const header = `Basic ${Buffer.from(`other:${password}`, 'latin1').toString('base64')}`;
      expect(await logins.authenticate(header, home)).toEqual({ kind: 'refused', reason: 'nothing-shown' });
    }
  });

  it.each([
    ['admin', 'first:two', { name: 'admin' }],
    ['admin', '', { name: 'admin' }],
    ['nobody', 'first:one', undefined],
    ['', '', undefined],
  ])('of %j with %j is refused, and tells whom it was about', async (name, password, account) => {
    expect(await logins.authenticate(basic(name, password), home)).toMatchObject({
      kind: 'refused',
      reason: 'password-wrong',
      ...(account !== undefined && { account }),
    });
  });

  it('is answered again at once, without hashing, until some minutes later', async () => {
    await logins.authenticate(right, home);
    expect(logins.authenticate(right, abroad)).toMatchObject({ kind: 'authenticated' });
    nowMs += 600_000;
    const later = logins.authenticate(right, home);
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toMatchObject({ kind: 'authenticated' });
  });

  it('hashes one password once for many requests at the same time, from wherever', async () => {
    const kinds = await Promise.all(
      Array.from({ length: 200 }, (_, index) => tell(right, `198.51.100.${index}`)),
    );
    expect(new Set(kinds)).toEqual(new Set(['authenticated']));
  });
});

describe('a change of an account', () => {
  beforeEach(async () => expect(await tell(right)).toBe('authenticated'));

  it('of its password counts at once', async () => {
    accounts.set('admin', admin({ passwordHash: hashes.second }));
    expect(await tell(right)).toBe('refused');
    expect(await tell(basic('admin', 'second'))).toBe('authenticated');
  });

  it('that locks or deletes it, or takes its password away, counts at once', async () => {
    accounts.set('admin', admin({ isLocked: true }));
    expect(await logins.authenticate(right, home)).toMatchObject({ reason: 'account-locked' });
    accounts.delete('admin');
    expect(await logins.authenticate(right, home)).toEqual({ kind: 'refused', reason: 'password-wrong' });
    const { passwordHash: _, ...without } = admin({ authenticationMethods: ['certificate'] });
    accounts.set('admin', without);
    expect(await tell(right)).toBe('refused');
    accounts.set('admin', admin());
    expect(logins.authenticate(right, home)).toMatchObject({ kind: 'authenticated' });
  });

  it('of its role counts at once', () => {
    accounts.set('admin', admin({ role: 'readonly' }));
    expect(logins.authenticate(right, home)).toMatchObject({ account: { role: 'readonly' } });
  });

  it.each([
    ['lock', (): Partial<Account> => ({ isLocked: true })],
    ['password', (): Partial<Account> => ({ passwordHash: hashes.second })],
  ])('of its %s counts for a login that is being hashed', async (_what, change) => {
    nowMs += 600_000;
    const underway = logins.authenticate(right, home);
    accounts.set('admin', admin(change()));
    expect(await underway).toMatchObject({ kind: 'refused' });
  });
});

describe('failed logins', () => {
  /** Uses up what is let pass for the account from there. */
  const fail = async (source: string, name = 'admin'): Promise<void> => {
    for (let index = 0; index < rates.perAccount.burst; index += 1)
      expect(await tell(wrong(index, name), source)).toBe('refused');
  };

  it('make their source wait, without another hash, and say for how long', async () => {
    await fail(home);
    expect(logins.authenticate(wrong(99), home)).toMatchObject({
      kind: 'postponed',
      retryAfterSeconds: 10,
      reason: 'too-many-failures',
      account: { name: 'admin' },
    });
    expect(logins.authenticate(right, home)).toMatchObject({ kind: 'postponed' });
    nowMs += 10_000;
    expect(await tell(right)).toBe('authenticated');
  });

  it('keep out neither another source nor another account of the same source', async () => {
    await fail(abroad);
    expect(await tell(right, abroad)).toBe('postponed');
    expect(await tell(right, office)).toBe('authenticated');
    expect(await tell(basic('other', 'first:one'), abroad)).toBe('authenticated');
  });

  it('do not keep out a client of the same source that has logged in before, however long ago', async () => {
    expect(await tell(right, home)).toBe('authenticated');
    await fail(home);
    expect(await tell(right, home)).toBe('authenticated');
    nowMs += 3_600_000;
    await fail(home, 'other');
    expect(await tell(right, home)).toBe('authenticated');
  });

  it('count once for a client that goes on and on with the same wrong password', async () => {
    for (let index = 0; index < 50; index += 1) expect(await tell(wrong(0))).toBe('refused');
    expect(await tell(right)).toBe('authenticated');
  });

  it('at many accounts make their source wait at all of them', async () => {
    for (let index = 0; index < rates.perSource.burst; index += 1)
      expect(await tell(basic(`name ${index}`, 'password'))).toBe('refused');
    expect(await tell(basic('yet another', 'password'))).toBe('postponed');
    expect(await tell(right, office)).toBe('authenticated');
  });

  it('from anywhere in a /64 are of one source, from the next are not', async () => {
    await fail('2001:db8::1');
    expect(await tell(right, '2001:db8::ffff:2')).toBe('postponed');
    expect(await tell(right, '2001:db8:0:1::1')).toBe('authenticated');
  });

  it('sent all at once are hashed no more often than one after the other', async () => {
    const kinds = await Promise.all(Array.from({ length: 40 }, (_, index) => tell(wrong(index))));
    // Two are hashed side by side, so one may be under way when the last is counted.
    expect(kinds.filter((kind) => kind === 'refused').length).toBeLessThanOrEqual(rates.perAccount.burst + 1);
  });

  it('are told alike whether there is such an account or not', async () => {
    await fail(home, 'nobody');
    await fail(office, 'admin');
    const { account: _, ...known } = { account: 0, ...(await logins.authenticate(wrong(9), office)) };
    expect(await logins.authenticate(wrong(9, 'nobody'), home)).toEqual(known);
  });
});

describe('guesses from very many addresses', () => {
  it('do not keep out who comes for the first time, and a guess nobody waits for is not made', async () => {
    // Cheap to hash: what matters is whose turn it is.
    const cheap =
      '$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    accounts.set('admin', admin({ passwordHash: cheap }));
    const generous: FailedLoginRates = {
      perAccount: { burst: 10_000, refillMs: 10_000 },
      perSource: { burst: 10_000, refillMs: 1_000 },
    };
    logins = new BasicLogins({
      find: (name) => accounts.get(name),
      rates: generous,
      hashing: { concurrency: 2, mostWaiting: 100 },
      nowMs: () => nowMs,
    });
    let isOver = false;
    let guesses = 0;
    const failed = new Set<number>();
    const attack = async (index: number): Promise<void> => {
      while (!isOver) {
        guesses += 1;
        const kind = await tell(wrong(guesses), `127.1.${index >> 8}.${index & 255}`);
        if (kind === 'refused') failed.add(index);
        await turn();
      }
    };
    onTestFinished(async () => {
      isOver = true;
      await attackers;
    });
    const attackers = Promise.all(Array.from({ length: 130 }, (_, index) => attack(index)));
    await expect.poll(() => failed.size, { timeout: 20_000 }).toBe(130);
    const gone = logins.authenticate(wrong(0), '127.3.0.1', (callback) => callback());
    for (let index = 0; index < 7; index += 1)
      expect(await tell(basic('other', 'first:one'), `127.2.0.${index}`)).toBe('authenticated');
    expect(await gone).toMatchObject({ reason: 'too-many-at-once' });
  }, 60_000);
});

it('two names of one account are one account', async () => {
  accounts.set('svm2\\other', admin({ name: 'other' }));
  for (let index = 0; index < rates.perAccount.burst; index += 1)
    expect(await tell(wrong(index, index % 2 === 0 ? 'other' : 'svm2\\other'))).toBe('refused');
  expect(await tell(wrong(9, 'other'))).toBe('postponed');
  expect(await tell(wrong(9, 'svm2\\other'))).toBe('postponed');
});
