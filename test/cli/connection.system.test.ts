import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueCertificate } from '@esplanade/domain/testing/certificates';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, runCommand } from '../support/command.ts';
import { Esplanade, launcher, testPassword } from '../support/esplanade.ts';
import { Terminals } from '../support/terminal.ts';

const readerPassword = 'only for those who read';
const presharedKey = 'a key of at least eighteen characters';
const secrets = [testPassword, readerPassword, presharedKey];

/** Everything that any command has said. */
const said: string[] = [];
const listeners: Server[] = [];
let directory: string;
let server: Esplanade;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'esplanade-connection-'));
  server = await Esplanade.start({
    dataDirectory: join(directory, 'data'),
    flags: ['--datapath', 'simulated'],
  });
  const reader = {
    name: 'reader',
    role: { name: 'readonly' },
    applications: [{ application: 'http', authentication_methods: ['password'] }],
    password: readerPassword,
  };
  expect(await server.call('POST', '/api/security/accounts', reader)).toMatchObject({ status: 201 });
  await writeFile(join(directory, 'key'), `${presharedKey}\n`, { mode: 0o600 });
});

afterAll(async () => {
  for (const listener of listeners) listener.close();
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Of a script: nothing is inherited that says which server. */
const environment = () => ({
  ESPLANADE_URL: '',
  ESPLANADE_USER: '',
  ESPLANADE_PASSWORD: '',
  ESPLANADE_INSECURE: '',
  XDG_CONFIG_HOME: join(directory, 'config'),
});

/** The server that was started, its certificate unlooked at. */
const toServer = () => ({
  ESPLANADE_URL: server.url,
  ESPLANADE_PASSWORD: testPassword,
  ESPLANADE_INSECURE: '1',
});

async function esplanade(
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  input = '',
): Promise<CommandResult> {
  const result = await runCommand(launcher, words, {
    anyStatus: true,
    input,
    environment: { ...environment(), ...variables },
  });
  said.push(result.stdout, result.stderr);
  return result;
}

async function listening(listener: Server): Promise<string> {
  listeners.push(listener);
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return `127.0.0.1:${(listener.address() as AddressInfo).port}`;
}

/** An HTTPS server that is none of ours, and answers everything with this. */
async function stranger(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly at: string; readonly asked: readonly string[] }> {
  const { certificate, key } = issueCertificate({ subject: '/CN=stranger' });
  const pair: ServerOptions = { cert: certificate, key };
  const asked: string[] = [];
  const listener = createHttpsServer(pair, (incoming, answer) => {
    asked.push(incoming.url ?? '');
    answer.writeHead(status, headers).end(body);
  });
  return { at: await listening(listener), asked };
}

const show = ['security', 'ipsec', 'policy', 'show'];

describe('a command that cannot reach its server says why, with status 7:', () => {
  const withPassword = { ESPLANADE_PASSWORD: testPassword };

  it('nobody listens, or the name has no address', async () => {
    const gone = createTcpServer();
    const at = await listening(gone);
    await new Promise((resolve) => gone.close(resolve));
    const refused = await esplanade([...show, '-url', at], withPassword);
    expect(refused).toMatchObject({ status: 7, stdout: '' });
    expect(refused.stderr).toBe(
      `esplanade: Nobody listens at ${at}. Is the server running, and is the port right?\n`,
    );
    const unnamed = await esplanade([...show, '-url', 'nowhere.invalid'], withPassword);
    expect(unnamed.status).toBe(7);
    expect(unnamed.stderr).toMatch(/^esplanade: The name in nowhere\.invalid:443 (has no address|could not)/);
  });

  it('it speaks HTTP in clear, and then it gets no password', async () => {
    const asked: string[] = [];
    const clear = createHttpServer((incoming, answer) => {
      asked.push(incoming.url ?? '');
      answer.end();
    });
    const at = await listening(clear);
    const { status, stderr } = await esplanade([...show, '-url', at], withPassword);
    expect(status).toBe(7);
    expect(stderr).toBe(
      `esplanade: What listens at ${at} speaks no TLS; a server of HTTP in clear, perhaps.\n`,
    );
    expect(asked).toEqual([]);
    const written = await esplanade([...show, '-url', `http://${at}`], withPassword);
    expect(written).toMatchObject({ status: 2, stderr: expect.stringContaining('must begin with https://') });
  });

  it('it is silent for longer than the timeout', async () => {
    const at = await listening(createTcpServer());
    const { status, stderr } = await esplanade([...show, '-url', at, '-timeout', '1'], withPassword);
    expect(status).toBe(7);
    expect(stderr).toBe(`esplanade: No connection to ${at} in 1 s.\n`);
  });

  it('it breaks off: what it may have done is told from what it has not', async () => {
    const { certificate, key } = issueCertificate({ subject: '/CN=stranger' });
    const breaking = createHttpsServer({ cert: certificate, key }, (incoming) => incoming.destroy());
    const at = await listening(breaking);
    const insecure = { ...withPassword, ESPLANADE_INSECURE: '1' };
    const read = await esplanade([...show, '-url', at], insecure);
    expect(read).toMatchObject({
      status: 7,
      stderr: expect.stringContaining(`The connection to ${at} broke off`),
    });
    expect(read.stderr).not.toContain('may have been done');
    const words = ['vserver', 'create', '-vserver', 'svm1', '-url', at];
    const written = await esplanade(words, insecure);
    expect(written.status).toBe(7);
    expect(written.stderr).toMatch(
      /broke off .* It may have been done all the same: look before you repeat it\.\n$/,
    );
  });

  it('nothing vouches for its certificate, and then it gets no password', async () => {
    const { at, asked } = await stranger(200, '{}');
    const { status, stderr } = await esplanade([...show, '-url', at], withPassword);
    expect(status).toBe(7);
    expect(stderr).toContain(`The certificate of ${at} is not trusted: it signed itself.`);
    expect(stderr).toMatch(/SHA-256 {7}([0-9A-F]{2}:){16}\n {16}([0-9A-F]{2}:){15}[0-9A-F]{2}\n/);
    expect(stderr).toContain(`esplanade login https://${at}`);
    expect(asked).toEqual([]);
  });

  it('its certificate has changed, and then it gets no password', async () => {
    const real = new URL(server.url);
    const { at, asked } = await stranger(200, '{}');
    let destination = { host: real.hostname, port: Number(real.port) };
    const way = createTcpServer((near) => {
      const far = connect(destination);
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) socket.on('error', () => [near, far].map((each) => each.destroy()));
    });
    const url = `https://${await listening(way)}`;
    const words = [
      '-ca-file',
      join(directory, 'data/tls.crt'),
      '-password-file',
      '-',
      '-save-password',
      'true',
    ];
    expect(
      await esplanade(['login', url, '-profile', 'by-authority', ...words], {}, testPassword),
    ).toMatchObject({
      status: 0,
    });
    const fingerprint = (
      await runCommand('openssl', [
        'x509',
        '-noout',
        '-sha256',
        '-fingerprint',
        '-in',
        join(directory, 'data/tls.crt'),
      ])
    ).stdout.trim();
    const pinned = ['-fingerprint', fingerprint, '-password-file', '-', '-save-password', 'true'];
    const login = await esplanade(['login', url, '-profile', 'lab', ...pinned], {}, testPassword);
    expect(login).toMatchObject({ status: 0, stderr: '' });
    expect((await esplanade(show)).status).toBe(0);

    const [host = '', port = ''] = at.split(':');
    destination = { host, port: Number(port) };
    const { status, stderr } = await esplanade(show);
    expect(status).toBe(7);
    expect(stderr).toContain('has CHANGED');
    expect(stderr).toContain(`Known so far  ${fingerprint.replace(/^.*=/, '').slice(0, 48)}\n`);
    expect(stderr).toMatch(/Shown now {5}([0-9A-F]{2}:){16}\n {16}([0-9A-F]{2}:){15}[0-9A-F]{2}\n/);
    expect(stderr).toContain(`  esplanade login ${url} -profile lab \\\n  -fingerprint `);
    const other = await esplanade([...show, '-profile', 'by-authority']);
    expect(other).toMatchObject({ status: 7, stderr: expect.stringContaining('is not trusted') });
    expect(asked).toEqual([]);
  });
});

describe('an authority that this machine knows', () => {
  it.each(['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'])(
    'by %s vouches for a server without a question',
    async (variable) => {
      const known = {
        [variable]: join(directory, 'data/tls.crt'),
        XDG_CONFIG_HOME: join(directory, variable),
      };
      const words = ['login', server.url, '-password-file', '-', '-save-password', 'true'];
      const { status, stderr } = await esplanade(words, known, testPassword);
      expect(stderr).toContain('An authority known to this system vouches for');
      expect(status).toBe(0);
      expect((await esplanade(show, known)).status).toBe(0);
      const forgotten = await esplanade(show, { ...known, [variable]: '' });
      expect(forgotten).toMatchObject({ status: 7, stderr: expect.stringContaining('is not trusted') });
    },
  );

  it('is not taken at its word where another certificate was pinned: login says CHANGED, and asks', async () => {
    const known = {
      SSL_CERT_FILE: join(directory, 'data/tls.crt'),
      XDG_CONFIG_HOME: join(directory, 'pinned'),
    };
    const words = ['login', server.url, '-profile', 'lab', '-password-file', '-'];
    expect((await esplanade(words, known, testPassword)).status).toBe(0);
    const file = join(directory, 'pinned/esplanade/profiles/lab.json');
    const other = 'AB:'.repeat(31).concat('AB');
    const profile = JSON.parse(await readFile(file, 'utf8'));
    const pinned = JSON.stringify({ ...profile, trust: { kind: 'certificate', fingerprint: other } });
    await writeFile(file, pinned);
    const { status, stderr } = await esplanade(words, known, testPassword);
    expect(stderr).toContain('has CHANGED');
    expect(stderr).toContain('An authority known to this system vouches for it.');
    expect(stderr).toContain('-fingerprint');
    expect(status).toBe(7);
    expect(await readFile(file, 'utf8')).toBe(pinned);
  });
});

describe('a command that is refused says so', () => {
  it('for a wrong password: status 4', async () => {
    const { status, stdout, stderr } = await esplanade(show, { ...toServer(), ESPLANADE_PASSWORD: 'wrong' });
    expect(status).toBe(4);
    expect(stdout).toBe('');
    const { host } = new URL(server.url);
    expect(stderr).toBe(
      `esplanade: ${host} does not let admin in: the password is wrong, or the account is locked or not there. (ONTAP error 6691623)\n` +
        'The password is that of ESPLANADE_PASSWORD: set another, or unset it to be asked.\n',
    );
  });

  it('for no password, and nobody to ask: status 4', async () => {
    const { status, stderr } = await esplanade(show, { ESPLANADE_URL: server.url, ESPLANADE_INSECURE: '1' });
    expect(status).toBe(4);
    expect(stderr).toContain('set ESPLANADE_PASSWORD, or keep one with "esplanade login"');
  });

  it('for an account that may not do that: status 4, with the code', async () => {
    const asReader = { ...toServer(), ESPLANADE_USER: 'reader', ESPLANADE_PASSWORD: readerPassword };
    expect((await esplanade(show, asReader)).status).toBe(0);
    const modify = await esplanade(
      ['security', 'ipsec', 'config', 'modify', '-is-enabled', 'true'],
      asReader,
    );
    expect(modify.status).toBe(4);
    expect(modify.stderr).toBe(
      'esplanade: not authorized for that command. (ONTAP error 6)\n' +
        'reader may not PATCH /api/security/ipsec: the role needs access read_modify to it, and some of it is for accounts of the cluster alone. ' +
        '"security login show -user-or-group-name reader" tells the role, "security login rest-role show -role ROLE" what that allows.\n',
    );
  });

  it('for a name that nobody has: status 3', async () => {
    const { status, stderr } = await esplanade(
      ['security', 'ipsec', 'policy', 'delete', '-vserver', 'svm1', '-name', 'nobody', '-force'],
      toServer(),
    );
    expect(status).toBe(3);
    expect(stderr).toMatch(/^esplanade: \S/);
  });

  it('for a value that cannot be: status 6, with the code and the parameter', async () => {
    const create = ['security', 'ipsec', 'policy', 'create', '-vserver', 'svm1', '-name', 'nfs'];
    const ends = ['-local-ip-subnets', '192.0.2.1/32', '-remote-ip-subnets', '192.0.2.2/99'];
    const { status, stderr } = await esplanade(
      [...create, ...ends, '-shared-key-file', join(directory, 'key')],
      toServer(),
    );
    expect(status).toBe(6);
    expect(stderr).toMatch(/^esplanade: .*remote.*\(ONTAP error \d+\)\n$/i);
  });

  it('by a server that is no ONTAP: status 1, and 8 when that is away', async () => {
    const insecure = { ESPLANADE_PASSWORD: testPassword, ESPLANADE_INSECURE: '1' };
    const page = await stranger(200, '<h1>Welcome</h1>', { 'content-type': 'text/html' });
    const welcome = await esplanade([...show, '-url', page.at], insecure);
    expect(welcome.status).toBe(1);
    expect(welcome.stderr).toContain('Is this URL that of Esplanade, or of an ONTAP?');
    expect(welcome.stderr).not.toContain('Welcome');
    const proxy = await stranger(502, '<h1>Bad gateway</h1>', { 'content-type': 'text/html' });
    const away = await esplanade([...show, '-url', proxy.at], insecure);
    expect(away).toMatchObject({ status: 8, stderr: expect.stringContaining('says that it is away') });
    const error = JSON.stringify({ error: { code: '4', message: 'Not now\u001b[2J' } });
    const busy = await stranger(503, error, { 'content-type': 'application/json', 'retry-after': '60' });
    const later = await esplanade([...show, '-url', busy.at], insecure);
    expect(later.status).toBe(8);
    expect(later.stderr).toContain('Try again in 60 s.');
    expect(later.stderr, 'a server must not draw on the terminal').not.toContain('\u001b');
  });
});

describe('secrets', () => {
  it('stand in no command line while a command waits, which Ctrl-C ends', async () => {
    const silent = createTcpServer();
    const connected = once(silent, 'connection');
    const at = await listening(silent);
    const child = spawn(launcher, [...show, '-url', at], {
      env: { ...process.env, ...environment(), ESPLANADE_PASSWORD: testPassword },
      stdio: 'ignore',
    });
    await connected;
    const line = await readFile(`/proc/${child.pid}/cmdline`, 'utf8');
    expect(line).toContain('policy');
    for (const secret of secrets) expect(line).not.toContain(secret);
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    expect(await ended).toEqual([null, 'SIGINT']);
  });

  it('are typed without being seen, and kept where only their owner reads', async () => {
    const person = await mkdtemp(join(directory, 'person-'));
    const terminals = await Terminals.start({ ...environment(), XDG_CONFIG_HOME: person });
    try {
      const screen = await terminals.open({ rows: 40 });
      const { text, status } = await screen.run(`${launcher} login ${server.url}`, {
        answers: [
          [/Trust this certificate from now on\? \[y\/N\]/, 'y'],
          [/User name \[admin\]:/, ''],
          [/Password of admin at/, testPassword],
          [/Keep the password in/, 'y'],
        ],
      });
      said.push(text);
      expect(status, text).toBe(0);
      expect(text).toContain('Logged in to esplanade as admin.');
      const folder = join(person, 'esplanade/profiles');
      const [file = ''] = await readdir(folder);
      expect(JSON.parse(await readFile(join(folder, file), 'utf8'))).toMatchObject({
        password: testPassword,
      });
    } finally {
      await terminals.end();
    }
  });

  it('were never said by any command', () => {
    expect(said.length).toBeGreaterThan(30);
    for (const secret of secrets) expect(said.filter((text) => text.includes(secret))).toEqual([]);
  });
});
