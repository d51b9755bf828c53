import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Esplanade, launcher, testPassword } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';
import { type Screen, Terminals } from '../support/terminal.ts';

let directory: string;
let server: Esplanade;
let terminals: Terminals;

const policy = (name: string, remote: string) => ({
  name,
  secret_key: 'a key of at least eighteen characters',
  local_endpoint: { address: '192.0.2.1', netmask: '32' },
  remote_endpoint: { address: remote, netmask: '32' },
});

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'esplanade-cli-'));
  server = await Esplanade.start({
    dataDirectory: join(directory, 'data'),
    flags: ['--datapath', 'simulated'],
  });
  await symlink(launcher, join(directory, 'esplanade'));
  expect(await server.call('PATCH', '/api/security/ipsec', { enabled: true })).toMatchObject({ status: 200 });
  for (const [name, remote] of [
    ['nfs', '192.0.2.9'],
    ['smb', '192.0.2.10'],
  ] as const)
    expect(await server.call('POST', '/api/security/ipsec/policies', policy(name, remote))).toMatchObject({
      status: 201,
    });
  terminals = await Terminals.start({
    HOME: directory,
    PATH: `${directory}:${process.env['PATH']}`,
    ESPLANADE_URL: server.url,
    ESPLANADE_USER: 'admin',
    ESPLANADE_PASSWORD: testPassword,
    ESPLANADE_INSECURE: '1',
    XDG_CONFIG_HOME: '',
    NO_COLOR: '',
  });
});

afterAll(async () => {
  await terminals?.end();
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

/** Types a line and leaves it running. */
async function begin(screen: Screen, line: string): Promise<void> {
  await screen.until(/\[\d+\]\$$/);
  await screen.type(line);
  await screen.press('Enter');
}

/** Waits until the shell is back on a screen that works as before. */
async function expectShell(screen: Screen, status: number): Promise<void> {
  await screen.until(new RegExp(`\\[${status}\\]\\$$`));
  expect(await screen.isFullScreen()).toBe(false);
  expect((await screen.run('stty -a')).text).toMatch(/(?<!-)\becho\b/);
}

describe('top in a terminal', () => {
  it('shows rates, sorts, filters, follows the size, and gives the screen back', async () => {
    const screen = await terminals.open({ columns: 100, rows: 20, directory });
    await begin(screen, 'esplanade top -interval 1');
    const seen = await screen.until(/nfs .* [1-9][\d.]* k?B\/s/);
    expect(await screen.isFullScreen()).toBe(true);
    expect(seen).toMatch(
      /^esplanade top: 127\.0\.0\.1:\d+, every 1 s\n2 IPsec SAs(, \d without a rate yet)?\ninbound [1-9]/,
    );
    expect(seen).toMatch(/\nCounters of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d, by the server's clock\.\n/);
    await screen.press('a');
    await screen.until(/By remote address[\s\S]*192\.0\.2\.9 [\s\S]*192\.0\.2\.10 /);
    await screen.press('r');
    await screen.until(/reversed[\s\S]*192\.0\.2\.10 [\s\S]*192\.0\.2\.9 /);
    await screen.type('/SMB');
    await screen.press('Enter');
    await screen.until((text) => /1 of 2 IPsec SAs/.test(text) && !text.includes('nfs'));
    await screen.resize(50, 12);
    expect(
      widest(await screen.until((text) => text.includes('smb') && !text.includes('State'))),
    ).toBeLessThan(51);
    await screen.press('?');
    await screen.until(/reverse the order/);
    await screen.press('q');
    await expectShell(screen, 0);
  });

  it('gives the screen back also when it is told to end', async () => {
    const screen = await terminals.open({ directory });
    await begin(screen, "sh -c 'echo $$ >pid; exec esplanade top'");
    await screen.until(/^esplanade top:/);
    process.kill(Number(await readFile(join(directory, 'pid'), 'utf8')), 'SIGTERM');
    await expectShell(screen, 143);
  });

  it('lists once where its output goes into a pipe', async () => {
    const screen = await terminals.open({ columns: 120, directory });
    const { text, status } = await screen.run('esplanade top -policy-name n* -interval 1 | cat');
    expect(status).toBe(0);
    expect(text).toMatch(/nfs +192\.0\.2\.1 +192\.0\.2\.9 +[1-9]/);
    expect(text).not.toContain('smb');
  });
});

describe('-watch', () => {
  it('draws anew what has changed, and ends with Ctrl-C', async () => {
    const screen = await terminals.open({ columns: 100, rows: 20, directory });
    await begin(screen, 'set -m; esplanade sec ips pol show -watch 1');
    const seen = await screen.until(/2 entries were displayed/);
    expect(seen).toMatch(/^Every 1 s: security ipsec policy show/);
    expect(await screen.isFullScreen()).toBe(true);
    expect(
      await server.call('POST', '/api/security/ipsec/policies', policy('iscsi', '192.0.2.11')),
    ).toMatchObject({ status: 201 });
    await screen.until(/iscsi[\s\S]*3 entries were displayed/);
    await screen.press('C-z');
    await screen.until(/Stopped/);
    expect(await screen.isFullScreen()).toBe(false);
    await begin(screen, 'fg');
    await screen.until(/^Every 1 s[\s\S]*iscsi/);
    await screen.press('C-c');
    await expectShell(screen, 130);
  });

  it('appends under the time into a pipe, and ends when nobody reads any more', async () => {
    const screen = await terminals.open({ columns: 100, directory });
    const { text } = await screen.run('esplanade sec ips pol show -watch 1 | head -8; date');
    expect(text).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n/);
    expect(text).toContain('3 entries were displayed.\n');
    expect(text).not.toMatch(/EPIPE|Error/);
  });

  it('says so when the server goes away, and what was last known, until it is back', async () => {
    const screen = await terminals.open({ columns: 100, rows: 20, directory });
    const top = await terminals.open({ columns: 100, rows: 20, directory });
    await begin(screen, 'esplanade status -watch 1');
    await begin(top, 'esplanade top -interval 1');
    await screen.until(/Policies: 3 applied/);
    await top.until(/iscsi/);
    await server.kill();
    expect(await screen.until(/\nNot current since [^\n]*: /)).toContain('Policies: 3 applied');
    expect(await top.until(/\nNot current: /)).toContain('iscsi');
    server = await Esplanade.start({
      dataDirectory: join(directory, 'data'),
      flags: ['--listen', new URL(server.url).host],
    });
    await screen.until((text) => text.includes('Policies: 3 applied') && !text.includes('Not current'));
    await top.until(/\n3 IPsec SAs\ninbound [1-9][\s\S]*iscsi .* [1-9][\d.]* k?B\/s/);
    await screen.press('q');
    await top.press('q');
    await expectShell(screen, 0);
    await eventually('top ends', async () => !(await top.isFullScreen()));
  });
});
