import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueAuthority, issueCertificate } from '@esplanade/domain/testing/certificates';
import { testPassword } from '@esplanade/server/testing';
import { startTlsTestServer, type TlsTestServer } from '@esplanade/server/testing/tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commandTable } from '../command-table.ts';
import { execute } from '../execute.ts';
import { exitStatus } from '../exit-status.ts';
import { type RecordingTerminalOptions, recordingTerminal } from '../testing/recording-terminal.ts';

let server: TlsTestServer;
let home: string;
let url: string;
let fingerprint: string;

beforeAll(async () => {
  server = await startTlsTestServer();
  url = `https://localhost:${server.port}`;
  home = await mkdtemp(join(tmpdir(), 'esplanade-login-'));
  fingerprint = execFileSync('openssl', ['x509', '-noout', '-sha256', '-fingerprint'], {
    input: await readFile(authorities()),
    encoding: 'utf8',
  }).trim();
});

afterAll(async () => {
  await server.close();
  await rm(home, { recursive: true });
});

beforeEach(async () => {
  await rm(join(home, 'esplanade'), { recursive: true, force: true });
});

const authorities = () => join(server.directory, 'tls.crt');
const hex = () => fingerprint.replace(/^.*=/, '');

interface Done {
  readonly status: number;
  readonly output: string;
  readonly notes: string;
}

async function run(
  words: readonly string[],
  options: RecordingTerminalOptions = {},
  environment: NodeJS.ProcessEnv = {},
): Promise<Done> {
  const terminal = recordingTerminal(options);
  const status = await execute(words, {
    commands: commandTable,
    terminal,
    environment: { XDG_CONFIG_HOME: home, ...environment },
    signal: new AbortController().signal,
  });
  return { status, output: terminal.output, notes: terminal.notes };
}

const profileFile = () => join(home, `esplanade/profiles/localhost-${server.port}.json`);
const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
const kept = async () => JSON.parse(await readFile(profileFile(), 'utf8'));

describe('login by a person', () => {
  it('shows the certificate, asks for trust, account and password, and whether to keep that', async () => {
    const { status, output, notes } = await run(['login', url], { answers: ['y', '', testPassword, 'y'] });
    expect(notes).toContain('The first password of admin is in DATA_DIR/admin-password of the server.\n');
    expect(status).toBe(exitStatus.done);
    expect(notes).toContain('it signed itself');
    expect(notes).toContain(hex().slice(0, 48));
    expect(notes).toContain(hex().slice(48));
    expect(notes).toMatch(/Valid +\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d/);
    expect(notes).toContain('User name [admin]: ');
    expect(output).toContain('Logged in to esplanade as admin.');
    expect(output + notes).not.toContain(testPassword);
    expect(await kept()).toEqual({
      url,
      user: 'admin',
      password: testPassword,
      trust: { kind: 'certificate', fingerprint: hex() },
    });
    const shown = await run(['network', 'ipspace', 'show', '-fields', 'ipspace']);
    expect(shown).toMatchObject({ status: exitStatus.done, output: expect.stringContaining('Default') });
  });

  it('keeps no password without consent; commands then ask for it', async () => {
    const { output } = await run(['login', url], { answers: ['yes', 'admin', testPassword, ''] });
    expect(output).toContain('The password is not kept');
    expect(await readFile(profileFile(), 'utf8')).not.toContain(testPassword);
    const command = ['network', 'ipspace', 'show'];
    const asked = await run(command, { answers: [testPassword] });
    expect(asked).toMatchObject({
      status: exitStatus.done,
      notes: `Password of admin at localhost:${server.port}: `,
    });
    expect((await run(command, {}, { ESPLANADE_PASSWORD: testPassword })).status).toBe(exitStatus.done);
    const unasked = await run(command);
    expect(unasked).toMatchObject({ status: exitStatus.notAllowed });
    expect(unasked.notes).toContain('set ESPLANADE_PASSWORD');
  });

  it('ends without trust, with nothing kept', async () => {
    const { status, notes } = await run(['login', url], { answers: ['n'] });
    expect(status).toBe(exitStatus.notReached);
    expect(notes).toContain('Nothing was sent or kept.');
    expect(await isThere(profileFile())).toBe(false);
  });

  it('keeps nothing when the password is wrong', async () => {
    const { status, notes } = await run(['login', url], { answers: ['y', 'admin', 'wrong password'] });
    expect(status).toBe(exitStatus.notAllowed);
    expect(notes).toContain('does not let admin in');
    expect(notes).toContain('(ONTAP error 6691623)');
    expect(notes).not.toContain('wrong password');
    expect(await isThere(profileFile())).toBe(false);
  });

  it('asks nothing about a certificate that is known, and asks again when it has changed', async () => {
    await run(['login', url], { answers: ['y', '', testPassword, 'n'] });
    const again = await run(['login'], { answers: ['', testPassword, 'n'] });
    expect(again.status).toBe(exitStatus.done);
    expect(again.notes).not.toContain('Trust');
    const other = 'AB:'.repeat(31).concat('AB');
    const known = { ...(await kept()), trust: { kind: 'certificate', fingerprint: other } };
    await writeFile(profileFile(), JSON.stringify(known));
    const changed = await run(['network', 'ipspace', 'show'], {}, { ESPLANADE_PASSWORD: testPassword });
    expect(changed.status).toBe(exitStatus.notReached);
    expect(changed.notes).toContain(`Known so far  ${other.slice(0, 48)}`);
    expect(changed.notes).toContain(`Shown now     ${hex().slice(0, 48)}`);
    const renewed = await run(['login'], { answers: ['y', '', testPassword, 'n'] });
    expect(renewed.notes).toContain('has CHANGED');
    expect(renewed.status).toBe(exitStatus.done);
    expect(await kept()).toMatchObject({ trust: { fingerprint: hex() } });
  });
});

describe('login by a script', () => {
  const secret = ['-password-file', '-'];
  const given = { input: `${testPassword}\n` };

  it('trusts the fingerprint it is given, as openssl prints it, and no other', async () => {
    const right = await run(['login', url, '-fingerprint', fingerprint, ...secret], given);
    expect(right.status).toBe(exitStatus.done);
    const other = `${hex().startsWith('A') ? 'B' : 'A'}${hex().slice(1)}`;
    const wrong = await run(['login', url, '-fingerprint', other, ...secret], given);
    expect(wrong.status).toBe(exitStatus.notReached);
    expect(wrong.notes).toContain(other.slice(0, 48));
    expect(wrong.notes).toContain(hex().slice(0, 48));
  });

  it('takes no name that would be another one with half a password', async () => {
    const options = ['-user', 'admin:half', '-fingerprint', fingerprint, ...secret];
    expect(await run(['login', url, ...options], given)).toMatchObject({
      status: exitStatus.misused,
      notes: 'esplanade: A user name has no colon in it, so "admin:half" is none.\n',
    });
    expect(await isThere(profileFile())).toBe(false);
  });

  it('trusts the authorities it is given, then and later', async () => {
    const options = ['-ca-file', authorities(), '-save-password', 'true'];
    expect((await run(['login', url, ...options, ...secret], given)).status).toBe(exitStatus.done);
    expect(await kept()).toMatchObject({ password: testPassword, trust: { kind: 'authorities' } });
    expect((await run(['login', ...secret], given)).status).toBe(exitStatus.done);
    expect((await run(['network', 'ipspace', 'show'], {}, { ESPLANADE_PASSWORD: testPassword })).status).toBe(
      0,
    );
  });

  it('asks anew when the authorities that were given no longer vouch for the server', async () => {
    const { certificate } = issueAuthority('/CN=harbour');
    await run(['login', url, '-ca-file', authorities(), ...secret], given);
    await writeFile(
      profileFile(),
      JSON.stringify({ ...(await kept()), trust: { kind: 'authorities', pem: certificate } }),
    );
    const command = await run(['network', 'ipspace', 'show'], {}, { ESPLANADE_PASSWORD: testPassword });
    expect(command).toMatchObject({ status: exitStatus.notReached });
    expect(command.notes).toContain(
      `"esplanade login ${url} -profile localhost-${server.port}" lets you look at it`,
    );
    const again = await run(['login', ...secret], { ...given, answers: ['y', '', 'n'] });
    expect(again).toMatchObject({ status: exitStatus.done });
    expect(again.notes).toContain('No authority that the profile names vouches for');
    expect(await kept()).toMatchObject({ trust: { kind: 'certificate', fingerprint: hex() } });
  });

  it('trusts nothing by itself, and is told the fingerprint to look at', async () => {
    const { status, notes } = await run(['login', url, ...secret], given);
    expect(status).toBe(exitStatus.notReached);
    expect(notes).toContain(`-fingerprint ${hex().replaceAll(':', '')}`);
    expect(await isThere(profileFile())).toBe(false);
  });

  it('keeps nothing of a certificate that the environment has believed unseen', async () => {
    const environment = { ESPLANADE_URL: url, ESPLANADE_PASSWORD: testPassword };
    const unseen = { ...environment, ESPLANADE_INSECURE: '1' };
    expect((await run(['login'], {}, unseen)).status).toBe(exitStatus.done);
    expect(await kept()).toMatchObject({ trust: { kind: 'system' } });
    expect((await run(['network', 'ipspace', 'show'], {}, unseen)).status).toBe(exitStatus.done);
    expect((await run(['network', 'ipspace', 'show'], {}, environment)).status).toBe(exitStatus.notReached);
  });

  it('takes no password of the environment to another account, or to another server, and says whose it is', async () => {
    const environment = { ESPLANADE_URL: url, ESPLANADE_USER: 'carol', ESPLANADE_PASSWORD: testPassword };
    const login = ['login', '-fingerprint', fingerprint];
    expect(await run([...login, '-user', 'admin'], {}, environment)).toMatchObject({
      status: exitStatus.misused,
      notes: expect.stringContaining('ESPLANADE_PASSWORD is that of carol'),
    });
    const elsewhere = { ...environment, ESPLANADE_URL: 'https://elsewhere' };
    expect(await run([...login, url], {}, elsewhere)).toMatchObject({
      status: exitStatus.misused,
      notes: expect.stringContaining('ESPLANADE_PASSWORD is that of https://elsewhere'),
    });
    expect(await run(['network', 'ipspace', 'show', '-url', url], {}, elsewhere)).toMatchObject({
      status: exitStatus.notAllowed,
      notes: expect.stringContaining('ESPLANADE_PASSWORD is that of https://elsewhere'),
    });
  });

  it('never takes a password from the command line', async () => {
    const { status, notes } = await run(['login', url, '-password', 'in-argv-for-all'], given);
    expect(status).toBe(exitStatus.misused);
    expect(notes).not.toContain('in-argv-for-all');
  });

  it.each([
    [['-fingerprint', 'AB:CD'], /64 hexadecimal digits/],
    [['-ca-file', '/dev/null'], /no certificate in PEM/],
    [['-client-certificate', 'a.pem'], /give both/],
    [['-profile', '../lab'], /-profile takes/],
    [['-timeout', '0'], /-timeout takes 1 to 86400/],
  ])('is told what is wrong with %s', async (words, sentence) => {
    const { status, notes } = await run(['login', url, ...words, ...secret], given);
    expect(status).toBe(exitStatus.misused);
    expect(notes).toMatch(sentence);
  });
});

describe('login by certificate', () => {
  it('asks for no password, then or later, and tells when the files do not belong together', async () => {
    const authority = issueAuthority('/CN=harbour');
    const extensions = ['basicConstraints=critical,CA:FALSE', 'extendedKeyUsage=clientAuth'];
    const keeper = issueCertificate({ subject: '/O=Lighthouses/CN=keeper', issuer: authority, extensions });
    const body = { type: 'client_ca', public_certificate: authority.certificate };
    expect((await server.request('POST', '/api/security/certificates', body)).status).toBe(201);
    const account = {
      name: 'keeper',
      applications: [{ application: 'http', authentication_methods: ['certificate'] }],
    };
    expect((await server.request('POST', '/api/security/accounts', account)).status).toBe(201);
    await writeFile(join(home, 'keeper.pem'), keeper.certificate);
    await writeFile(join(home, 'keeper.key'), keeper.key, { mode: 0o644 });
    await writeFile(join(home, 'other.key'), authority.key);
    const login = [
      'login',
      url,
      '-fingerprint',
      fingerprint,
      '-client-certificate',
      join(home, 'keeper.pem'),
    ];
    const mixed = await run([...login, '-client-key', join(home, 'other.key')]);
    expect(mixed).toMatchObject({
      status: exitStatus.misused,
      notes: expect.stringContaining('do not belong together'),
    });
    const done = await run([...login, '-client-key', join(home, 'keeper.key')]);
    expect(done).toMatchObject({
      status: exitStatus.done,
      output: expect.stringContaining('as keeper'),
      notes: expect.stringContaining(`Everybody on this machine can read ${join(home, 'keeper.key')}`),
    });
    expect((await run(['network', 'ipspace', 'show'])).status).toBe(exitStatus.done);
    expect((await run(['profile', 'show', '--csv'])).output).toContain('certificate');
  });

  it('that is refused is told as that: there was no password', async () => {
    const stranger = issueCertificate({ subject: '/CN=stranger' });
    await writeFile(join(home, 'stranger.pem'), stranger.certificate);
    await writeFile(join(home, 'stranger.key'), stranger.key, { mode: 0o600 });
    const pair = [
      '-client-certificate',
      join(home, 'stranger.pem'),
      '-client-key',
      join(home, 'stranger.key'),
    ];
    const { status, notes } = await run(['login', url, '-fingerprint', fingerprint, ...pair]);
    expect(status).toBe(exitStatus.notAllowed);
    expect(notes).toContain('does not let stranger in by its certificate: no authority there vouches for it');
    expect(notes).toContain('security login show');
    expect(notes).not.toContain('password');
  });

  it.each([
    ['-user', 'admin'],
    ['-password-file', '-'],
    ['-save-password', 'true'],
  ])('takes no %s beside it', async (name, value) => {
    const pair = ['-client-certificate', 'a.pem', '-client-key', 'a.key'];
    const { status, notes } = await run(['login', url, ...pair, name, value], { input: testPassword });
    expect(status).toBe(exitStatus.misused);
    expect(notes).toContain('-client-certificate says who logs in, and by what');
  });
});

describe('profiles', () => {
  const secret = ['-password-file', '-', '-save-password', 'true'];
  const given = { input: testPassword };

  it('of different servers do not take each other’s names', async () => {
    await run(['login', url, '-fingerprint', fingerprint, ...secret], given);
    const file = profileFile();
    const other = { ...(await kept()), url: `https://localhost-${server.port}` };
    await writeFile(file, JSON.stringify(other));
    const beside = await run(['login', url, '-fingerprint', fingerprint, ...secret], given);
    expect(beside.output).toContain(`Profile "localhost-${server.port}-2" is in use`);
    expect(await kept()).toEqual(other);
    const named = ['login', url, '-profile', `localhost-${server.port}`, '-fingerprint', fingerprint];
    const instead = await run([...named, ...secret], given);
    expect(instead.status).toBe(exitStatus.conflict);
    expect(instead.notes).toContain(`profile delete localhost-${server.port}`);
    expect(await kept()).toEqual(other);
  });

  it('that are broken stop neither the others from being shown, nor a login elsewhere', async () => {
    for (const name of ['field', 'lab'])
      await run(['login', url, '-profile', name, '-fingerprint', fingerprint, ...secret], given);
    await writeFile(join(home, 'esplanade/profiles/lab.json'), '{}');
    const shown = await run(['profile', 'show', '--json']);
    expect(JSON.parse(shown.output)).toMatchObject([{ name: 'field' }]);
    expect(shown).toMatchObject({
      status: exitStatus.failed,
      notes: expect.stringMatching(/lab\.json holds no profile: .*profile delete lab/),
    });
    expect((await run(['login', url, '-fingerprint', fingerprint, ...secret], given)).status).toBe(0);
    await run(['profile', 'use', 'field']);
    expect((await run(['profile', 'show', 'lab'])).status).toBe(exitStatus.failed);
  });

  it('are shown without their passwords, chosen, logged out of and deleted', async () => {
    for (const name of ['lab', 'field'])
      await run(['login', url, '-profile', name, '-fingerprint', fingerprint, ...secret], given);
    const shown = await run(['profile', 'show', '--json']);
    expect(JSON.parse(shown.output)).toMatchObject([
      { name: 'field', in_use: true, login_by: 'kept_password', fingerprint: hex() },
      { name: 'lab', in_use: false, url, user: 'admin' },
    ]);
    expect(shown.output).not.toContain(testPassword);
    expect((await run(['profile', 'use', 'lab'])).output).toContain('"lab" is in use');
    expect((await run(['network', 'ipspace', 'show'])).status).toBe(exitStatus.done);
    expect((await run(['logout'])).output).toContain('forgotten');
    expect((await run(['logout'])).output).toContain('keeps no password');
    expect((await run(['network', 'ipspace', 'show'])).status).toBe(exitStatus.notAllowed);
    expect((await run(['network', 'ipspace', 'show', '-profile', 'field'])).status).toBe(exitStatus.done);
    expect((await run(['profile', 'delete', 'lab'])).output).toMatch(
      /forgotten\. None is in use now: .*use field/,
    );
    expect((await run(['profile', 'delete', 'lab'])).status).toBe(exitStatus.notFound);
    expect((await run(['logout'])).status).toBe(exitStatus.notFound);
    const nowhere = await run(['network', 'ipspace', 'show']);
    expect(nowhere).toMatchObject({ status: exitStatus.notAllowed });
    expect(nowhere.notes).toContain('esplanade profile use field');
  });
});
