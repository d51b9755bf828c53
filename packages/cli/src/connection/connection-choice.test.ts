import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Arguments } from '../command.ts';
import { type ConnectionChoice, chooseConnection, noProfile, passwordOfOthers } from './connection-choice.ts';
import type { Profile } from './profile.ts';
import { Profiles } from './profiles.ts';

const home = mkdtempSync(join(tmpdir(), 'esplanade-choice-'));
const profiles = new Profiles({ HOME: home });
const pinned = { kind: 'certificate', fingerprint: 'AB:'.repeat(31).concat('AB') } as const;
const lab: Profile = { url: 'https://lab', user: 'alice', password: 'of lab', trust: pinned };
const field: Profile = { url: 'https://field', user: 'bob', trust: { kind: 'system' } };
const keeper: Profile = {
  url: 'https://keeper',
  user: 'keeper',
  trust: pinned,
  clientCertificate: { certificate: '/keeper.pem', privateKey: '/keeper.key' },
};

beforeAll(() => {
  profiles.write('lab', lab);
  profiles.write('field', field);
  profiles.write('keeper', keeper);
  profiles.use('lab');
});

afterAll(() => rmSync(home, { recursive: true }));

function chosen(
  flags: Readonly<Record<string, string>>,
  environment: NodeJS.ProcessEnv = {},
): ConnectionChoice {
  return chooseConnection(argumentsOf(flags), environment, profiles);
}

function argumentsOf(flags: Readonly<Record<string, string>>): Arguments {
  return { has: (name) => name in flags, text: (name) => flags[name], list: () => [] };
}

const whatOf = ({ url, user, password, trust }: ConnectionChoice) => [url.host, user, password, trust.kind];

describe('a user name', () => {
  it.each([
    ['eve:abcd', 'A user name has no colon in it, so "eve:abcd" is none.'],
    ['', 'A user name is not empty.'],
  ])('%j is refused, because its login would be that of another', (user, message) => {
    expect(() => chosen({ user })).toThrow(message);
  });

  it('is refused where the environment has it, too', () => {
    const environment = { ESPLANADE_URL: 'https://env', ESPLANADE_USER: 'eve:abcd' };
    expect(() => chosen({}, environment)).toThrow('colon');
  });
});

describe('a password of the environment', () => {
  it('that is not UTF-8 is refused, as others would be equal to it', () => {
    const environment = { ESPLANADE_URL: 'https://env', ESPLANADE_PASSWORD: 'p\ufffdsswort12' };
    expect(() => chosen({}, environment)).toThrow('ESPLANADE_PASSWORD is not text in UTF-8.');
  });
});

describe('who is asked, and as whom', () => {
  it.each([
    ['the profile in use', {}, {}, ['lab', 'alice', 'of lab', 'certificate']],
    ['a named profile', { profile: 'field' }, {}, ['field', 'bob', undefined, 'system']],
    [
      'the environment before the profile',
      {},
      { ESPLANADE_URL: 'https://env', ESPLANADE_USER: 'carol', ESPLANADE_PASSWORD: 'of env' },
      ['env', 'carol', 'of env', 'system'],
    ],
    [
      'flags before the environment',
      { url: 'flag' },
      { ESPLANADE_URL: 'env' },
      ['flag', 'admin', undefined, 'system'],
    ],
    [
      'a named profile before the environment',
      { profile: 'lab' },
      { ESPLANADE_URL: 'env', ESPLANADE_USER: 'carol', ESPLANADE_PASSWORD: 'of env' },
      ['lab', 'alice', 'of lab', 'certificate'],
    ],
    [
      "the environment's password with the server of the profile, where it names no other",
      {},
      { ESPLANADE_PASSWORD: 'of env' },
      ['lab', 'alice', 'of env', 'certificate'],
    ],
    [
      'what is known of a server, however it is named',
      { url: 'https://LAB:443/api' },
      {},
      ['lab', 'alice', 'of lab', 'certificate'],
    ],
    ['any certificate, when told so', {}, { ESPLANADE_INSECURE: '1' }, ['lab', 'alice', 'of lab', 'anyone']],
    [
      'the system’s authorities, when told nothing',
      { url: 'https://new' },
      {},
      ['new', 'admin', undefined, 'system'],
    ],
  ] as const)('is %s', (_what, flags, environment, wanted) => {
    expect(whatOf(chosen(flags, environment))).toEqual(wanted);
  });

  it('never takes a password or a certificate to a server they are not of', () => {
    const environment = {
      ESPLANADE_URL: 'https://env',
      ESPLANADE_USER: 'carol',
      ESPLANADE_PASSWORD: 'of env',
    };
    expect(whatOf(chosen({ url: 'https://lab' }, environment))).toEqual([
      'lab',
      'alice',
      'of lab',
      'certificate',
    ]);
    expect(whatOf(chosen({ url: 'https://lab:8443' }))).toEqual(['lab:8443', 'admin', undefined, 'system']);
    expect(whatOf(chosen({ url: 'https://lab/other' }))).toEqual(['lab', 'admin', undefined, 'system']);
    expect(whatOf(chosen({ url: 'https://other' }, environment))).toEqual([
      'other',
      'admin',
      undefined,
      'system',
    ]);
  });

  it('never takes a password to another account', () => {
    expect(chosen({ user: 'mallory' }).password).toBeUndefined();
    const environment = { ESPLANADE_USER: 'carol', ESPLANADE_PASSWORD: 'of carol' };
    expect(chosen({ user: 'mallory' }, environment).password).toBeUndefined();
    expect(chosen({ user: 'carol' }, environment).password).toBe('of carol');
  });

  it('is shown the certificate of the profile, unless a password is given or another account asks', () => {
    expect(chosen({ profile: 'keeper' }).clientCertificate).toEqual(keeper.clientCertificate);
    expect(chosen({ profile: 'keeper', user: 'admin' }).clientCertificate).toBeUndefined();
    expect(chosen({ profile: 'keeper' }, { ESPLANADE_PASSWORD: 'a' }).clientCertificate).toBeUndefined();
  });

  it.each([
    ['another server', 'bob', 'https://b', 'is that of https://env, as ESPLANADE_URL says'],
    ['another account', 'bob', 'https://env', 'is that of carol, as ESPLANADE_USER says'],
    ['nobody', 'bob', 'https://env', undefined],
  ])('is told whose password the environment has, if it is that of %s', (whose, user, server, sentence) => {
    const environment = {
      ESPLANADE_URL: 'https://env',
      ESPLANADE_USER: 'carol',
      ...(whose !== 'nobody' && { ESPLANADE_PASSWORD: 'of carol' }),
    };
    const told = passwordOfOthers(new URL(server), user, environment);
    expect(told).toBe(sentence === undefined ? undefined : `ESPLANADE_PASSWORD ${sentence}`);
  });

  it.each([
    ['two servers are named', { profile: 'lab', url: 'https://a' }, {}, 2, /-profile and -url/],
    ['the profile is not there', { profile: 'sea' }, {}, 3, /no profile "sea".*field, keeper, lab/],
    ['the URL is none', { url: 'https://' }, {}, 2, /-url is no URL/],
    ['the URL of the environment is none', {}, { ESPLANADE_URL: 'http://a' }, 2, /ESPLANADE_URL must begin/],
    ['insecure is neither', {}, { ESPLANADE_INSECURE: 'yes' }, 2, /ESPLANADE_INSECURE is 1 or not set/],
  ] as const)('is told to be wrong when %s', (_what, flags, environment, status, sentence) => {
    const choose = () => chosen(flags, environment);
    expect(choose).toThrow(sentence);
    expect(choose).toThrow(expect.objectContaining({ status }));
  });

  it.each([
    [[], 'There are none.'],
    [['lab'], 'There is only lab.'],
    [['lab', 'live'], 'There are lab, live.'],
  ])('is told which there are: %j', (names, sentence) => {
    const few = new Profiles({ HOME: join(home, `with-${names.length}`) });
    for (const name of names) few.write(name, lab);
    expect(noProfile('mai', few).message).toBe(`There is no profile "mai". ${sentence}`);
  });

  it('is another server than that of a profile that is broken, if one is named, and else that is told', () => {
    const broken = new Profiles({ HOME: join(home, 'broken') });
    broken.write('lab', lab);
    broken.use('lab');
    writeFileSync(broken.pathOf('lab'), '{}');
    const choose = (flags: Readonly<Record<string, string>>, environment: NodeJS.ProcessEnv = {}) =>
      chooseConnection(argumentsOf(flags), environment, broken);
    expect(whatOf(choose({ url: 'https://a' }))).toEqual(['a', 'admin', undefined, 'system']);
    expect(choose({}, { ESPLANADE_URL: 'https://a' }).url.host).toBe('a');
    for (const flags of [{}, { profile: 'lab' }]) expect(() => choose(flags)).toThrow('holds no profile');
  });

  it('is nobody where no profile is in use, which tells those there are', () => {
    const unused = new Profiles({ HOME: join(home, 'unused') });
    const sentence = (names: readonly string[]) => {
      for (const name of names) unused.write(name, lab);
      return () => chooseConnection(argumentsOf({}), {}, unused);
    };
    expect(sentence(['lab'])).toThrow(
      /^No profile is in use\. "esplanade profile use lab" chooses the only one/,
    );
    expect(sentence(['live'])).toThrow(
      /"esplanade profile use NAME" chooses one of lab, live, and .*login URL/,
    );
  });

  it('is nobody before anybody has logged in', () => {
    const nowhere = new Profiles({ HOME: join(home, 'nowhere') });
    const none: Arguments = { has: () => false, text: () => undefined, list: () => [] };
    expect(() => chooseConnection(none, {}, nowhere)).toThrow(/esplanade login URL/);
  });
});
