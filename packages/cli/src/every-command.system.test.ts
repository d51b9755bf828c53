import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SpawnedServer, spawnedPassword, startServer } from '../../server/src/testing/spawned-server.ts';
import { commandTable } from './command-table.ts';
import { execute } from './execute.ts';
import { exitStatus } from './exit-status.ts';
import { ca, story, storyFiles } from './testing/command-story.ts';
import { recordingTerminal } from './testing/recording-terminal.ts';
import { findCommand } from './words.ts';

describe('every command, against a live server', () => {
  let server: SpawnedServer;
  let directory: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'esplanade-cli-'));
    for (const [name, text] of Object.entries(storyFiles))
      writeFileSync(join(directory, name), text, { mode: 0o600 });
    server = await startServer(['--data-dir', join(directory, 'data'), '--datapath', 'simulated']);
  });
  afterAll(async () => {
    await server.end('SIGTERM');
    rmSync(directory, { recursive: true });
  });

  it.each(story.map((step, index) => ({ ...step, index })))('$line', async (step) => {
    const terminal = recordingTerminal({
      ...(step.answers !== undefined && { answers: step.answers }),
      ...(step.input !== undefined && { input: step.input }),
    });
    const status = await execute(wordsOf(step.line.replaceAll('FILES', directory)), {
      terminal,
      commands: commandTable,
      environment: {
        ESPLANADE_URL: server.url,
        ...(step.as === undefined
          ? { ESPLANADE_PASSWORD: spawnedPassword }
          : { ESPLANADE_USER: step.as, ESPLANADE_PASSWORD: storyFiles.password.trim() }),
        ESPLANADE_INSECURE: '1',
        XDG_CONFIG_HOME: directory,
      },
      signal: new AbortController().signal,
    });
    expect(terminal.notes).toMatch(step.fails?.saying ?? step.asks ?? /^$/);
    expect(status).toBe(step.fails?.status ?? exitStatus.done);
    expect(terminal.output).toMatch(step.shows);
  });

  it('installs with a certificate those of the CAs that stand behind it in its file', async () => {
    const path = '/api/security/certificates?name=own&fields=intermediate_certificates';
    const { body } = await server.ask('GET', path);
    const [{ intermediate_certificates: behind }] = body.records;
    expect(behind.map((pem: string) => pem.trim())).toEqual([ca.certificate.trim()]);
  });

  it('leaves none out', () => {
    const tried = story.map(({ line }) => {
      const found = findCommand(commandTable, wordsOf(line));
      return found.kind === 'command' ? found.entry.words.join(' ') : line;
    });
    const all = [...tried, ...Object.values(triedElsewhere).flat()];
    const shown = commandTable.map(({ words }) => words.join(' '));
    expect(shown.filter((command) => !all.includes(command))).toEqual([]);
  });

  it.each(Object.entries(triedElsewhere))('%s tries the rest', (file, commands) => {
    const text = readFileSync(join(import.meta.dirname, '../../..', file), 'utf8');
    for (const command of commands) for (const word of command.split(' ')) expect(text).toContain(word);
  });
});

/** Commands that need no server, or a terminal or a server of their own, by the file that tries them. */
const triedElsewhere: Readonly<Record<string, readonly string[]>> = {
  'packages/cli/src/commands/login.test.ts': [
    'login',
    'logout',
    'profile show',
    'profile use',
    'profile delete',
  ],
  'test/cli/completion.system.test.ts': ['completion'],
  'packages/cli/src/commands/simulator.test.ts': ['simulator up', 'simulator down', 'simulator rekey'],
  'packages/cli/src/top/top.test.ts': ['top'],
  'test/cli/shell.system.test.ts': ['shell'],
  'packages/server/src/first-password.system.test.ts': ['serve', 'admin reset-password'],
  'packages/server/src/settings.system.test.ts': ['datapath purge'],
  'packages/server/src/audit/audit-verify.system.test.ts': ['audit verify', 'backup', 'restore'],
  'test/robustness/key-rotation.system.test.ts': ['key status', 'key rotate', 'key retire'],
};

/** At spaces outside of double quotes, which are taken away. */
function wordsOf(line: string): readonly string[] {
  return (line.match(/(?:"[^"]*"|\S)+/g) ?? []).map((word) => word.replaceAll('"', ''));
}
