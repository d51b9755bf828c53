import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, type SpawnedServer, startServer } from '../testing/spawned-server.ts';

let directory: string;
let data: string;
let server: SpawnedServer;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'esplanade-audit-'));
  data = join(directory, 'data');
  server = await startServer(['--data-dir', data, '--datapath', 'simulated']);
});
afterAll(async () => {
  await server.end('SIGKILL');
  rmSync(directory, { recursive: true });
});

const verify = (dataDirectory: string, ...args: readonly string[]) =>
  run(['audit', 'verify', '--data-dir', dataDirectory, ...args]);

/** A copy of the stopped server's data, in which somebody has done something. */
function tampered(name: string, statement: string): string {
  const copy = join(directory, name);
  cpSync(data, copy, { recursive: true });
  const database = new DatabaseSync(join(copy, 'store.db'));
  database.exec(statement);
  database.close();
  return copy;
}

describe('esplanade audit verify', () => {
  it('finds the log whole while a server writes on', async () => {
    const writing = Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        server.ask('POST', '/api/svm/svms', { name: `tenant${index}` }),
      ),
    );
    const during = await verify(data);
    expect(during).toMatchObject({ status: 0, stderr: '' });
    for (const { status } of await writing) expect(status).toBe(201);
    expect((await verify(data)).stdout).toMatch(
      /^The audit log is whole: \d{2,} entries, 1 \(\S+Z\) to \d+ \(\S+Z\)\.\nIts end: --mark \d+:[0-9a-f]{64}\n$/,
    );
  });

  it('finds it whole after the end, with what was noted before, and in a restored backup', async () => {
    const [, mark = ''] = /--mark (\S+)/.exec((await verify(data)).stdout) ?? [];
    await server.end('SIGTERM');
    expect(await verify(data, '--mark', mark)).toMatchObject({ status: 0 });
    const [backup, restored] = [join(directory, 'backup'), join(directory, 'restored')];
    const keyFile = ['--key-file', join(data, 'secrets.key')];
    expect(await run(['backup', backup, '--data-dir', data])).toMatchObject({ status: 0 });
    expect(await run(['restore', backup, '--data-dir', restored, ...keyFile])).toMatchObject({ status: 0 });
    expect(await verify(restored, '--mark', mark, ...keyFile)).toMatchObject({ status: 0 });
  });

  it('ends with 1 and says what is wrong with which entry', async () => {
    const altered = tampered(
      'altered',
      "UPDATE log_entries SET entry = replace(entry, 'success', 'failure') WHERE position = 5",
    );
    expect(await verify(altered)).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'esplanade: the audit log is broken at entry 5: it was altered, or does not follow the one before it: something was altered, removed, moved or put in there\n',
    });
    const removed = tampered('removed', 'DELETE FROM log_entries WHERE position = 7');
    expect(await verify(removed)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('entry 7: it is missing'),
    });
    const [, mark = ''] = /--mark (\S+)/.exec((await verify(data)).stdout) ?? [];
    const later = mark.replace(/^\d+/, '999999');
    expect(await verify(data, '--mark', later)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('entry 999999 was noted once'),
    });
  });

  it('says what it cannot do', async () => {
    expect(await verify(join(directory, 'nowhere'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('there is no Esplanade data'),
    });
    const keyFile = join(directory, 'other.key');
    writeFileSync(keyFile, `0000aaaa ${Buffer.alloc(32).toString('base64')}\n`, { mode: 0o600 });
    expect(await verify(data, '--key-file', keyFile)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('does not belong to this data'),
    });
    expect(await verify(data, '--mark', '1:abc')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is not INDEX:LINK'),
    });
  });
});
