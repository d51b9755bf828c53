import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SpawnedServer, spawnedPassword, startServer } from '../../server/src/testing/spawned-server.ts';
import { commandTable } from './command-table.ts';
import { execute } from './execute.ts';
import { exitStatus } from './exit-status.ts';
import { storyFiles } from './testing/command-story.ts';
import { recordingTerminal } from './testing/recording-terminal.ts';

/** Commands whose examples make what those of others are about. */
const first = [
  'network ipspace create',
  'vserver create',
  'network interface create',
  'security certificate create',
  'security certificate install',
  'security certificate sign',
  'security certificate revocation-list create',
  'security ipsec ca-certificate add',
  'security login rest-role create',
  'security login create',
  'security ipsec config modify',
  'security ipsec policy create',
  'simulator up',
  'simulator rekey',
  'simulator down',
  'cluster log-forwarding create',
];

/** Commands whose examples take it away again. */
const last = [
  'vserver rename',
  'network interface rename',
  'simulator fault delete',
  'simulator reset',
  'security ipsec policy delete',
  'security ipsec ca-certificate remove',
  'security certificate revocation-list delete',
  'security certificate delete',
  'security login delete',
  'security login rest-role delete',
  'network interface delete',
  'vserver delete',
  'network ipspace delete',
  'cluster log-forwarding delete',
];

/** Of a terminal, of the shell that starts it, of profiles and of the server's own machine. */
const elsewhere =
  /^(login|logout|profile|shell|completion|top|serve|backup|restore|key|audit|admin|datapath purge)\b/;

/** What the files hold that examples name. */
const files: Readonly<Record<string, string>> = {
  'coast.crt': storyFiles['own.crt'],
  'coast.key': storyFiles['own.key'],
  'ca.crt': storyFiles['ca.crt'],
  'ca.crl': storyFiles['two.crl'],
  'client.csr': storyFiles['other.csr'],
  'smb.key': storyFiles.key,
  'sas.json': '{"security_associations": []}',
};

const key = 'a key of at least 18 characters';
const password = 'of nobody at all 2';

/** What whoever types the command is asked. */
const answers: Readonly<Record<string, readonly string[]>> = {
  'security ipsec policy create': [key, key],
  'security ipsec policy modify': [`${key} 2`, `${key} 2`],
  'security ipsec policy delete': ['y'],
  'security login create': [password, password],
  'security login password': [`${password} 3`, `${password} 3`],
};

/** Examples of commands that ask the server, as one after the other can be typed. */
const entries = commandTable
  .filter(({ words }) => !elsewhere.test(words.join(' ')))
  .map((entry) => ({ entry, name: entry.words.join(' ') }));
const inOrder = [
  ...first.flatMap((name) => entries.filter((each) => each.name === name)),
  ...entries.filter(({ name }) => !first.includes(name) && !last.includes(name)),
  ...last.flatMap((name) => entries.filter((each) => each.name === name)),
];
const examples = (
  await Promise.all(
    inOrder.map(async ({ entry, name }) => (await entry.load()).examples.map(({ line }) => ({ line, name }))),
  )
).flat();

describe('the examples of the help, one after the other', () => {
  let server: SpawnedServer;
  let directory: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'esplanade-cli-'));
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(directory, name), text, { mode: 0o600 });
    server = await startServer(['--data-dir', join(directory, 'data'), '--datapath', 'simulated']);
  });
  afterAll(async () => {
    await server.end('SIGTERM');
    rmSync(directory, { recursive: true });
  });

  it.each(examples)('$line', async ({ line, name }) => {
    const terminal = recordingTerminal({
      columns: 100,
      answers: answers[name] ?? [],
      input: `${password} 4\n`,
    });
    const status = await execute(here(wordsOf(line), directory), {
      terminal,
      commands: commandTable,
      environment: {
        ESPLANADE_URL: server.url,
        ESPLANADE_PASSWORD: spawnedPassword,
        ESPLANADE_INSECURE: '1',
        XDG_CONFIG_HOME: directory,
      },
      signal: new AbortController().signal,
    });
    expect(status, terminal.notes).toBe(exitStatus.done);
  });
});

/** At spaces outside of quotes, which are taken away. */
function wordsOf(line: string): readonly string[] {
  return (line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) => word.replaceAll(/["']/g, ''));
}

/** The line as it can be tried here: with files, once, and where the receiver's name is that of nobody. */
function here(words: readonly string[], directory: string): readonly string[] {
  const watch = words.indexOf('-watch');
  const once = watch === -1 ? words : words.slice(0, watch);
  const named = once.map((word) => (word in files ? join(directory, word) : word));
  return words.includes('log.example.org') ? [...named, '-force'] : named;
}
