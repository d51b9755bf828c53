import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestServer } from '@esplanade/server/testing';
import { describe, expect, it } from 'vitest';
import { localCommandEntries } from './local-commands.ts';
import { runLine } from './testing/run-line.ts';

const nowhere = join('/nonexistent', 'esplanade-data');

async function esplanade(...words: readonly string[]) {
  const { status, output, notes } = await runLine(localCommandEntries, words);
  return { status, stdout: output, stderr: notes };
}

describe('commands on this machine', () => {
  it.each([
    [['audit'], '  verify  Look whether the audit log is as it was written'],
    [['key'], '  retire  Take out the keys that nothing is sealed with any more'],
    [['backup'], 'esplanade backup '],
    [['serve'], '  -data-dir DIR '],
    [['serve'], '  -store embedded '],
  ])('have help in the tree of all: %j', async (words, line) => {
    const { status, stdout } = await esplanade(...words, '--help');
    expect(status).toBe(0);
    expect(stdout).toContain(line);
    expect(stdout).not.toContain('-profile');
  });

  it.each([
    [['backup', 'a', 'b'], '"b" is a word too many.'],
    [['restore', '--data-dir', nowhere], 'Missing: FILE.'],
    [['audit', 'verify', '--mark', '1:x'], '--mark: "1:x" is not INDEX:LINK, as a former run told it.'],
    [['key', 'rotat', 'now'], '"now" is a word too many.'],
    [['serve', '--log-level', 'loud'], '-log-level is one of fatal, error, warn, info, debug, trace'],
    [['serve', '--listne', 'x'], 'Did you mean -listen?'],
    [['serve', '--policies-per-svm=0'], '--policies-per-svm: "0" is not a number from 1'],
  ])('say of %j what is wrong, and do nothing', async (words, sentence) => {
    const { status, stdout, stderr } = await esplanade(...words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(sentence);
  });

  it.each([
    [['key', 'stat']],
    [['key', 'rotate']],
    [['key', 'retire']],
    [['back', join(nowhere, 'backup')]],
    [['backup', '-data-dir', nowhere, join(nowhere, 'backup')]],
    [['aud', 'ver']],
  ])('have one sentence for %j where there is no data', async (words) => {
    const given = words.includes('-data-dir') ? words : [...words, '--data-dir', nowhere];
    expect(await esplanade(...given)).toEqual({
      status: 1,
      stdout: '',
      stderr: `esplanade: there is no Esplanade data in ${nowhere}\n`,
    });
  });

  it('say why a file cannot be written, and not how they go about it', async () => {
    const server = await startTestServer();
    const path = join(nowhere, 'backup');
    expect(await esplanade('backup', path, '--data-dir', server.directory)).toEqual({
      status: 1,
      stdout: '',
      stderr: `esplanade: cannot write ${path}: no such file or directory\n`,
    });
    await server.close();
  });

  it('begin no step after Ctrl-C', async () => {
    const server = await startTestServer();
    const place = await mkdtemp(join(tmpdir(), 'esplanade-local-'));
    try {
      const words = ['backup', join(place, 'backup'), '--data-dir', server.directory];
      const interrupted = await runLine(localCommandEntries, words, { signal: AbortSignal.abort() });
      expect(interrupted).toMatchObject({ status: 130, output: '' });
      expect(await readdir(place)).toEqual([]);
    } finally {
      await rm(place, { recursive: true });
      await server.close();
    }
  });
});
