import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LogRange, Write } from '../store.ts';
import { append, linkKey } from '../store-under-test.ts';
import { verifyLog } from '../verify-log.ts';
import { openDataDirectory, openWriteConnection } from './data-directory.ts';
import { DocumentWriter } from './document-writer.ts';
import { listDocuments } from './list-documents.ts';
import { readLogEntries, readLogHead } from './read-log.ts';
import { temporaryDirectory } from './temporary-directory.fixture.ts';

async function openWriter() {
  const directory = openDataDirectory(join(await temporaryDirectory(), 'data'));
  const database = openWriteConnection(directory.databasePath);
  onTestFinished(() => {
    database.close();
    directory.release();
  });
  const list = () => listDocuments(directory.databasePath, '', new AbortController().signal);
  const { databasePath } = directory;
  const store = {
    readLog: async (log: string, range: LogRange) => readLogEntries(databasePath, log, range),
    logHead: async (log: string) => readLogHead(databasePath, log),
  };
  const verify = () => verifyLog({ store, log: 'log', linkKey });
  return { database, writer: new DocumentWriter(database), list, verify };
}

function put(key: string, value: string): Write {
  return { kind: 'put', key, value, expect: { kind: 'any' } };
}

/** Lets the database file grow by so many pages and no more, as a full disk would. */
function limitGrowth(database: DatabaseSync, pages: number): void {
  const { page_count: count } = database.prepare('PRAGMA page_count').get() ?? {};
  database.exec(`PRAGMA max_page_count = ${Number(count) + pages}`);
}

const large = 'x'.repeat(200_000);

describe('DocumentWriter', () => {
  it('waits for the disk at every commit', async () => {
    const { database } = await openWriter();
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
  });

  it('gives each commit of a batch its revision and fails the conflicting one alone', async () => {
    const { writer, list } = await openWriter();
    const absent = { kind: 'absent' } as const;
    const outcomes = writer.commitAll([
      [put('a', '1')],
      [put('b', '1'), { kind: 'check', key: 'a', expect: absent }],
      [put('a', '2'), put('c', '1')],
    ]);
    expect(outcomes).toMatchObject([
      { kind: 'committed', commit: { revision: 1 } },
      { kind: 'conflict', key: 'a' },
      { kind: 'committed', commit: { revision: 2 } },
    ]);
    expect((await list()).documents.map(({ key, value }) => [key, value])).toEqual([
      ['a', '2'],
      ['c', '1'],
    ]);
  });

  it('writes nothing of a commit that does not fit on the disk, the others of its batch, and all once there is room', async () => {
    const { database, writer, list } = await openWriter();
    writer.commitAll([[put('before', large)]]);
    limitGrowth(database, 20);
    const outcomes = writer.commitAll([
      [put('a', 'small')],
      [put('b', 'small'), put('large', large)],
      [put('c', 'small')],
    ]);
    expect(outcomes).toMatchObject([
      { kind: 'committed', commit: { revision: 2 } },
      { kind: 'unavailable', reason: expect.stringMatching(/full/) },
      { kind: 'committed', commit: { revision: 3 } },
    ]);
    expect((await list()).documents.map(({ key }) => key)).toEqual(['a', 'before', 'c']);
    expect((await list()).revision).toBe(3);
    limitGrowth(database, 1_000);
    expect(writer.commitAll([[put('large', large)]])).toMatchObject([
      { kind: 'committed', commit: { revision: 4 } },
    ]);
  });

  it('refuses while the database is read-only, and goes on afterwards', async () => {
    const { database, writer, list } = await openWriter();
    database.exec('PRAGMA query_only = ON');
    expect(writer.commitAll([[put('a', '1')], [put('b', '1')]])).toMatchObject([
      { kind: 'unavailable', reason: expect.stringMatching(/readonly/) },
      { kind: 'unavailable' },
    ]);
    expect(await list()).toEqual({ documents: [], revision: 0 });
    database.exec('PRAGMA query_only = OFF');
    expect(writer.commitAll([[put('a', '1')]])).toMatchObject([
      { kind: 'committed', commit: { revision: 1 } },
    ]);
  });

  it('keeps a log whole through conflicts, a full disk and a read-only one', async () => {
    const { database, writer, verify } = await openWriter();
    const absent = { kind: 'absent' } as const;
    const taken: Write = { kind: 'check', key: 'before', expect: absent };
    writer.commitAll([[put('before', large), append('before')]]);
    expect(
      writer.commitAll([[append('one')], [append('never'), taken], [append('two'), append('three')]]),
    ).toMatchObject([{ kind: 'committed' }, { kind: 'conflict' }, { kind: 'committed' }]);
    limitGrowth(database, 20);
    expect(
      writer.commitAll([[append('four')], [append('never'), append(large)], [append('five')]]),
    ).toMatchObject([{ kind: 'committed' }, { kind: 'unavailable' }, { kind: 'committed' }]);
    limitGrowth(database, 1_000);
    database.exec('PRAGMA query_only = ON');
    expect(writer.commitAll([[append('never')]])).toMatchObject([{ kind: 'unavailable' }]);
    database.exec('PRAGMA query_only = OFF');
    writer.commitAll([[append('six')]]);
    const entries = readLogEntries(database.location() ?? '', 'log', { limit: 10 });
    expect(entries.map(({ entry }) => entry)).toEqual([
      'before',
      'one',
      'two',
      'three',
      'four',
      'five',
      'six',
    ]);
    expect(await verify()).toMatchObject({ kind: 'whole', head: { first: 1, last: 7 } });
  });
});
