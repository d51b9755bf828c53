import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditWitness } from './audit-witness.ts';
import { type CommitPoint, type Fate, fateOf, pointsOf, WatchedServer } from './commit-points.ts';
import { commitSteps } from './commit-steps.ts';
import { isFullCampaign, seedOf } from './rounds.ts';
import { SeededRandom } from './seeded-random.ts';
import { writeKinds } from './write-kinds.ts';

const seed = seedOf();
/** Of some hundred points `npm test` takes these and so many more. */
const alwaysTaken = ['store writer: COMMIT', 'store writer: the outcome is sent back'];
const drawnPoints = 3;

describe('the server, killed at every step of a write', () => {
  let directory: string;
  let server: WatchedServer;
  let points: readonly CommitPoint[] = [];
  /** Of the write that is prepared next: nothing is prepared twice, not even by a second try. */
  let number = 0;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-points-'));
    server = await WatchedServer.start(directory);
    await server.client.call('PATCH', '/api/security/ipsec', { enabled: true });
  });

  afterAll(async () => {
    await server?.stop();
    await rm(directory, { recursive: true });
  });

  it('knows every step that writes of all kinds take, and none that they do not', async () => {
    points = [];
    for (const kind of writeKinds) {
      number += 1;
      const write = await kind.prepare(server.client, number);
      points = [...points, ...pointsOf(kind, await server.record(write))];
      expect(await write.look(server.client), kind.name).toBe(write.after);
    }
    expect([...new Set(points.map(({ step }) => step))].sort()).toEqual([...commitSteps].sort());
  });

  it('ends by itself when it can save nothing any more, so that it is started anew', async () => {
    number += 1;
    const [kind] = writeKinds;
    const write = await kind.prepare(server.client, number);
    expect(await server.failWriter(write)).toBe(503);
    server = await WatchedServer.start(directory);
    expect(await fateOf(write, false, server.client)).toBe('absent');
  });

  it('loses nothing acknowledged and keeps nothing by halves', { timeout: 7_200_000 }, async () => {
    const taken = isFullCampaign() ? points : share(points);
    const fates: Record<Fate, number> = { kept: 0, absent: 0, 'some commits': 0 };
    const faults: string[] = [];
    const witness = new AuditWitness();
    let acknowledged = 0;
    let passedBy = 0;
    let entries = 0;
    for (const point of taken) {
      number += 1;
      const write = await point.kind.prepare(server.client, number);
      const end = await server.killAt(point, write);
      if (end === 'passed by') {
        passedBy += 1;
        expect(await fateOf(write, true, server.client)).toBe('kept');
        continue;
      }
      const isAcknowledged = end === 'acknowledged';
      if (isAcknowledged) acknowledged += 1;
      entries = await witness.look(directory);
      server = await WatchedServer.start(directory);
      try {
        fates[await fateOf(write, isAcknowledged, server.client)] += 1;
      } catch (error) {
        faults.push(`${point.kind.name}, ${point.step} (${point.occurrence}): ${error}`);
      }
    }
    console.info(
      `steps of a commit: killed at ${taken.length - passedBy} of ${points.length} points, ${commitSteps.length} steps of ${writeKinds.length} kinds of writes; ${acknowledged} acknowledged before, ${fates.kept} wholly there, ${fates.absent} not at all, ${fates['some commits']} requests of several commits ended between two; audit log whole each time, ${entries} entries; ${faults.length} faults; seed ${seed}`,
    );
    expect(faults).toEqual([]);
    expect(taken.length).toBeGreaterThan(drawnPoints);
    // Commits that came to share a batch; a step that nothing reaches any more would count here too.
    expect(passedBy).toBeLessThanOrEqual(Math.max(1, taken.length / 20));
  });
});

function share(points: readonly CommitPoint[]): readonly CommitPoint[] {
  const random = new SeededRandom(seed);
  const always = alwaysTaken.flatMap((step) => random.pick(points.filter((point) => point.step === step)));
  return [...always, ...Array.from({ length: drawnPoints }, () => random.pick(points))];
}
