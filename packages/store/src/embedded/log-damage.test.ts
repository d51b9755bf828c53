import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { StoreOpenError } from '../errors.ts';
import { append, linkKey } from '../store-under-test.ts';
import { type LogVerdict, verifyLog } from '../verify-log.ts';
import { openDataDirectory, openWriteConnection } from './data-directory.ts';
import { DocumentWriter } from './document-writer.ts';
import { openEmbeddedReader, type StoreReader } from './store-reader.ts';
import { temporaryDirectory } from './temporary-directory.fixture.ts';

const rounds = process.env['ESPLANADE_CAMPAIGN'] === 'full' ? 10_000 : 150;
const lastEntry = 40;

/** The file of a database with one log, which nobody has open. */
function makeFile(directory: string): Buffer {
  const { databasePath, release } = openDataDirectory(directory);
  const database = openWriteConnection(databasePath);
  const writer = new DocumentWriter(database);
  for (let index = 1; index <= lastEntry; index += 1)
    writer.commitAll([[append(`entry ${index} `.repeat(30))]]);
  database.close();
  release();
  return readFileSync(databasePath);
}

it(`shows a log that differs by one bit, wherever in the file it is (${rounds} bits)`, {
  timeout: rounds * 200,
}, async () => {
  const directory = await temporaryDirectory();
  const file = makeFile(join(directory, 'whole'));
  const found = { whole: 0, broken: 0, unreadable: 0 };
  let entries: unknown;
  for (let round = 0; round <= rounds; round += 1) {
    const damaged = Buffer.from(file);
    const [place, bit] = [randomInt(file.length), randomInt(8)];
    // The first round holds the file as it is.
    if (round > 0) damaged.writeUInt8(damaged.readUInt8(place) ^ (1 << bit), place);
    const path = join(directory, `${round}`);
    mkdirSync(path);
    writeFileSync(join(path, 'store.db'), damaged, { flag: 'wx' });
    const { kind, log } = await look(path);
    rmSync(path, { recursive: true });
    if (round === 0) {
      expect(kind).toBe('whole');
      entries = log;
      continue;
    }
    found[kind] += 1;
    // Much of a file means nothing to the log: room that is free, or what other tables hold.
    if (kind === 'whole') expect(log, `bit ${bit} of byte ${place}`).toEqual(entries);
  }
  console.info(
    `log damage: ${rounds} files with one bit changed; ${found.broken} logs broken, ${found.unreadable} unreadable, ${found.whole} as they were; 0 altered unseen`,
  );
  expect(found.broken).toBeGreaterThan(rounds / 10);
});

async function look(directory: string): Promise<{ kind: LogVerdict['kind'] | 'unreadable'; log?: unknown }> {
  try {
    const store: StoreReader = openEmbeddedReader(directory);
    const { kind } = await verifyLog({ store, log: 'log', linkKey });
    return { kind, log: kind === 'whole' ? await store.readLog('log', { limit: 1_000 }) : undefined };
  } catch (error) {
    if (error instanceof StoreOpenError) return { kind: 'unreadable' };
    throw error;
  }
}
