import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { Esplanade, launcher, testPassword } from '../support/esplanade.ts';
import { type Screen, Terminals } from '../support/terminal.ts';

/** Names that a shell takes for more than text, each found by its beginning. */
const names = ['nfs home', "it's", 'dollar$x', '2001:db8::1', '~tilde'];

/** Names that queries take for more than text. */
const queries = ['every*', 'quoted"q"', 'braced{x}'];

/** How the shells are started without what belongs to this machine, and told of our completion. */
const shells = {
  bash: { command: ['bash', '--norc', '-i'], load: 'source <(esplanade completion bash)' },
  zsh: {
    command: ['zsh', '-f', '-i'],
    load: 'autoload -U compinit; compinit -D; source <(esplanade completion zsh)',
  },
  fish: { command: ['fish', '-i', '--no-config'], load: 'esplanade completion fish | source' },
} as const;

let directory: string;
let server: Esplanade;
let terminals: Terminals;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'esplanade-completion-'));
  await mkdir(join(directory, 'bin'));
  await mkdir(join(directory, 'home'));
  await symlink(launcher, join(directory, 'bin/esplanade'));
  server = await Esplanade.start({
    dataDirectory: join(directory, 'data'),
    flags: ['--datapath', 'simulated'],
  });
  for (const [index, name] of [...names, ...queries].entries()) {
    const { status } = await server.call('POST', '/api/security/ipsec/policies', {
      name,
      svm: { name: 'svm1' },
      action: 'bypass',
      local_endpoint: { address: '192.0.2.1', netmask: '32' },
      remote_endpoint: { address: `198.51.100.${index + 1}`, netmask: '32' },
    });
    expect(status).toBe(201);
  }
  terminals = await Terminals.start({
    PATH: `${join(directory, 'bin')}:${process.env['PATH']}`,
    HOME: join(directory, 'home'),
    PS1: '% ',
    ESPLANADE_URL: server.url,
    ESPLANADE_USER: 'admin',
    ESPLANADE_PASSWORD: testPassword,
    ESPLANADE_INSECURE: '1',
  });
});

afterAll(async () => {
  await terminals?.end();
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

describe.each(Object.entries(shells))('completion in %s', (_, { command, load }) => {
  let screen: Screen;

  beforeAll(async () => {
    screen = await terminals.open({ command, columns: 120, rows: 40 });
    await enter(screen, `${load}; echo is-lo''aded`);
    await screen.until(/^is-loaded$/m);
  });

  it('completes words, parameters and names of the server to a line that runs', async () => {
    await screen.type('esplanade sec');
    await complete(screen, /esplanade security $|esplanade security$/m);
    await screen.type('ips');
    await complete(screen, /ipsec/);
    await screen.type('pol');
    await complete(screen, /ipsec policy/);
    await screen.type('sh');
    await complete(screen, /policy show/);
    await screen.type('-na');
    await complete(screen, /show -name/);
    await screen.type('nf');
    await complete(screen, /nfs.*home/);
    await enter(screen, ' -fields name --csv');
    await screen.until(/^svm1,nfs home$/m);
  });

  it.each(names)('gives back %s as it is', async (name) => {
    await screen.press('C-l');
    const start = /^[~#]/.test(name) ? `\\${name.charAt(0)}` : name.slice(0, 3);
    await screen.type(`esplanade security ipsec policy show -name ${start}`);
    await complete(screen, (text) => text.includes(name.slice(-2)));
    await enter(screen, ' -fields name --csv');
    await screen.until((text) => text.split('\n').includes(`svm1,${name}`));
  });

  it('lists what there is with what it is', async () => {
    await screen.press('C-u', 'C-l');
    await screen.type('esplanade key ');
    await screen.press('Tab', 'Tab');
    const text = await screen.until(/status/);
    expect(text).toMatch(/rotate .*Put a new key before the others/);
    await screen.press('C-u');
  });

  it('completes files where a file is wanted', async () => {
    await writeFile(join(directory, 'home/a key.txt'), 'x');
    await screen.press('C-u', 'C-l');
    await screen.type(`esplanade restore ${directory}/ho`);
    await complete(screen, /\/home\//);
    await screen.press('C-u');
  });
});

it.each(queries)('a name that is a query is completed to the query for itself: %s', async (name) => {
  const { command, load } = shells.bash;
  const screen = await terminals.open({ command, columns: 120, rows: 40 });
  await enter(screen, `${load}; echo is-lo''aded`);
  await screen.until(/^is-loaded$/m);
  await screen.type(`esplanade security ipsec policy delete -name ${name.slice(0, 3)}`);
  await complete(screen, (text) => text.includes(name.slice(3, 5)));
  await enter(screen, '');
  await screen.until((text) => text.split('\n').includes(`The policy "${name}" was deleted.`));
});

it('says nothing and asks nothing when the server is away', async () => {
  const environment = {
    ESPLANADE_URL: 'https://127.0.0.1:1',
    ESPLANADE_USER: 'admin',
    ESPLANADE_PASSWORD: 'x',
  };
  const { stdout } = await runCommand(
    launcher,
    ['__complete', 'zsh', '', 'security', 'ipsec', 'policy', 'show', '-name'],
    { environment },
  );
  expect(stdout).toBe('words\n');
});

async function enter(screen: Screen, line: string): Promise<void> {
  await screen.type(line);
  await screen.press('Enter');
}

async function complete(screen: Screen, wanted: RegExp | ((text: string) => boolean)): Promise<void> {
  await screen.press('Tab');
  await screen.until(wanted);
}
