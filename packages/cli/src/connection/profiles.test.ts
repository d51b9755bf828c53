import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueAuthority } from '@esplanade/domain/testing/certificates';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Profile } from './profile.ts';
import { Profiles } from './profiles.ts';

const profile: Profile = {
  url: 'https://cluster1',
  user: 'alice',
  password: 'correct horse',
  trust: { kind: 'certificate', fingerprint: 'AB:'.repeat(31).concat('AB') },
};

let home: string;
let profiles: Profiles;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'esplanade-profiles-'));
  profiles = new Profiles({ HOME: home });
});

afterEach(async () => {
  await rm(home, { recursive: true });
});

const inHome = (...path: readonly string[]) => join(home, '.config/esplanade', ...path);
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('profiles', () => {
  it('are none in a home without any', () => {
    expect(profiles.names()).toEqual([]);
    expect(profiles.currentName()).toBeUndefined();
    expect(profiles.read('lab')).toBeUndefined();
  });

  it.runIf(process.getuid?.() === 0)('are none of a user without a home, and cannot be kept', () => {
    process.seteuid?.(54321);
    try {
      const nowhere = new Profiles({});
      expect([nowhere.names(), nowhere.currentName(), nowhere.read('lab')]).toEqual([
        [],
        undefined,
        undefined,
      ]);
      expect(() => nowhere.write('lab', profile)).toThrow(/has no home.*XDG_CONFIG_HOME/);
    } finally {
      process.seteuid?.(0);
    }
  });

  it('are read as they were written, whichever way the server is known', () => {
    const certificate = { certificate: '/a.pem', privateKey: '/a.key' };
    const others: readonly Profile[] = [
      profile,
      { url: 'https://a', user: 'b', trust: { kind: 'system' } },
      {
        url: 'https://a',
        user: 'b',
        trust: { kind: 'authorities', pem: issueAuthority('/CN=harbour').certificate },
        clientCertificate: certificate,
      },
    ];
    for (const each of others) {
      profiles.write('lab', each);
      expect(new Profiles({ HOME: home }).read('lab')).toEqual(each);
    }
  });

  it('are in use one at a time, until that is deleted', () => {
    profiles.write('lab', profile);
    profiles.write('field', profile);
    profiles.use('lab');
    profiles.use('field');
    expect(profiles.names()).toEqual(['field', 'lab']);
    profiles.delete('lab');
    expect(profiles.currentName()).toBe('field');
    profiles.delete('field');
    expect(profiles.currentName()).toBeUndefined();
    expect(profiles.names()).toEqual([]);
  });

  it('lie in files of 0600 in directories of 0700, whatever the umask, and nothing else is left', async () => {
    const umask = process.umask(0o777);
    try {
      profiles.write('lab', profile);
      process.umask(0);
      profiles.write('lab', profile);
      profiles.use('lab');
    } finally {
      process.umask(umask);
    }
    for (const directory of [inHome(), inHome('profiles')]) expect(await modeOf(directory)).toBe(0o700);
    for (const file of [inHome('profiles/lab.json'), inHome('current-profile')])
      expect(await modeOf(file)).toBe(0o600);
    expect(await readdir(inHome())).toEqual(['current-profile', 'profiles']);
    expect(await readdir(inHome('profiles'))).toEqual(['lab.json']);
  });

  it('are refused when others may read or replace them, and told how to mend that', async () => {
    profiles.write('lab', profile);
    const read = () => profiles.read('lab');
    for (const [path, mode, mended] of [
      [inHome('profiles/lab.json'), 0o640, 0o600],
      [inHome('profiles/lab.json'), 0o602, 0o600],
      [inHome('profiles'), 0o750, 0o700],
      [inHome(), 0o707, 0o700],
    ] as const) {
      await chmod(path, mode);
      expect(read).toThrow(`chmod go= ${path}`);
      await chmod(path, mended);
    }
    expect(read()).toEqual(profile);
  });

  it('that are none are told to be none, and nothing of them is shown', async () => {
    profiles.write('lab', profile);
    const text = await readFile(inHome('profiles/lab.json'), 'utf8');
    for (const broken of [text.slice(0, -20), text.replace('certificate', 'unknown'), '7', 'null', '{}']) {
      await writeFile(inHome('profiles/lab.json'), broken);
      expect(() => profiles.read('lab')).toThrow(/lab\.json holds no profile: .*profile delete lab/);
      expect(() => profiles.read('lab')).not.toThrow(/horse/);
    }
  });

  it.each([
    ['a URL that is none', { url: 'foo:bar' }],
    ['a URL in clear', { url: 'http://cluster1' }],
    ['a URL with a password', { url: 'https://alice:horse@cluster1' }],
    ['a fingerprint that is none', { trust: { kind: 'certificate', fingerprint: 'zz' } }],
    ['authorities that are none', { trust: { kind: 'authorities', pem: 'junk' } }],
    [
      'authorities of which one is none',
      {
        trust: {
          kind: 'authorities',
          pem: `${issueAuthority('/CN=harbour').certificate}-----BEGIN CERTIFICATE-----\njunk\n-----END CERTIFICATE-----\n`,
        },
      },
    ],
  ])('with %s are none', async (_what, broken) => {
    profiles.write('lab', profile);
    await writeFile(inHome('profiles/lab.json'), JSON.stringify({ ...profile, ...broken }));
    expect(() => profiles.read('lab')).toThrow(/lab\.json holds no profile/);
  });

  it('are not waited for where a pipe is in their place', () => {
    profiles.write('lab', profile);
    rmSync(inHome('profiles/lab.json'));
    execFileSync('sh', ['-c', 'mkfifo -m 600 "$0"', inHome('profiles/lab.json')]);
    expect(() => profiles.read('lab')).toThrow(/lab\.json is no file/);
  });

  it('leave nothing unfinished behind when they cannot be kept', async () => {
    profiles.write('lab', profile);
    rmSync(inHome('profiles/lab.json'));
    await mkdir(inHome('profiles/lab.json'));
    expect(() => profiles.write('lab', profile)).toThrow(/cannot be read or kept/);
    expect(await readdir(inHome('profiles'))).toEqual(['lab.json']);
  });

  it('are looked for where XDG_CONFIG_HOME says, if that is a whole path', async () => {
    await mkdir(join(home, 'xdg'));
    new Profiles({ HOME: home, XDG_CONFIG_HOME: join(home, 'xdg') }).write('lab', profile);
    expect(await readdir(join(home, 'xdg/esplanade/profiles'))).toEqual(['lab.json']);
    new Profiles({ HOME: home, XDG_CONFIG_HOME: 'xdg' }).write('field', profile);
    expect(await readdir(inHome('profiles'))).toEqual(['field.json']);
  });

  it('that a disk does not take are told of in a sentence', async () => {
    await writeFile(join(home, '.config'), 'a file where a directory should be');
    expect(() => profiles.write('lab', profile)).toThrow(/^Profiles cannot be read or kept: .*\.config/);
  });

  it('that lie where a link leads are replaced there, and the link stays', async () => {
    profiles.write('lab', profile);
    await rename(inHome('profiles/lab.json'), join(home, 'kept.json'));
    await symlink(join(home, 'kept.json'), inHome('profiles/lab.json'));
    profiles.write('lab', { ...profile, user: 'bob' });
    expect(await readlink(inHome('profiles/lab.json'))).toBe(join(home, 'kept.json'));
    expect(JSON.parse(await readFile(join(home, 'kept.json'), 'utf8'))).toMatchObject({ user: 'bob' });
    expect(profiles.read('lab')).toMatchObject({ user: 'bob' });
    await rm(join(home, 'kept.json'));
    profiles.write('lab', profile);
    expect(profiles.read('lab')).toEqual(profile);
  });

  it.runIf(process.getuid?.() === 0)('that cannot be looked at are not taken for none', async () => {
    await chmod(home, 0o700);
    const unseen = new Profiles({ HOME: home });
    process.seteuid?.(54321);
    try {
      expect(() => unseen.read('lab')).toThrow(/^Profiles cannot be read or kept: EACCES/);
      expect(() => unseen.names()).toThrow(/EACCES/);
      expect(() => unseen.currentName()).toThrow(/EACCES/);
    } finally {
      process.seteuid?.(0);
    }
  });

  it('have no names that lead elsewhere', () => {
    profiles.write('lab', profile);
    for (const name of ['../profiles/lab', '.lab', '', 'lab/../lab', 'a'.repeat(65)])
      expect(profiles.read(name)).toBeUndefined();
  });
});
