import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { append, linkKey } from '../store-under-test.ts';
import { verifyLog, verifyLogEnds } from '../verify-log.ts';
import { openDataDirectory, openWriteConnection } from './data-directory.ts';
import { DocumentWriter } from './document-writer.ts';
import { openEmbeddedStore } from './embedded-store.ts';
import { openEmbeddedReader } from './store-reader.ts';
import { temporaryDirectory } from './temporary-directory.fixture.ts';

let template: string;
beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'esplanade-store-'));
  const store = await openEmbeddedStore({ directory });
  for (let index = 1; index <= 10; index += 1) await store.commit([append(`entry ${index}`)]);
  for (let index = 1; index <= 5; index += 1) await store.commit([append(`entry ${index}`, 'other')]);
  await store.commit([{ kind: 'trim', log: 'log', before: 4 }, append('trimmed before 4')]);
  await store.close();
  template = directory;
});
afterAll(() => rm(template, { recursive: true }));

/** Entries 4 to 11 of `log`, entries 1 to 5 of `other`, both with one key; nobody has it open. */
async function makeLogs(): Promise<string> {
  const directory = await temporaryDirectory();
  await cp(template, directory, { recursive: true });
  return directory;
}

function execute(directory: string, statements: string): void {
  const database = new DatabaseSync(join(directory, 'store.db'), { timeout: 5_000 });
  database.exec(statements);
  database.close();
}

function verify(directory: string, log = 'log') {
  return verifyLog({ store: openEmbeddedReader(directory), log, linkKey });
}

/** What a server writes that starts on the directory and stops again: its log is there, it does not begin one. */
function writeOn(directory: string, ...entries: readonly string[]): void {
  const { databasePath, release } = openDataDirectory(directory);
  const database = openWriteConnection(databasePath);
  const writer = new DocumentWriter(database);
  for (const entry of entries) {
    const { begins: _, ...later } = append(entry);
    expect(writer.commitAll([[later]])).toMatchObject([{ kind: 'committed' }]);
  }
  database.close();
  release();
}

const at = (position: number, log = 'log') => `log = '${log}' AND position = ${position}`;
const head = "name = 'log'";

/** What somebody who may write the file, but has not the key, can do; and at which entry it shows. */
const attacks: readonly (readonly [string, string, number])[] = [
  ['an entry altered', `UPDATE log_entries SET entry = 'entry 70' WHERE ${at(7)}`, 7],
  ['one letter added', `UPDATE log_entries SET entry = entry || ' ' WHERE ${at(7)}`, 7],
  ['the oldest entry altered', `UPDATE log_entries SET entry = 'nothing' WHERE ${at(4)}`, 4],
  ['the newest entry altered', `UPDATE log_entries SET entry = 'nothing' WHERE ${at(11)}`, 11],
  ['a link altered', `UPDATE log_entries SET link = zeroblob(32) WHERE ${at(7)}`, 7],
  ['a link of another size', `UPDATE log_entries SET link = x'00' WHERE ${at(7)}`, 7],
  ['an entry removed', `DELETE FROM log_entries WHERE ${at(7)}`, 7],
  ['several entries removed', "DELETE FROM log_entries WHERE log = 'log' AND position BETWEEN 6 AND 9", 6],
  [
    'an entry removed and the later ones moved up',
    `DELETE FROM log_entries WHERE ${at(7)};
     UPDATE log_entries SET position = position - 1 WHERE log = 'log' AND position > 7;`,
    7,
  ],
  [
    'two entries in each other’s place, links and all',
    `UPDATE log_entries SET position = 0 WHERE ${at(6)}; UPDATE log_entries SET position = 6 WHERE ${at(7)};
     UPDATE log_entries SET position = 7 WHERE ${at(0)};`,
    6,
  ],
  [
    'two texts in each other’s place',
    `UPDATE log_entries SET entry = iif(position = 6, 'entry 7', 'entry 6') WHERE log = 'log' AND position IN (6, 7)`,
    6,
  ],
  [
    'an entry of another log in the place of one with the same number and text',
    `DELETE FROM log_entries WHERE ${at(5)}; UPDATE log_entries SET log = 'log' WHERE ${at(5, 'other')};`,
    5,
  ],
  [
    'another log in its place, head and all',
    `DELETE FROM log_entries WHERE log = 'log'; UPDATE log_entries SET log = 'log' WHERE log = 'other';
     DELETE FROM logs WHERE ${head}; UPDATE logs SET name = 'log' WHERE name = 'other';`,
    5,
  ],
  [
    'an earlier entry twice',
    `UPDATE log_entries SET (entry, link) = (SELECT entry, link FROM log_entries WHERE ${at(5)}) WHERE ${at(8)}`,
    8,
  ],
  [
    'an entry put in behind the end',
    "INSERT INTO log_entries VALUES ('log', 12, 'forged', zeroblob(32))",
    12,
  ],
  [
    'an entry put in far behind the end',
    "INSERT INTO log_entries VALUES ('log', 1000, 'forged', zeroblob(32))",
    12,
  ],
  [
    'an entry put in before the beginning',
    "INSERT INTO log_entries VALUES ('log', 2, 'forged', zeroblob(32))",
    2,
  ],
  [
    'an entry put in before the beginning of all numbers',
    "INSERT INTO log_entries VALUES ('log', 0, 'forged', zeroblob(32))",
    0,
  ],
  [
    'an entry put in before the beginning, below all numbers',
    "INSERT INTO log_entries VALUES ('log', -9223372036854775808, 'forged', zeroblob(32))",
    -Number.MAX_SAFE_INTEGER,
  ],
  [
    'an entry put in behind the end, beyond all numbers',
    "INSERT INTO log_entries VALUES ('log', 9223372036854775807, 'forged', zeroblob(32))",
    12,
  ],
  ['the newest entry cut off', `DELETE FROM log_entries WHERE ${at(11)}`, 11],
  ['the end cut off', "DELETE FROM log_entries WHERE log = 'log' AND position > 8", 9],
  [
    'the end cut off, and the head told so',
    `DELETE FROM log_entries WHERE log = 'log' AND position > 8;
     UPDATE logs SET last = 8, link = (SELECT link FROM log_entries WHERE ${at(8)}) WHERE ${head};`,
    8,
  ],
  [
    'the end cut off, and the link of the new end put for a seal',
    `DELETE FROM log_entries WHERE log = 'log' AND position > 8;
     UPDATE logs SET last = 8, link = (SELECT link FROM log_entries WHERE ${at(8)}),
       seal = (SELECT link FROM log_entries WHERE ${at(8)}) WHERE ${head};`,
    8,
  ],
  ['the beginning cut off', "DELETE FROM log_entries WHERE log = 'log' AND position < 6", 4],
  [
    'the beginning cut off, and the head told so',
    `UPDATE logs SET first = 6, base = (SELECT link FROM log_entries WHERE ${at(5)}) WHERE ${head};
     DELETE FROM log_entries WHERE log = 'log' AND position < 6;`,
    11,
  ],
  ['the count of the head altered', `UPDATE logs SET last = 12 WHERE ${head}`, 12],
  [
    'a head with numbers beyond all',
    `UPDATE logs SET last = 9223372036854775807, first = -9223372036854775808 WHERE ${head}`,
    Number.MAX_SAFE_INTEGER,
  ],
  ['the size in the head altered', `UPDATE logs SET bytes = 1000000000 WHERE ${head}`, 11],
  ['the head removed', `DELETE FROM logs WHERE ${head}`, 1],
  ['all entries removed', "DELETE FROM log_entries WHERE log = 'log'", 4],
  ['the whole log removed', `DELETE FROM log_entries WHERE log = 'log'; DELETE FROM logs WHERE ${head};`, 1],
];

/** Those that a look at both ends finds. */
const atItsEnds = /oldest|newest|beginning|end|head|all entries|whole log|moved up/;

describe('a log in a real file', () => {
  it('is whole as its engine left it, also to one who reads it while a server runs', async () => {
    const directory = await makeLogs();
    expect(await verify(directory)).toMatchObject({ kind: 'whole', head: { first: 4, last: 11 } });
    const store = await openEmbeddedStore({ directory });
    await store.commit([append('more')]);
    expect(await verify(directory)).toMatchObject({ kind: 'whole', head: { first: 4, last: 12 } });
    await store.close();
    expect(await verify(directory, 'other')).toMatchObject({ kind: 'whole', head: { first: 1, last: 5 } });
  });

  // A writer that took what it finds for the truth would hide the attack with its next entry.
  it.each(attacks)('shows %s, also after a server wrote on', async (name, statements, index) => {
    const directory = await makeLogs();
    execute(directory, statements);
    expect(await verify(directory)).toMatchObject({ kind: 'broken', index });
    const ends = await verifyLogEnds({ store: openEmbeddedReader(directory), log: 'log', linkKey });
    expect(ends.kind).toBe(atItsEnds.test(name) ? 'broken' : 'whole');
    writeOn(directory, 'later', 'later still');
    expect(await verify(directory)).toMatchObject({ kind: 'broken' });
  });
});

describe('a log that is put back as a whole to what it once was', () => {
  const forget = `DELETE FROM log_entries WHERE log = 'log'; DELETE FROM logs WHERE ${head};`;
  const putBack = () => `
    ATTACH '${join(template, 'store.db')}' AS copy; ${forget}
    INSERT INTO log_entries SELECT * FROM copy.log_entries WHERE log = 'log';
    INSERT INTO logs SELECT * FROM copy.logs WHERE ${head};`;

  it('shows only by an entry that was noted elsewhere', async () => {
    const directory = await makeLogs();
    writeOn(directory, 'later', 'later still');
    const reader = openEmbeddedReader(directory);
    const [noted] = await reader.readLog('log', { limit: 1, order: 'newest-first' });
    if (noted === undefined) throw new Error('entries were written');
    execute(directory, putBack());
    expect(await verifyLog({ store: reader, log: 'log', linkKey })).toMatchObject({ kind: 'whole' });
    const marks = [noted];
    expect(await verifyLog({ store: reader, log: 'log', linkKey, marks })).toMatchObject({
      kind: 'broken',
      index: 12,
    });
    writeOn(directory, 'what did not happen', 'nor this');
    expect(await verifyLog({ store: reader, log: 'log', linkKey, marks })).toMatchObject({
      kind: 'broken',
      index: 13,
    });
  });

  it('shows for ever when a server ran meanwhile', async () => {
    const directory = await makeLogs();
    const store = await openEmbeddedStore({ directory });
    await store.commit([append('more')]);
    execute(directory, putBack());
    await store.commit([append('and more')]);
    expect(await verify(directory)).toMatchObject({ kind: 'broken', index: 12 });
    await store.close();
    writeOn(directory, 'later');
    expect(await verify(directory)).toMatchObject({ kind: 'broken', index: 12 });
  });

  it('shows when a server wrote on after another log was deleted', async () => {
    const directory = await makeLogs();
    const store = await openEmbeddedStore({ directory });
    await store.commit([append('more')]);
    execute(directory, forget);
    await store.commit([append('and more')]);
    await store.close();
    expect(await verify(directory)).toMatchObject({ kind: 'broken', index: 1 });
  });
});
