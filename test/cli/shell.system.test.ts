import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Esplanade, launcher, testPassword } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';
import { type Screen, Terminals } from '../support/terminal.ts';

let directory: string;
let server: Esplanade;
let terminals: Terminals;
let screen: Screen;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'esplanade-shell-'));
  await mkdir(join(directory, 'home'));
  server = await Esplanade.start({
    dataDirectory: join(directory, 'data'),
    flags: ['--datapath', 'simulated'],
  });
  for (const name of ['nfs home', 'smb'])
    expect(
      await server.call('POST', '/api/security/ipsec/policies', {
        name,
        svm: { name: 'svm1' },
        action: 'bypass',
        local_endpoint: { address: '192.0.2.1', netmask: '32' },
        remote_endpoint: { address: `198.51.100.${name.length}`, netmask: '32' },
      }),
    ).toMatchObject({ status: 201 });
  terminals = await Terminals.start({
    HOME: join(directory, 'home'),
    XDG_STATE_HOME: '',
    ESPLANADE_URL: server.url,
    ESPLANADE_USER: 'admin',
    ESPLANADE_PASSWORD: testPassword,
    ESPLANADE_INSECURE: '1',
  });
  screen = await terminals.open({ command: [launcher, 'shell'], columns: 100, rows: 40 });
});

afterAll(async () => {
  await terminals?.end();
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('the shell', () => {
  beforeEach(async () => {
    await screen.until(/::[^>]*>/);
    await screen.press('C-u', 'C-l');
    await screen.type('top-of-all');
    await screen.until(/top-of-all/);
    await screen.press('C-u');
  });

  it('enters directories by their words, runs what is in them, and leaves them', async () => {
    await enter('sec ips');
    await screen.until(/^\S+::security ipsec>$/m);
    await enter('policy show -fields name --csv');
    await screen.until(/^svm1,nfs home$/m);
    await enter('..');
    await screen.until(/^\S+::security>$/m);
    await enter('vserver show -fields vserver --csv');
    await screen.until(/^svm1$/m);
    await enter('/');
    await screen.until(/^\S+::>$/m);
  });

  it('completes words, parameters and names with Tab', async () => {
    await screen.type('sec');
    await tab(/security $|security$/m);
    await screen.type('ips');
    await tab(/security ipsec/);
    await screen.type('pol');
    await tab(/ipsec policy/);
    await screen.type('show -na');
    await tab(/-name/);
    await screen.type('nf');
    await tab(/nfs\\ home/);
    await enter('-fields name --csv');
    await screen.until(/^svm1,nfs home$/m);
  });

  it('shows at ? what can follow, and keeps the line', async () => {
    await screen.type('vserver s?');
    await screen.until(/^\s+show .*\n\S+::> vserver s$/m);
    await screen.type('how?');
    const text = await screen.until(/::> vserver show$/m);
    expect(text).toMatch(/^\s+show\s+\S+/m);
    await screen.press('C-u');
  });

  it('ends a command with Ctrl-C, and not itself', async () => {
    await enter('vserver show -watch 1 --csv');
    await screen.until(/svm1/);
    await screen.press('C-c');
    await screen.until(/::>$/);
    await screen.type('half a line');
    await screen.until(/half a line$/);
    await screen.press('C-c');
    await screen.until(/\^C\n\S+::>$/);
    await enter('vserver show -fields vserver --csv');
    await screen.until(/^svm1$/m);
  });

  it('goes on after a command that fails', async () => {
    await enter('security ipsec policy shwo');
    await screen.until(/show/);
    await enter('vserver show -fields vserver --csv');
    await screen.until(/^svm1$/m);
  });

  it('keeps the lines, but none with a secret, where nobody else can read them', async () => {
    await enter('vserver show -fields vserver --csv');
    await screen.until(/^svm1$/m);
    await enter('security ipsec policy create -vserver svm1 -name x -shared-key hunter2hunter2hunter2');
    await screen.until(/^esplanade: /m);
    await enter('security login password admin hunter2hunter2');
    await screen.until(/^New password/m);
    await screen.press('C-c');
    await screen.until(/::>$/);
    await screen.press('C-l', 'Up');
    await screen.until(/::> vserver show -fields vserver --csv$/m);
    await screen.press('C-u');
    const done = 'security ipsec policy modify "nfs home" -is-enabled true';
    await enter(done);
    await screen.until(/was modified/);
    await screen.press('C-l', 'Up');
    await screen.until(/::> security ipsec policy modify "nfs home" -is-enabled true$/m);
    await screen.press('C-u');
    const file = join(directory, 'home/.local/state/esplanade/history');
    const kept = await readFile(file, 'utf8');
    expect(kept).toContain('vserver show -fields vserver --csv\n');
    expect(kept).toContain(`${done}\n`);
    expect(kept).not.toContain('hunter2');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('leaves with Ctrl-D, with the status of the last command', async () => {
    await enter('security ipsec policy show -nothing');
    await screen.until(/no parameter/);
    await screen.until(/::>$/);
    await screen.press('C-d');
    await eventually('the shell has ended', async () => (await screen.status()) === 2);
  });
});

async function enter(line: string): Promise<void> {
  await screen.type(line);
  await screen.press('Enter');
}

async function tab(wanted: RegExp): Promise<void> {
  await screen.press('Tab');
  await screen.until(wanted);
}
