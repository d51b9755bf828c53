import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { Document, Listing } from '../store.ts';
import { verifyLog } from '../verify-log.ts';
import { openEmbeddedStore } from './embedded-store.ts';
import { temporaryDirectory } from './temporary-directory.fixture.ts';

const rounds = Number(
  process.env['ESPLANADE_ROUNDS'] ?? (process.env['ESPLANADE_CAMPAIGN'] === 'full' ? 50 : 10),
);
const seed = Number(process.env['ESPLANADE_SEED'] ?? Date.now() % 1_000_000);
const writers = 8;

/** The commits a process acknowledged before it was killed: the last number of each writer, and the newest revision. */
interface Acknowledged {
  readonly last: ReadonlyMap<number, number>;
  readonly count: number;
  readonly revision: number;
}

it(`keeps every acknowledged commit whole through ${rounds} SIGKILLs`, {
  timeout: rounds * 30_000,
}, async () => {
  const directory = await temporaryDirectory();
  const random = randomFrom(seed);
  const history: Acknowledged[] = [];
  let unacknowledged = 0;
  for (let round = 0; round < rounds; round += 1) {
    history.push(await writeUntilKilled(directory, round, random));
    const { listing, entries } = await readReopened(directory);
    const byWriter = Map.groupBy(listing.documents, ({ key }) => key.split('/', 2).join('/'));
    unacknowledged = history
      .map((acknowledged, index) => beyond(byWriter, index, acknowledged))
      .reduce(sum, 0);
    expectEntryOfEachCommit(entries, byWriter);
    expect(listing.revision).toBeGreaterThanOrEqual(history.at(-1)?.revision ?? 0);
  }
  const acknowledged = history.map(({ count }) => count).reduce(sum, 0);
  console.info(
    `durability: ${rounds} SIGKILLs, ${writers} writers, ${acknowledged} acknowledged commits, all there and whole, each with its entry in an unbroken log; ${unacknowledged} more had reached the disk unacknowledged; seed ${seed}`,
  );
  expect(acknowledged).toBeGreaterThanOrEqual(rounds * fewestAcknowledged);
});

const fewestAcknowledged = 40;

/** Kills the writers' process at a random moment after a random number of acknowledgements. */
async function writeUntilKilled(
  directory: string,
  round: number,
  random: () => number,
): Promise<Acknowledged> {
  const script = fileURLToPath(new URL('durability-writers.fixture.ts', import.meta.url));
  const child = spawn(process.execPath, [script, directory, `${round}`, `${writers}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const killAfter = fewestAcknowledged + Math.floor(random() * 160);
  const killDelayMilliseconds = random() * 10;
  const last = new Map<number, number>();
  let count = 0;
  let revision = 0;
  for await (const line of createInterface(child.stdout)) {
    const [writer = 0, number = 0, at = 0] = line.split(' ').map(Number);
    last.set(writer, number);
    revision = Math.max(revision, at);
    count += 1;
    if (count === killAfter) setTimeout(() => child.kill('SIGKILL'), killDelayMilliseconds);
  }
  const [, signal] = await exited;
  expect(signal).toBe('SIGKILL');
  return { last, count, revision };
}

async function readReopened(directory: string): Promise<{ listing: Listing; entries: readonly string[] }> {
  const store = await openEmbeddedStore({ directory });
  const listing = await store.list('');
  expect(await verifyLog({ store, log: 'log', linkKey: new Uint8Array(32) })).toMatchObject({
    kind: 'whole',
  });
  const entries = await store.readLog('log', { limit: 1_000_000 });
  await store.close();
  const database = new DatabaseSync(join(directory, 'store.db'), { readOnly: true });
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  database.close();
  return { listing, entries: entries.map(({ entry }) => entry) };
}

type DocumentsByWriter = ReadonlyMap<string, readonly Document[]>;

/** Holds the documents against what was acknowledged in a round; returns how many commits it has beyond that. */
function beyond(byWriter: DocumentsByWriter, round: number, { last }: Acknowledged): number {
  return Array.from({ length: writers }, (_, writer) => {
    const path = `${round}/${writer}`;
    const acknowledged = last.get(writer) ?? -1;
    const documents = byWriter.get(path) ?? [];
    const byKey = new Map(documents.map((document) => [document.key, document]));
    const reached = Number(byKey.get(`${path}/last`)?.value ?? -1);
    // A writer waits for each answer before it goes on: at most one commit of its own can be unacknowledged.
    expect(reached - acknowledged, `commits of ${path} beyond the acknowledged ones`).toBeOneOf([0, 1]);
    expect(documents).toHaveLength(reached < 0 ? 0 : 2 * (reached + 1) + 1);
    for (let number = 0; number <= reached; number += 1) {
      expectWhole(
        byKey.get(`${path}/${number}/first`),
        byKey.get(`${path}/${number}/second`),
        `${round} ${writer} ${number} `,
      );
    }
    return reached - acknowledged;
  }).reduce(sum, 0);
}

/** The log has one entry of each commit on disk, acknowledged or not, and none of any other. */
function expectEntryOfEachCommit(entries: readonly string[], byWriter: DocumentsByWriter): void {
  const commits = [...byWriter.values()]
    .flat()
    .flatMap(({ key }) => (key.endsWith('/first') ? [key.split('/').slice(0, 3).join(' ')] : []));
  expect(entries.toSorted()).toEqual(commits.toSorted());
}

function expectWhole(first: Document | undefined, second: Document | undefined, start: string): void {
  const number = Number(start.trim().split(' ').at(-1));
  const value = start.padEnd(10 ** (number % 5), '.');
  expect(first?.value === value && second?.value === value, `commit ${start}has both halves`).toBe(true);
  expect(first?.modified).toBe(second?.modified);
}

function sum(a: number, b: number): number {
  return a + b;
}

/** Mulberry32: the same seed gives the same moments to kill at. */
function randomFrom(state: number): () => number {
  let current = state;
  return () => {
    current = (current + 0x6d2b79f5) | 0;
    let mixed = Math.imul(current ^ (current >>> 15), 1 | current);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
