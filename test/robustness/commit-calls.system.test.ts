import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { AuditWitness } from './audit-witness.ts';
import { isFullCampaign, seedOf } from './rounds.ts';
import { SeededRandom } from './seeded-random.ts';
import { StorageStage } from './storage-stage.ts';
import { type WatchedCalls, watchCalls } from './watched-calls.ts';

const seed = seedOf();
const calls = ['pwrite64', 'fsync', 'fdatasync', 'ftruncate'] as const;

/** Just before a system call is made for the n-th time. */
interface CallPoint {
  readonly call: (typeof calls)[number];
  readonly occurrence: number;
}

interface KillGiven {
  readonly files?: WatchedCalls['files'];
  /** The write that is killed is the first after a start (false). */
  readonly isFirst?: boolean;
}

describe('the server, killed at the system calls of a commit', () => {
  let stage: StorageStage;
  let witness: AuditWitness;

  beforeEach(async () => {
    stage = await StorageStage.begin({ kilobytes: 32_000 });
    witness = new AuditWitness();
  });

  afterEach(async () => stage?.close());

  /** Creates policies until the server is no more. Resolves to how many were acknowledged. */
  const createUntilKilled = async (watched: WatchedCalls): Promise<number> => {
    const strace = await watchCalls(stage, watched);
    for (let created = 0; ; created += 1) {
      const isOver = await stage.create().then(
        ({ status }) => expect(status).toBe(201),
        () => true,
      );
      if (isOver !== true) continue;
      await eventually('the server is killed', () => !stage.server.isRunning);
      await strace.end('SIGKILL');
      return created;
    }
  };

  const recover = async (): Promise<number> => {
    await witness.look(stage.data);
    await stage.start();
    return await stage.expectWhole();
  };

  /** The calls on these files while policies are created, until there have been some. */
  const record = async (files?: WatchedCalls['files']): Promise<readonly CallPoint[]> => {
    const watched = { calls: calls.join(','), ...(files && { files }) };
    const strace = await watchCalls(stage, watched);
    const made = () => strace.log.flatMap((line) => /\] (\w+)\(/.exec(line)?.[1] ?? []);
    do await stage.expectToWrite();
    while (made().length === 0);
    await strace.end('SIGINT');
    const counts = new Map<string, number>();
    return made().map((name) => {
      const call = calls.find((known) => known === name);
      if (call === undefined) throw new Error(`strace told of ${name}`);
      const occurrence = (counts.get(call) ?? 0) + 1;
      counts.set(call, occurrence);
      return { call, occurrence };
    });
  };

  const killAtEach = async (what: string, points: readonly CallPoint[], given: KillGiven = {}) => {
    const { files, isFirst = false } = given;
    const taken = isFullCampaign() ? points : [new SeededRandom(seed).pick(points)];
    let kept = 0;
    for (const { call, occurrence } of taken) {
      if (!isFirst) await stage.expectToWrite();
      const fate = `signal=SIGKILL:when=${occurrence}`;
      await createUntilKilled({ calls: call, fate, ...(files && { files }) });
      kept += await recover();
    }
    await stage.expectToWrite();
    console.info(
      `system calls of ${what}: killed at ${taken.length} of ${points.length}; of the writes that were not answered ${kept} are there; nothing acknowledged lost, audit log whole each time; seed ${seed}`,
    );
    // What was written and only not yet synced survives the process, if not the machine.
    if (taken.length === points.length) expect(kept).toBeGreaterThan(0);
  };

  it('loses nothing acknowledged, at any of them', { timeout: 600_000 }, async () => {
    const points = await record();
    expect(points.map(({ call }) => call)).toContain('fsync');
    await killAtEach('a commit', points);
  });

  // Each kill takes a server, or a hundred policies, before it.
  describe.runIf(isFullCampaign())('in the full run', () => {
    it('nor in the first commit after a start, which begins the log anew', { timeout: 600_000 }, async () => {
      await stage.killAndStart();
      const points = await record();
      expect(points.filter(({ call }) => call === 'fsync').length).toBeGreaterThan(1);
      await stage.killAndStart();
      await killAtEach('the first commit', points, { isFirst: true });
    });

    it('nor at any of those that bring the log into the database', { timeout: 1_200_000 }, async () => {
      const files = ['store.db'] as const;
      const points = await record(files);
      expect(points.length).toBeGreaterThan(1);
      await killAtEach('a checkpoint', points, { files });
    });
  });
});
