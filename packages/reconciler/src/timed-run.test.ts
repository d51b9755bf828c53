import { expect, test } from 'vitest';
import type { FinishedRun } from './reconciler-options.ts';
import { timedRun } from './timed-run.ts';

test('tells of each run what it came to, one that throws among them', async () => {
  const told: FinishedRun[] = [];
  const broken = new Error('broken on purpose');
  const run = timedRun(
    'policy',
    (finished) => told.push(finished),
    async (key: string) => {
      if (key === 'broken') throw broken;
      return key === 'late' ? 'retry' : 'done';
    },
  );
  expect([await run('good'), await run('late')]).toEqual(['done', 'retry']);
  await expect(run('broken')).rejects.toBe(broken);
  expect(told.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
    'policy done',
    'policy retry',
    'policy retry',
  ]);
  for (const { seconds } of told) expect(seconds).toBeGreaterThanOrEqual(0);
});

test('changes nothing where nobody listens', () => {
  const run = async () => 'done' as const;
  expect(timedRun('round', undefined, run)).toBe(run);
});
